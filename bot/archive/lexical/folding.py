"""One spelling for what people write in several ways: widths, vowel points, variants of letters, digits.

Nobody types the points of Hebrew or Arabic into a search box, Persian and Arabic keyboards have each a yeh
and a kaf of their own, and an entry's digits may be Arabic ones. Documents and queries are folded before
anything else is done with them. Accents of Latin letters stay, for stemmers need them; they go after that.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

import regex

ZERO_WIDTH_JOINT: Final = "\u200c"
"""Parts a Persian word without a gap: ``می‌شود``, also written ``میشود`` and ``می شود``."""

_DIGITS: Final = (
    *(0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6),
    *(0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810),
)
"""The zero of each script that has digits of its own; nine follow."""

_OPTIONAL_MARKS: Final = (
    *(
        (0x0300, 0x036F),
        (0x1AB0, 0x1AFF),
        (0x1DC0, 0x1DFF),
        (0x20D0, 0x20FF),
        (0xFE20, 0xFE2F),
    ),
    *((0x0591, 0x05BD), (0x05BF, 0x05BF), (0x05C1, 0x05C2), (0x05C4, 0x05C5), (0x05C7, 0x05C7)),
    *((0x0610, 0x061A), (0x0640, 0x0640), (0x064B, 0x065F), (0x0670, 0x0670), (0x06D6, 0x06DC)),
    *((0x06DF, 0x06E8), (0x06EA, 0x06ED), (0x08D3, 0x08E1), (0x08E3, 0x08FF), (0x0730, 0x074A)),
    *((0x093C, 0x093C), (0x09BC, 0x09BC), (0x0A3C, 0x0A3C), (0x0ABC, 0x0ABC), (0x0B3C, 0x0B3C)),
)
"""First and last of each range: accents that NFKC leaves alone, the points of Hebrew, the marks and the
tatweel of Arabic and Syriac, the nukta of the scripts of India."""

_INVISIBLE: Final = (
    "\u00ad\u034f\u061c\u200b\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff"
    + "".join(map(chr, (*range(0x202A, 0x202F), *range(0x2060, 0x2070))))
)
_VARIANTS: Final = {
    "آأإٱ": "ا",
    "ىیےېۍئ": "ي",
    "ک": "ك",
    "ةۀہھە": "ه",
    "ؤ": "و",
    "ѐё": "е",
    "ЀЁ": "Е",
    "ѝ": "и",
    "ς": "σ",
    "İ": "i",
}
_TURKISH: Final = str.maketrans({"I": "ı"})
_GERMAN_DIGRAPH: Final = re.compile(r"[aoAO][eE]|(?<![aeqAEQ])[uU][eE]")
_UMLAUTS: Final = {"a": "ä", "o": "ö", "u": "ü"}


def _table() -> dict[int, str | None]:
    table: dict[int, str | None] = {ord(sign): None for sign in _INVISIBLE}
    for first, last in _OPTIONAL_MARKS:
        table.update(dict.fromkeys(range(first, last + 1)))
    for zero in _DIGITS:
        table.update({zero + digit: str(digit) for digit in range(10)})
    for number in (*range(0x0386, 0x03CF), *range(0x1F00, 0x2000)):  # Greek letters without their accents
        plain = unicodedata.normalize("NFD", chr(number))[0]
        if plain != chr(number) and plain.isalpha():
            table[number] = plain
    table.update({ord(variant): letter for variants, letter in _VARIANTS.items() for variant in variants})
    return table


_TABLE: Final = _table()
_TO_FOLD: Final = re.compile("[" + "".join(map(chr, sorted(_TABLE))) + "]")


def fold(text: str) -> str:
    """One form per character (NFKC), without optional marks and hidden characters, variants as one letter."""
    if text.isascii():
        return text
    composed = unicodedata.normalize("NFKC", text)
    # Looking first takes a third of the time of translating a text in which there is nothing to fold.
    return composed.translate(_TABLE) if _TO_FOLD.search(composed) else composed


def turkish(folded: str) -> str:
    """With the capital of ``ı`` as that: in Turkish ``I`` and ``İ`` are two letters."""
    return folded.translate(_TURKISH)


def with_umlauts(folded: str) -> str:
    """A German word with ``ä``, ``ö`` and ``ü`` where it may have them as ``ae``, ``oe`` and ``ue``."""
    return _GERMAN_DIGRAPH.sub(lambda pair: _UMLAUTS[pair.group()[0].lower()], folded)


def folded_places(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters (and its end) the place in ``text`` it came from."""
    pieces: list[str] = []
    places: list[int] = []
    for start, cluster in _clusters(text):
        pieces.append(fold(cluster))
        places += [start] * len(pieces[-1])
    return "".join(pieces), [*places, len(text)]


def _clusters(text: str) -> Iterator[tuple[int, str]]:
    """Characters with the marks that belong to them: what NFKC composes lies within one."""
    for match in regex.finditer(r"\X", text):
        yield match.start(), match.group()
