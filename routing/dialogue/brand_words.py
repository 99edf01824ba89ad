"""What is said about the brand without addressing it: which of the house's words a post holds."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Self

from routing.model.entities import normalise, without_links_and_handles

_WITHOUT_SPACES = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3040, 0x30FF),
    (0x3400, 0x9FFF),
    (0xAC00, 0xD7AF),
)
"""Letters of scripts that write words without spaces, or join endings to them (Thai, Lao, Burmese, Khmer,
Japanese, Chinese, Korean): there a word may stand inside a longer run of letters."""


@dataclass(frozen=True, slots=True)
class BrandWord:
    """A word or phrase that is listened for, as the people in charge set it.

    ``languages`` are ISO 639-1 codes and ``platforms`` names, both empty for any; a post that holds one of
    the words ``without`` is left alone.
    """

    id: int
    text: str
    languages: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()

    def is_for(self, platform: str) -> bool:
        """Whether it is listened for there."""
        return not self.platforms or platform in self.platforms

    @property
    def hashtag(self) -> str:
        """How people write it behind a ``#``: without what stands between its words."""
        return "".join(filter(str.isalnum, normalise(self.text)))


@dataclass(frozen=True, slots=True)
class BrandWords:
    """All words that are listened for."""

    all: tuple[BrandWord, ...] = ()
    _held: dict[str, tuple[BrandWord, ...]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, words: Iterable[BrandWord]) -> Self:
        """These words."""
        return cls(tuple(words))

    def on(self, platform: str) -> tuple[BrandWord, ...]:
        """Those that are listened for on a platform."""
        if platform not in self._held:
            self._held[platform] = tuple(one for one in self.all if one.is_for(platform))
        return self._held[platform]

    def found_in(self, platform: str, text: str, tags: Sequence[str], language: str | None) -> list[int]:
        """The ids of the words that a post of this platform holds.

        Links and handles do not count, for they name sites and accounts. A post whose language nobody can
        tell passes for any.
        """
        wanted = self.on(platform)
        if not wanted:
            return []
        plain = normalise(without_links_and_handles(text))
        known = frozenset(normalise(tag).lstrip("#") for tag in tags)
        code = (language or "").partition("-")[0].lower()
        return [one.id for one in wanted if _holds(one, plain, known, code)]


def _holds(word: BrandWord, plain: str, tags: frozenset[str], language: str) -> bool:
    if word.languages and language and language not in word.languages:
        return False
    if word.hashtag not in tags and not is_in(word.text, plain):
        return False
    return not any(is_in(one, plain) for one in word.without)


def is_in(word: str, plain: str) -> bool:
    """Whether a normalised text holds a word or phrase as such, and not as a part of other words."""
    return _pattern(word).search(plain) is not None


@lru_cache(maxsize=1024)
def _pattern(word: str) -> "re.Pattern[str]":
    parts = normalise(word).split()
    if not parts:
        return re.compile(r"(?!)")
    front = "" if _joins(parts[0][0]) else r"(?<![^\W_])"
    behind = "" if _joins(parts[-1][-1]) else r"(?![^\W_])"
    return re.compile(front + r"\s+".join(map(re.escape, parts)) + behind)


def _joins(letter: str) -> bool:
    return any(first <= ord(letter) <= last for first, last in _WITHOUT_SPACES)
