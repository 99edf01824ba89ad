"""How Bluesky counts: the lexicon of ``app.bsky.feed.post`` (pure)."""

from dataclasses import dataclass
from typing import ClassVar

from bot.text.lengths import graphemes
from bot.text.links import cut_short


@dataclass(frozen=True, slots=True)
class BlueskyLength:
    """At most 300 grapheme clusters and at most 3,000 bytes of UTF-8.

    An address that would hardly leave place for anything else is shown cut short; its link leads to it all.
    """

    most_cashtags: ClassVar[int | None] = None
    links_file_names: ClassVar[bool] = False

    max_graphemes: int = 300
    max_bytes: int = 3000
    longest_address: int = 240
    shown_of_longer: int = 60

    def shown(self, text: str) -> tuple[str, dict[int, tuple[int, str]]]:
        """The text as it is posted, and the addresses that it shows cut short; see ``cut_short``."""
        return cut_short(text, self.longest_address, self.shown_of_longer)

    def length(self, text: str) -> int:
        """The number of grapheme clusters."""
        return graphemes(self.shown(text)[0])

    def fits(self, text: str) -> bool:
        """Whether both limits hold."""
        text, _ = self.shown(text)
        size = len(text.encode("utf-8", "surrogatepass"))
        return bool(text.strip()) and size <= self.max_bytes and graphemes(text) <= self.max_graphemes
