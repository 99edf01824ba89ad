"""The addresses of pages: ours, those a sign-in may lead to, and those of others that may be linked to."""

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote, urlencode, urlsplit

from bot.text.display import slug


@lru_cache(maxsize=10_000)
def entry_path(entry_id: int, title: str) -> str:
    """The path of an entry's page: ``/q/123-how-do-i``."""
    words = slug(title)
    return f"/q/{entry_id}-{quote(words)}" if words else f"/q/{entry_id}"


def query_of(parts: Mapping[str, str]) -> str:
    """What stands behind the ``?`` of an address: the parts that say something."""
    return urlencode({name: value for name, value in parts.items() if value})


def tidied(part: str) -> str:
    """A part of an address as it is meant: without blanks around it, and without NUL (no column holds it)."""
    return part.replace("\0", "").strip()


_BEHIND_A_SIGN_IN = re.compile(r"/(?:desk|admin)(?:[/?#][^\\\s\x00-\x1f\x7f]*)?")
_LONGEST_WAY = 2000


def behind_a_sign_in(address: str) -> str:
    """The address, where it is one of our own pages at the desk or for people in charge; else nothing."""
    fits = len(address) <= _LONGEST_WAY and _BEHIND_A_SIGN_IN.fullmatch(address)
    return address if fits else ""


BOARD = "/admin/board"
"""Where everything is that waits for a person."""


def on_board(address: str) -> str:
    """The address, where it is a page of the board; else nothing."""
    is_ours = address == BOARD or address.startswith(f"{BOARD}?")
    return address if is_ours and address.isascii() and address.isprintable() else ""


def with_return_path(page: str, wanted: str) -> str:
    """The address of a page that leads on to the wanted one: ``/sign-in?to=/desk/open``."""
    wanted = behind_a_sign_in(wanted)
    return f"{page}?to={quote(wanted)}" if wanted else page


def is_web(address: str | None) -> bool:
    """Whether an address that came from outside may become a link: http(s) only."""
    try:
        parts = urlsplit(address or "")
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
