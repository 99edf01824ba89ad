"""How X counts: twitter-text version 3 (https://docs.x.com/fundamentals/counting-characters), pure.

Checked against the official conformance cases.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import ClassVar

import regex

from bot.text.domains import COUNTRY_DOMAINS
from bot.text.twitter_text import x_addresses

X_LIMIT = 280
X_URL_LENGTH = 23


# -- emoji, each counted as one -----------------------------------------------------------------------------

# Domains that are no region of ISO 3166, and regions that have a flag but no domain.
_REGIONS = (COUNTRY_DOMAINS - {"uk", "su", "tp", "an"}) | {"gb", "un", "xk", "cp", "dg", "ea", "ic", "ta"}
_TONE = r"[\U0001F3FB-\U0001F3FF]"
_PERSON = rf"[\U0001F468\U0001F469\U0001F9D1]{_TONE}?"
# The joined sequences that Unicode 15 recommends; others count as the several emoji they are drawn as.
_JOINED = rf"""
    {_PERSON}\u200D(?:\u2764\uFE0F?\u200D(?:\U0001F48B\u200D)?|\U0001F91D\u200D){_PERSON}
  | [\U0001F468\U0001F469](?:\u200D[\U0001F468\U0001F469])?(?:\u200D[\U0001F466\U0001F467]){{1,2}}
  | {_PERSON}\u200D(?:[\u2695\u2696\u2708]\uFE0F?
      | [\U0001F33E\U0001F373\U0001F37C\U0001F384\U0001F393\U0001F3A4\U0001F3A8\U0001F3EB\U0001F3ED\U0001F4BB
         \U0001F4BC\U0001F527\U0001F52C\U0001F680\U0001F692\U0001F9AF\U0001F9BC\U0001F9BD\U0001F9B0-\U0001F9B3])
  | [\p{{Emoji_Modifier_Base}}\U0001F46F\U0001F93C\U0001F9DE\U0001F9DF](?:{_TONE}|\uFE0F)?
      \u200D[\u2640\u2642]\uFE0F?
  | \U0001FAF1{_TONE}\u200D\U0001FAF2{_TONE}
  | \U0001F3F3\uFE0F?\u200D(?:\U0001F308|\u26A7\uFE0F?) | \U0001F3F4\u200D\u2620\uFE0F?
  | \u2764\uFE0F?\u200D[\U0001F525\U0001FA79] | \U0001F441\uFE0F?\u200D\U0001F5E8\uFE0F?
  | \U0001F415\u200D\U0001F9BA | [\U0001F408\U0001F426]\u200D\u2B1B | \U0001F43B\u200D\u2744\uFE0F?
  | \U0001F62E\u200D\U0001F4A8 | \U0001F635\u200D\U0001F4AB | \U0001F636\u200D\U0001F32B\uFE0F?
"""
_EMOJI = regex.compile(
    rf"""
    {_JOINED}
  | (?<flag>[\U0001F1E6-\U0001F1FF]{{2}})
  | \U0001F3F4\U000E0067\U000E0062(?:\U000E0065\U000E006E\U000E0067|\U000E0073\U000E0063\U000E0074
      |\U000E0077\U000E006C\U000E0073)\U000E007F
  | [0-9#*]\uFE0F?\u20E3
  | \p{{Emoji_Modifier_Base}}{_TONE}
  | [\p{{Emoji}}--[0-9#*]]\uFE0F?
    """,
    regex.VERBOSE | regex.VERSION1,
)
_LIGHT = regex.compile(r"[\u0000-\u10FF\u2000-\u200D\u2010-\u201F\u2032-\u2037]")
_INVALID_FOR_X = re.compile(r"[\uFFFE\uFEFF\uFFFF\uD800-\uDFFF]")


def _is_emoji(match: "regex.Match[str]") -> bool:
    if match["flag"] is None:
        return True
    letters = "".join(chr(ord(symbol) - 0x1F1E6 + ord("a")) for symbol in match["flag"])
    return letters in _REGIONS


@dataclass(frozen=True, slots=True)
class XLength:
    """X's weighted length: 1 for Latin and its neighbours, 2 for the rest and per emoji, 23 per address.

    ``emoji_as_one=False`` counts by version 2 of the rules, every code point of an emoji by itself.
    """

    most_cashtags: ClassVar[int | None] = 1
    links_file_names: ClassVar[bool] = True

    limit: int = X_LIMIT
    emoji_as_one: bool = True

    def length(self, text: str) -> int:
        """The weighted length of ``text``, in X's characters."""
        text = re.sub(r"\r\n?", "\n", unicodedata.normalize("NFC", text))
        total, position = 0, 0
        for start, end in x_addresses(text):
            total += self._weight(text[position:start]) + X_URL_LENGTH
            position = end
        return total + self._weight(text[position:])

    def fits(self, text: str) -> bool:
        """Whether X takes it: not empty, not above the limit, no character that X refuses."""
        return not _INVALID_FOR_X.search(text) and 0 < self.length(text) <= self.limit

    def _weight(self, text: str) -> int:
        emoji = 0
        if self.emoji_as_one and not text.isascii():
            found = [match for match in _EMOJI.finditer(text) if _is_emoji(match)]
            emoji = 2 * len(found)
            for match in reversed(found):
                text = text[: match.start()] + text[match.end() :]
        return emoji + 2 * len(text) - len(_LIGHT.findall(text))
