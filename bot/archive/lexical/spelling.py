"""Words near a typed one: what it is the beginning of, and what it is one slip of the keys away from."""

from collections.abc import Iterator
from typing import Final

import tantivy

from bot.archive.lexical.schema import WORDS

MOST_COMPLETIONS: Final = 8
MOST_RESPELLINGS: Final = 4
_SHORTEST_BEGINNING: Final = 2
_SHORTEST_RESPELT: Final = 4
_LONGEST_RESPELT: Final = 24

_ALPHABETS: Final = (
    "abcdefghijklmnopqrstuvwxyz",
    "абвгдежзийклмнопрстуфхцчшщъыьэюяіїєґ",
    "αβγδεζηθικλμνξοπρστυφχψω",
    "אבגדהוזחטיכךלמםנןסעפףצץקרשת",
    "ابتثجحخدذرزسشصضطظعغفقكلمنهويپچژگ",
)


def completions(searcher: tantivy.Searcher, beginning: str) -> list[str]:
    """The most frequent words that begin so, the word itself not among them."""
    if len(beginning) < _SHORTEST_BEGINNING:
        return []
    found = searcher.terms_with_prefix(WORDS, beginning, limit=MOST_COMPLETIONS + 1)
    return [word for word, _ in found if word != beginning][:MOST_COMPLETIONS]


def respellings(searcher: tantivy.Searcher, word: str) -> list[str]:
    """Words of the archive one slip of the keys away, the most frequent first.

    A slip is a letter too many, missing or wrong, or two swapped. Every possible one is looked up (as
    in Norvig's spelling corrector): some 300 of a short word. Words with a digit are left alone, for their
    neighbours are other things, not other spellings.

    Args:
        searcher: The index's present state.
        word: In lower case, without accents.
    """
    if not _SHORTEST_RESPELT <= len(word) <= _LONGEST_RESPELT or not word.isalpha():
        return []
    found = [(searcher.doc_freq(WORDS, other), other) for other in set(_one_slip_away(word))]
    known = sorted((-count, other) for count, other in found if count and other != word)
    return [other for _, other in known[:MOST_RESPELLINGS]]


def _one_slip_away(word: str) -> Iterator[str]:
    alphabet = next((each for each in _ALPHABETS if word[0] in each), "")
    for cut in range(len(word) + 1):
        head, tail = word[:cut], word[cut:]
        for letter in alphabet:
            yield head + letter + tail
            if tail:
                yield head + letter + tail[1:]
        if tail:
            yield head + tail[1:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
