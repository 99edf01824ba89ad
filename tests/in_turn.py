"""Which tests of pages run on which database: they take turns, for most of such a test is no statement.

What is about the database itself - the store, what is decided, the steps, who comes second at a row, and each
page and each deed by every role - runs on both. ``pytest --both`` runs everything on both.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from zlib import crc32

PAGES = ("tests/app/admin/", "tests/app/desk/", "tests/app/local/", "tests/app/public/", "tests/app/web/")
"""Where tests of pages are."""
_RACES = "races"
_BOTH = {"sqlite", "postgresql"}


def left_out(items: Iterable[Any]) -> list[Any]:
    """Of each pair of a page's test on both databases the one whose turn it is not: always the same one."""
    pairs: dict[str, dict[str, Any]] = defaultdict(dict)
    for item in items:
        database = _database(item)
        if database in _BOTH and item.nodeid.startswith(PAGES) and _RACES not in item.nodeid:
            pairs[item.nodeid.replace(database, "")][database] = item
    return [_late(name, pair) for name, pair in pairs.items() if pair.keys() == _BOTH]


def _database(item: Any) -> str:
    given = getattr(item, "callspec", None)
    return str(given.params.get("database_url", "")) if given is not None else ""


def _late(name: str, pair: dict[str, Any]) -> Any:
    turn = crc32(name.encode()) % 2
    return pair["postgresql" if turn else "sqlite"]
