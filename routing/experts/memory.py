"""The questions of the past: their words, topics, answerers and vectors; and which are like a new one."""

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from routing.experts.columns import Column, Floats, Ids, Links
from routing.experts.evidence import Vector
from routing.experts.sparse import Sparse, added_up

_SATURATION = 1.2
_LENGTH_SHARE = 0.5
_QUANTUM = 80.0
"""Steps per unit of a stored word weight; weights stay below 2.2, so that a byte holds them."""
_LONGEST_LIST = 3000
"""Occurrences of a word that are looked at, the latest first: more of a common word tells nothing."""


class Memory:
    """Past questions by position ("place"), found by their words (BM25) or by their vectors."""

    def __init__(self, vectors_kept: int = 20_000) -> None:
        self.answerers = Links()
        self.filed = Links()
        self.words = Vocabulary()
        self.topics = Vocabulary()
        self.length_sum = 0.0
        self.places: list[array[int]] = []
        self.strengths: list[array[int]] = []
        self.ids = Column("int64")
        self.vectors = Vectors(vectors_kept)
        self.stragglers: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.ids)

    def place(self, question_id: int) -> int | None:
        """Where a question is kept; None if it is new."""
        ids = self.ids.values
        found = self.stragglers.get(question_id)
        if found is not None or not len(ids):
            return found
        place = int(np.searchsorted(ids, question_id))
        return place if place < len(ids) and ids[place] == question_id else None

    def keep(self, question_id: int, tokens: Sequence[str], vector: Vector | None) -> tuple[int, list[int]]:
        """Take in a new question; returns its place and its distinct words' numbers."""
        place = len(self.ids)
        self._name(question_id)
        counts = Counter(tokens)
        self.length_sum += len(tokens)
        relative = len(tokens) / max(self.length_sum / (place + 1), 1.0)
        norm = _SATURATION * (1 - _LENGTH_SHARE + _LENGTH_SHARE * relative)
        words = [self.words.number(word) for word in counts]
        for word, count in zip(words, counts.values(), strict=True):
            while len(self.places) <= word:
                self.places.append(array("i"))
                self.strengths.append(array("B"))
            self.places[word].append(place)
            strength = count * (_SATURATION + 1) / (count + norm)
            self.strengths[word].append(min(255, max(1, round(strength * _QUANTUM))))
        if vector is not None:
            self.vectors.keep(place, vector)
        return place, words

    def rarest(self, words: Sequence[int], occurrences: int) -> list[int]:
        """The rarer ones of some words, up to so many occurrences together; at least one."""
        chosen: list[int] = []
        for word in sorted(words, key=lambda word: (len(self.places[word]), word)):
            occurrences -= min(len(self.places[word]), _LONGEST_LIST)
            if chosen and occurrences < 0:
                break
            chosen.append(word)
        return chosen

    def rarity(self, words: Ids) -> Floats:
        """The inverse document frequency of words, as in BM25."""
        found = np.array([len(self.places[word]) for word in words], dtype=np.float64)
        return np.asarray(np.log(1 + (len(self) - found + 0.5) / (found + 0.5)), dtype=np.float64)

    def similar(self, words: Ids, occurs: Sparse) -> Iterator[tuple[Ids, Floats]]:
        """How like each query past questions are by words: their places and BM25 scores, query by query.

        ``occurs`` has a row for each query and a column for each of ``words``.
        """
        rarity = self.rarity(words) / _QUANTUM
        lists = [np.frombuffer(self.places[word], np.int32)[-_LONGEST_LIST:] for word in words]
        scores = [
            np.frombuffer(self.strengths[word], np.uint8)[-_LONGEST_LIST:] * weight
            for word, weight in zip(words, rarity, strict=True)
        ]
        for row in range(len(occurs)):
            columns = occurs.row(row)[0].tolist()
            if columns:
                yield added_up(
                    np.concatenate([lists[column] for column in columns]),
                    np.concatenate([scores[column] for column in columns]),
                    len(self),
                )
            else:
                yield added_up(np.empty(0, np.int64), np.empty(0), 0)

    def _name(self, question_id: int) -> None:
        ids = self.ids.values
        if len(ids) and question_id <= ids[-1]:
            self.stragglers[question_id] = len(ids)
            self.ids.append(float(ids[-1]))
            return
        self.ids.resize(len(ids) + 1)
        self.ids.values[-1] = question_id


class Vocabulary:
    """Numbers for words, in order of appearance."""

    def __init__(self, words: Sequence[str] = ()) -> None:
        self.names = list(words)
        self._numbers = {word: number for number, word in enumerate(self.names)}

    def __len__(self) -> int:
        return len(self.names)

    def number(self, word: str) -> int:
        """The word's number, given out when new."""
        number = self._numbers.setdefault(word, len(self.names))
        if number == len(self.names):
            self.names.append(word)
        return number

    def find(self, word: str) -> int | None:
        """The word's number, if it has one."""
        return self._numbers.get(word)


class Vectors:
    """The embeddings of the latest questions: as many as fit, the oldest makes room."""

    def __init__(self, kept: int) -> None:
        self.kept = kept
        self.places = Column("int64")
        self.rows: NDArray[np.float32] = np.empty((0, 0), dtype=np.float32)
        self.seen = 0

    def keep(self, place: int, vector: Vector) -> None:
        """Remember a question's vector.

        Raises:
            ValueError: It has another number of dimensions than those before.
        """
        if self.rows.shape[1] not in (0, len(vector)):
            raise ValueError(
                f"A vector of {len(vector)} dimensions came where {self.rows.shape[1]} are usual: "
                "vectors of different models cannot be mixed."
            )
        at = self.seen % self.kept
        if at >= len(self.rows):
            grown = np.zeros((min(self.kept, max(256, at * 2)), len(vector)), dtype=np.float32)
            if len(self.rows):
                grown[: len(self.rows)] = self.rows
            self.rows = grown
        self.places.resize(at + 1)
        self.rows[at] = vector
        self.places.values[at] = place
        self.seen += 1

    def similar(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Cosines, queries x remembered questions (in the order of ``places``)."""
        return np.asarray(vectors @ self.rows[: len(self.places)].T, dtype=np.float32)


def nearest(scores: NDArray[np.float32], count: int) -> Ids:
    """Positions of the ``count`` highest scores, in no order; of equals at the end the later ones."""
    if len(scores) <= count:
        return np.arange(len(scores))
    bar = np.partition(scores, -count)[-count]  # many times faster than argpartition
    found = np.flatnonzero(scores >= bar)
    if len(found) == count:
        return found
    above = scores[found] > bar
    level = found[~above]
    return np.concatenate((found[above], level[len(level) - (count - int(above.sum())) :]))
