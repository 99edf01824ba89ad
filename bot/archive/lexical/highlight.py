"""Shows where a text matches a query: HTML in which everything but our own ``<mark>`` is escaped."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import regex
from markupsafe import Markup, escape

from bot.archive.lexical.analysis import UNSTEMMED, terms, without_pairs
from bot.archive.lexical.folding import folded_places

EXCERPT_LENGTH = 240
"""Characters of an excerpt, about two lines of a page."""

_LONGEST_TEXT = 20_000
_MOST_TERMS = 30_000
"""Terms whose words are known, some 10 MB."""
_WORD = regex.compile(r"[\p{L}\p{N}\p{M}\u00ad\u200b-\u200f\u2060]+")
"""A word with whatever folding takes out of it."""
_ASCII_WORD = re.compile(r"[A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Highlighter:
    """Marks a query's words in any text, in whatever inflection they stand there.

    ``terms`` are stems, or words of the shared vocabulary; ``sequences`` are pairs of characters of scripts
    without spaces, ``analysers`` those whose stems ``terms`` are.
    """

    terms: frozenset[str]
    sequences: frozenset[str]
    analysers: tuple[str, ...]

    def whole(self, text: str) -> Markup:
        """The whole text, escaped, with the query's words inside ``<mark>``."""
        return _marked(text, self._spans(text))

    def excerpt(self, text: str, length: int = EXCERPT_LENGTH) -> Markup:
        """The stretch of about ``length`` characters that says most about the query, likewise."""
        text = " ".join(text[:_LONGEST_TEXT].split())
        if len(text) <= length:
            return self.whole(text)
        spans = self._spans(text)
        start, end = _word_borders(text, _best_start(text, spans, length), length)
        inside = [(a - start, b - start) for a, b in spans if a >= start and b <= end]
        before = Markup("… ") if start else Markup()
        after = Markup(" …") if end < len(text) else Markup()
        return before + _marked(text[start:end], inside) + after

    def _spans(self, text: str) -> list[tuple[int, int]]:
        """Where the query's words stand, in order and without overlaps."""
        readable = without_pairs(text)
        found = _places(readable, _seen_words(self.analysers).found_by(self.terms, set(_words(readable))))
        if self.sequences and not text.isascii():
            folded, places = folded_places(text)
            for sequence in self.sequences:
                at = folded.find(sequence)
                while at >= 0:
                    found.append((places[at], places[at + len(sequence)]))
                    at = folded.find(sequence, at + 1)
        return _merged(sorted(found))


class _SeenWords:
    """The words that texts were seen to have, by the terms that each is found by in these analysers.

    A query has few terms and its page has hundreds of words: asked this way round, a word is taken apart
    once, and not looked up again for every query. Safe from several threads, for words are added and never
    taken away: past ``_MOST_TERMS`` it begins anew.
    """

    def __init__(self, analysers: tuple[str, ...]) -> None:
        self._keys = {*analysers, UNSTEMMED}
        self._seen: tuple[set[str], dict[str, set[str]]] = (set(), {})

    def found_by(self, wanted: Iterable[str], words: set[str]) -> set[str]:
        """Those of these words that any of these terms finds."""
        known, by_term = self._seen
        if len(by_term) > _MOST_TERMS:
            known, by_term = self._seen = (set(), {})
        for word in words - known:
            for key in self._keys:
                for each in terms(word, key):
                    by_term.setdefault(each, set()).add(word)
            known.add(word)
        found: set[str] = set()
        for each in wanted:
            if each in by_term:
                found |= by_term[each] & words
        return found


@lru_cache(maxsize=4)
def _seen_words(analysers: tuple[str, ...]) -> _SeenWords:
    return _SeenWords(analysers)


def _places(text: str, words: Iterable[str]) -> list[tuple[int, int]]:
    """Where these words stand in a text, as whole words."""
    found = []
    for word in words:
        start = text.find(word)
        while start >= 0:
            end = start + len(word)
            if not (_is_part_of_word(text[start - 1 : start]) or _is_part_of_word(text[end : end + 1])):
                found.append((start, end))
            start = text.find(word, end)
    return found


def _is_part_of_word(sign: str) -> bool:
    """Whether a character, or none at an end of the text, belongs to a word."""
    return sign.isalnum() if sign.isascii() else _WORD.match(sign) is not None


def _words(text: str) -> list[str]:
    if text.isascii():
        return _ASCII_WORD.findall(text)
    # Not concurrent: the library would else give the interpreter away, and win it back, at every word.
    return _WORD.findall(text, concurrent=False)


def _merged(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _best_start(text: str, spans: Sequence[tuple[int, int]], length: int) -> int:
    """Where a window holds the most different matched words: the first such place, and some room before."""
    starts = [start for start, _ in spans]
    best, most = 0, 0
    for index, start in enumerate(starts):
        inside = spans[index : bisect_left(starts, start + length)]
        different = len({text[a:b].lower() for a, b in inside if b <= start + length})
        if different > most:
            best, most = start, different
    room = length // 4
    return min(max(0, best - room), len(text) - length)


def _word_borders(text: str, start: int, length: int) -> tuple[int, int]:
    """The window moved to spaces close by, so that no word is cut where words have spaces between them."""
    end = min(len(text), start + length)
    near = length // 6
    if start:
        space = text.find(" ", start, start + near)
        start = space + 1 if space >= 0 else start
    if end < len(text):
        space = text.rfind(" ", end - near, end)
        end = space if space >= 0 else end
    return start, end


def _marked(text: str, spans: Sequence[tuple[int, int]]) -> Markup:
    parts: list[str] = []
    at = 0
    for start, end in spans:
        parts += [escape(text[at:start]), "<mark>", escape(text[start:end]), "</mark>"]
        at = end
    return Markup("".join([*parts, escape(text[at:])]))  # noqa: S704 - escaped piece by piece just above
