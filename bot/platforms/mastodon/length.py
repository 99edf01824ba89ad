"""How servers that speak Mastodon's API count: ``StatusLengthValidator`` of Mastodon (pure)."""

from dataclasses import dataclass
from typing import ClassVar

import regex

from bot.text.lengths import graphemes
from bot.text.twitter_text import addresses, path_grammar

MASTODON_LIMIT = 500
MASTODON_URL_LENGTH = 23
"""Mastodon's own values, used until a server has told its."""

_PATH = path_grammar(
    r"[^\s<>()?]",
    r"""[^\s()?!*"'「」<>;:=,.$%\[\]~&|@]""",
    r"[a-z0-9!?*'();:&=+$/%#\[\]\-_.,~|@^\u00A0-\U0010FFFD]",
    r"[a-z0-9_&=#/\-\u00A0-\U0010FFFD]",
)
_MENTION = regex.compile(
    r"(?<![=/\w])(@[a-z0-9_]+(?:[a-z0-9_.-]+[a-z0-9_]+)?)@\w+(?:[.-]+\w+)*", regex.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class MastodonLength:
    """Grapheme clusters; an http(s) address counts as reserved, ``@user@host`` as ``@user``.

    Both figures come from the server (``/api/v2/instance``, ``configuration.statuses``). Servers that count
    addresses in full (GoToSocial) have ``characters_reserved_per_url=None``; they count code points.
    """

    most_cashtags: ClassVar[int | None] = None
    links_file_names: ClassVar[bool] = False

    max_characters: int = MASTODON_LIMIT
    characters_reserved_per_url: int | None = MASTODON_URL_LENGTH

    def length(self, text: str) -> int:
        """The length of ``text`` as the server counts it."""
        if self.characters_reserved_per_url is None:
            return len(text)
        total, position, pieces = 0, 0, []
        for start, end in addresses(text, _PATH, bare=False):
            pieces.append(text[position:start])
            total += self.characters_reserved_per_url
            position = end
        pieces.append(text[position:])
        return total + sum(graphemes(_MENTION.sub(r"\1", piece)) for piece in pieces)

    def fits(self, text: str) -> bool:
        """Whether the server takes a post of this text."""
        return bool(text.strip()) and self.length(text) <= self.max_characters
