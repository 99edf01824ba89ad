"""How the length of a post is counted; platforms with a way of their own have it in their folders (pure)."""

from dataclasses import dataclass
from typing import ClassVar, Protocol

from bot.text.characters import GRAPHEME


class Measure(Protocol):
    """How a platform counts the length of a text, and what else it takes a text for."""

    @property
    def most_cashtags(self) -> int | None:
        """How many different ``$NAME`` a post may hold; None for any number."""

    @property
    def links_file_names(self) -> bool:
        """Whether it makes a link of ``readme.md``, because .md is a country's domain."""

    def length(self, text: str) -> int:
        """The length of ``text`` in the platform's own units."""

    def fits(self, text: str) -> bool:
        """Whether the platform accepts a post of this text."""


@dataclass(frozen=True, slots=True)
class PlainLength:
    """At most ``limit`` grapheme clusters: the local and the generic feed."""

    most_cashtags: ClassVar[int | None] = None
    links_file_names: ClassVar[bool] = False

    limit: int

    def length(self, text: str) -> int:
        """The number of grapheme clusters."""
        return graphemes(text)

    def fits(self, text: str) -> bool:
        """Whether the text is there and not too long."""
        return bool(text.strip()) and graphemes(text) <= self.limit


def graphemes(text: str) -> int:
    """How many characters a reader sees (extended grapheme clusters, Unicode Annex 29)."""
    return len(text) if text.isascii() and "\r" not in text else len(GRAPHEME.findall(text))
