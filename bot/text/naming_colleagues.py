"""Whom a text between colleagues means by ``@``: ``@Jane Doe``, ``@jane@example.com``, or ``@Jane``."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_AT = re.compile(r"(?<![\w@.])@(?=\w)")
_MOST_WORDS = 6
"""Of so many words a name may be made."""
_AFTER_NAMES = ".,;:!?…)]}\"'”’»"
_BETWEEN = str.maketrans(dict.fromkeys("。、，！？：；", " "))
"""What parts words where no blank does."""


@dataclass(frozen=True, slots=True)
class KnownColleague:
    """Somebody who may be named."""

    id: int
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Named:
    """What stands behind an ``@``, in the text's own letters, and whom that may mean."""

    words: str
    ids: tuple[int, ...]


def named_in(text: str, everybody: Iterable[KnownColleague]) -> list[Named]:
    """Who is named in a text, in its order: by address or whole name, else by the first name.

    What names nobody is left out: it may be a customer's handle.
    """
    whole: dict[str, list[int]] = defaultdict(list)
    first: dict[str, list[int]] = defaultdict(list)
    for one in everybody:
        for called in dict.fromkeys((_folded(one.name), one.email.casefold())):
            whole[called].append(one.id)
        first[_folded(one.name).partition(" ")[0]].append(one.id)
    return [found for at in _AT.finditer(text) if (found := _named(text[at.end() :], whole, first))]


def _named(rest: str, whole: dict[str, list[int]], first: dict[str, list[int]]) -> Named | None:
    for words in _beginnings(rest):
        if ids := whole.get(_folded(words)):
            return Named(words, tuple(ids))
    for words in _beginnings(rest.translate(_BETWEEN).split(maxsplit=1)[0]):
        if ids := first.get(_folded(words)):
            return Named(words, tuple(ids))
    return None


def _beginnings(rest: str) -> Iterator[str]:
    """What a name may be that stands there, the longest first."""
    words: Sequence[str] = rest.splitlines()[0].translate(_BETWEEN).split()[:_MOST_WORDS]
    for number in range(len(words), 0, -1):
        said = " ".join(words[:number])
        yield said
        bare = said.rstrip(_AFTER_NAMES)
        if bare != said:
            yield bare


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
