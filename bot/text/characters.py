"""Which characters a text may carry to where people read it: no controls, overrides or hidden ones.

Everything that makes a text look other than it is goes: control characters, bidirectional overrides and
isolates, invisible characters, heaps of combining marks. What writing needs stays: joiners inside emoji and
in the scripts that use them, variation selectors, direction marks in right-to-left text.
"""

import re
import unicodedata

import regex

MAX_MARKS = 4
"""Combining marks kept on one letter: more than orthographies stack (Vietnamese 2, Hebrew 3, Tibetan 4)."""

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""What no single line of text holds: control characters, line ends, halves of characters."""
GRAPHEME = regex.compile(r"\X")
"""What a reader takes for one character."""
MARKS = re.compile(r"[@＠#＃$^]")
"""With these a platform, or the brand, begins a handle, a tag, a cashtag or a credit."""
_BREAKS = regex.compile(r"\r\n?|[\u0085\u2028\u2029\u000b\u000c]")
_CONTROLS = regex.compile(r"[\p{Cc}\p{Cs}\p{Cn}\uFFF9-\uFFFB--[\t\n]]", regex.VERSION1)
_BIDI_CONTROLS = regex.compile(r"[\u202A-\u202E\u2066-\u2069]")
_DIRECTION_MARKS = regex.compile(r"[\u200E\u200F\u061C]")
_RIGHT_TO_LEFT = regex.compile(r"[[\p{bc=R}\p{bc=AL}]--[\u200F\u061C]]", regex.VERSION1)
# Invisible in themselves; U+2060 and friends serve to hide things rather than to write.
_INVISIBLE = regex.compile(
    r"[\u00AD\u034F\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B\u2060-\u2065\u206A-\u206F\u3164\uFEFF\uFFA0]"
)
_JOINER_SCRIPTS = (
    r"\p{Arabic}\p{Syriac}\p{Mongolian}\p{Devanagari}\p{Bengali}\p{Gurmukhi}\p{Gujarati}\p{Oriya}\p{Tamil}"
    r"\p{Telugu}\p{Kannada}\p{Malayalam}\p{Sinhala}\p{Khmer}\p{Myanmar}\p{Tibetan}"
)
# ZWNJ and ZWJ where a script writes with them, ZWJ between two emoji; anywhere else they only hide.
_LOOSE_JOINER = regex.compile(
    rf"(?<![{_JOINER_SCRIPTS}]\p{{M}}*)[\u200C\u200D]"
    r"(?<!(?:\p{Extended_Pictographic}|\p{Emoji_Modifier})\uFE0F?\u200D(?=\p{Extended_Pictographic}))"
)
_LOOSE_SELECTOR = regex.compile(
    r"(?<![\p{Extended_Pictographic}0-9#*\p{Han}\p{S}\p{P}])[\uFE00-\uFE0F\U000E0100-\U000E01EF]"
)
# The tag characters of a subdivision flag (England, Scotland, Wales) end in a cancel tag.
_TAGS = regex.compile(r"(?<flag>\U0001F3F4[\U000E0030-\U000E007A]{1,6}\U000E007F)|[\U000E0000-\U000E007F]")
_MARKS = regex.compile(rf"(\p{{M}}{{{MAX_MARKS}}})\p{{M}}+")
_ENCLOSING = regex.compile(r"(?<![0-9#*]\uFE0F?)\p{Me}")


def clean(text: str) -> str:
    """The text without anything that hides, reorders or overflows, in Unicode's composed form (NFC).

    Line ends become a line feed, tabs a space. Cleaning a clean text changes nothing.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _CONTROLS.sub("", _BREAKS.sub("\n", text)).replace("\t", " ")
    text = _INVISIBLE.sub("", _BIDI_CONTROLS.sub("", text))
    if not _RIGHT_TO_LEFT.search(text):
        text = _DIRECTION_MARKS.sub("", text)
    text = _TAGS.sub(lambda tag: tag["flag"] or "", text)
    text = _LOOSE_SELECTOR.sub("", _LOOSE_JOINER.sub("", text))
    text = unicodedata.normalize("NFC", _ENCLOSING.sub("", text))
    return _MARKS.sub(r"\1", text)
