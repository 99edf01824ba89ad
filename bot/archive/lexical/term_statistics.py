"""How often words occur, in the archive and in each of its languages, and how much they tell by that."""

from collections.abc import Mapping
from math import log1p
from typing import Final

import tantivy

from bot.archive.lexical.schema import PAIRS
from bot.archive.lexical.spelling import respellings

_IMAGINED: Final = 10
"""Entries that every language is taken to have besides its own: a word in two of three is not yet common."""

_RESPELT_KEPT: Final = 10_000

_FREQUENCIES_KEPT: Final = 50_000


class TermStatistics:
    """What one state of the index holds: in which analysers' terms, and the document frequency of terms.

    ``sizes`` has the number of entries of each analyser in use.
    """

    def __init__(self, searcher: tantivy.Searcher, sizes: Mapping[str, int]) -> None:
        self.searcher = searcher
        self.sizes = sizes
        self.analysers = tuple(key for key in sizes if key != PAIRS)
        self.size = searcher.num_docs
        self._corrections: dict[str, list[str]] = {}
        self._frequencies: dict[tuple[str, str], int] = {}

    def frequency(self, field: str, text: str) -> int:
        """In how many entries a term occurs in this field."""
        found = self._frequencies.get((field, text))
        if found is None:
            if len(self._frequencies) >= _FREQUENCIES_KEPT:
                self._frequencies.clear()
            found = self._frequencies[field, text] = self.searcher.doc_freq(field, text)
        return found

    def idf(self, frequency: int) -> float:
        """BM25's idf as Tantivy computes it: ln(1 + (N - n + 0.5) / (n + 0.5))."""
        return _idf(self.size, frequency)

    def specificity(self, key: str, frequency: int) -> float:
        """How much a word tells within one language, on the scale of ``idf``.

        By the whole archive's numbers every word of a language with few entries would be a rare one, and by
        its own numbers none.
        """
        entries = self.sizes.get(key, 0) + _IMAGINED
        return self.idf(1) * _idf(entries, min(frequency, entries)) / _idf(entries, 1)

    def corrections(self, word: str) -> list[str]:
        """The words of the archive one slip of the keys away, the most frequent first."""
        if word not in self._corrections:
            if len(self._corrections) >= _RESPELT_KEPT:
                self._corrections.clear()
            self._corrections[word] = respellings(self.searcher, word) if self.size else []
        return self._corrections[word]


def _idf(entries: int, frequency: int) -> float:
    return log1p((entries - frequency + 0.5) / (frequency + 0.5))
