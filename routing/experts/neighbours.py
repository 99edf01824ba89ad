"""Nearest neighbours of a batch of new questions among the past ones, and the topics these vote for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.experts.evidence import Query
from routing.experts.growable import DecayedCounts
from routing.experts.knowledge import Knowledge
from routing.experts.question_index import top_k
from routing.experts.sparse import CsrMatrix
from routing.model.arrays import Floats, Ints
from routing.model.text import tokens

HEAVIEST = 8192
"""Members looked at per word and topic, the heaviest first."""

NEAREST = 100
"""Past questions that vote (the k of k nearest neighbours)."""

_TOPIC_VOTERS = 50
_TOPICS_GUESSED = 12
_BY_WORDS_POWER = 2.0
_BY_MEANING_POWER = 6.0
_WORD_PRIOR = 3.0
_OCCURRENCES = 4_000
"""Occurrences of its words that are looked at per query, the rare words first."""
_WORDS_DEPEND = 0.5
"""Words of one text repeat each other: their likelihoods count half (as a square root would)."""
_NO_SUPPORT = 1e-6
"""What is left of words that were taken out of a topic: rounding, and no support for it."""


@dataclass(frozen=True, slots=True)
class Votes:
    """Past questions that speak for a batch of queries: which query, which question, how strongly."""

    queries: Ints
    places: Ints
    strengths: Floats


class Neighbours:
    """Past questions that are like those of a batch, by words and by embedding.

    ``now`` is in seconds since 1970; ``cosines`` has the shape (queries with a vector, questions kept).
    """

    def __init__(self, knowledge: Knowledge, queries: Sequence[Query], now: float) -> None:
        self.size = len(queries)
        self.now = now
        self._questions = knowledge.questions
        self._knowledge = knowledge
        self.words, self.occurs = _occurrences(knowledge, queries)
        self._alike = self._most_alike()
        self.with_vector = np.array(
            [
                row
                for row, query in enumerate(queries)
                if query.vector is not None and self._questions.vectors.seen
            ],
            dtype=np.int64,
        )
        vectors = [queries[row].vector for row in self.with_vector]
        self.cosines = (
            self._questions.vectors.similar(np.asarray(vectors, dtype=np.float32))
            if vectors
            else np.empty((0, 0), dtype=np.float32)
        )

    def by_words(self, count: int, power: float) -> Votes:
        """The votes of the questions with the most similar words."""
        found = []
        for row, (places, scores) in enumerate(self._alike):
            if len(scores) > count:
                best = top_k(scores, count)
                places, scores = places[best], scores[best]
            found.append((row, places, scores.astype(np.float64) ** power))
        return _votes(found)

    def _most_alike(self) -> list[tuple[Ints, NDArray[np.float32]]]:
        found = []
        for places, scores in self._questions.similar(self.words, self.occurs):
            row = scores.astype(np.float32)
            best = top_k(row, NEAREST)
            found.append((places[best], row[best]))
        return found

    def by_meaning(self, count: int, power: float, *, answered: bool) -> Votes:
        """The votes of the questions with the most similar vectors."""
        found = []
        for row, places, cosines in self._close(count, answered=answered):
            found.append((row, places, np.maximum(cosines, 0.0).astype(np.float64) ** power))
        return _votes(found)

    def by_meaning_softmax(self, count: int, temperature: float) -> Votes:
        """Votes that fall off as ``exp(cosine / warmth)``: a few very near questions or many near ones."""
        found = []
        for row, places, cosines in self._close(count, answered=True):
            top = cosines.max(initial=-1.0)
            found.append((row, places, np.exp((cosines.astype(np.float64) - top) / temperature)))
        return _votes(found)

    def topics(self) -> CsrMatrix:
        """What the queries are likely about, queries x topics; rows sum to 1, or to 0 where nothing tells."""
        width = len(self._questions.topics)
        if not width:
            return CsrMatrix.dense(np.zeros((self.size, 0)))
        parts = [
            self._filed(self.by_words(_TOPIC_VOTERS, _BY_WORDS_POWER)),
            self._filed(self.by_meaning(_TOPIC_VOTERS, _BY_MEANING_POWER, answered=False)),
            self._topics_by_words(),
        ]
        total = np.zeros((self.size, width))
        for part in parts:
            total += part
        return _strongest(total, _TOPICS_GUESSED)

    def _filed(self, votes: Votes) -> Floats:
        positions, entries = self._questions.filed.gather(votes.places)
        topics = self._questions.filed.item.values[entries].astype(np.int64)
        width = len(self._questions.topics)
        cells = votes.queries[positions] * width + topics
        shares = np.bincount(cells, votes.strengths[positions], self.size * width).reshape(self.size, width)
        return np.asarray(shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-12), dtype=np.float64)

    def _topics_by_words(self) -> Floats:
        """Naive Bayes with words smoothed towards the own shares of the topics that have questions."""
        counts = self._knowledge.topic_questions.values.astype(np.float64)
        used = counts > 0
        if not used.any():
            return np.zeros((self.size, len(counts)))
        prior = (counts + 0.1) / (counts.sum() + 0.1 * used.sum())
        tallies = self._knowledge.topics_by_word
        rows = count_rows(tallies, self.words, len(counts))
        rows.data = np.log1p(rows.data * tallies.scale(self.now) / (_WORD_PRIOR * prior[rows.indices]))
        support = self.occurs @ rows
        logs = np.log(prior) + _WORDS_DEPEND * support.to_dense()
        logs[:, ~used] = -np.inf
        weights = np.exp(logs - logs.max(axis=1, keepdims=True))
        weights[support.row_sums() < _NO_SUPPORT] = 0.0
        return np.asarray(weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-12), dtype=np.float64)

    def _close(self, count: int, *, answered: bool) -> list[tuple[int, Ints, NDArray[np.float32]]]:
        if not len(self.with_vector):
            return []
        remembered = self._questions.vectors.places.values.astype(np.int64)
        kept = (
            self._questions.answerers.linked(remembered) if answered else np.ones(len(remembered), np.bool_)
        )
        remembered, cosines = remembered[kept], self.cosines[:, kept]
        found = []
        for at, row in enumerate(self.with_vector.tolist()):
            best = top_k(cosines[at], count)
            found.append((row, remembered[best], cosines[at][best]))
        return found


def count_rows(tallies: DecayedCounts, keys: Ints, width: int) -> CsrMatrix:
    """The stored weights of some keys, keys x members."""
    rows = [tallies.row(int(key), HEAVIEST) for key in keys]
    indptr = np.concatenate(([0], np.cumsum([len(members) for members, _ in rows]))).astype(np.int64)
    members = np.concatenate([row[0] for row in rows]) if rows else np.empty(0, np.int32)
    weights = np.concatenate([row[1] for row in rows]) if rows else np.empty(0, np.float32)
    return CsrMatrix(weights.astype(np.float64), members, indptr, width)


def _occurrences(knowledge: Knowledge, queries: Sequence[Query]) -> tuple[Ints, CsrMatrix]:
    vocabulary = knowledge.questions.words
    columns: dict[int, int] = {}
    indices: list[int] = []
    indptr = [0]
    for query in queries:
        numbers = {vocabulary.find(word) for word in tokens(query.text, query.language)} - {None}
        for number in knowledge.questions.rarest([n for n in numbers if n is not None], _OCCURRENCES):
            column = columns.setdefault(number, len(columns))
            indices.append(column)
        indptr.append(len(indices))
    ones = np.ones(len(indices), np.float32)
    occurs = CsrMatrix(ones, np.array(indices, np.int64), np.array(indptr), len(columns))
    return np.array(list(columns), dtype=np.int64), occurs


def _votes(found: Sequence[tuple[int, Ints, Floats]]) -> Votes:
    if not found:
        nothing = np.empty(0, dtype=np.int64)
        return Votes(nothing, nothing, np.empty(0))
    rows = np.repeat([row for row, _, _ in found], [len(places) for _, places, _ in found])
    places = np.concatenate([places for _, places, _ in found]).astype(np.int64)
    return Votes(rows.astype(np.int64), places, np.concatenate([strengths for _, _, strengths in found]))


def _strongest(weights: Floats, count: int) -> CsrMatrix:
    if weights.shape[1] > count:
        bar = -np.partition(-weights, count - 1, axis=1)[:, count - 1 : count]
        weights = np.where(weights >= np.maximum(bar, 1e-9), weights, 0.0)
    totals = weights.sum(axis=1, keepdims=True)
    return CsrMatrix.dense(weights / np.maximum(totals, 1e-12))
