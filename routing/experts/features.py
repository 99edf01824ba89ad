"""What speaks for whom: the model's features of many queries at once.

Features that depend on the query are sparse (queries x employees). Each is a logarithm, at least 0, and 0 for
everybody of whom there is no such evidence: the gain ``log(1 + x(u) / expected(u))`` over what would be
expected of somebody by their share of all activity alone. That is smoothing towards activity, as in
``P(u|t) = (c(u,t) + 2 pi(u)) / (n(t) + 2)``, with the part that does not depend on the query left to the
activity features; and so only those with evidence are ever touched.
"""

from collections.abc import Sequence
from enum import IntEnum

import numpy as np

from routing.experts.employee_stats import LONG, RECENT
from routing.experts.evidence import Component, Query
from routing.experts.growable import DecayedCounts
from routing.experts.knowledge import Knowledge
from routing.experts.neighbours import NEAREST, Neighbours, Votes, count_rows
from routing.experts.sparse import CsrMatrix
from routing.model.arrays import Floats, Ints


class Feature(IntEnum):
    """The rows of the feature matrix, shape (features, candidates)."""

    ACTIVE_NOW = 0
    ACTIVE_TODAY = 1
    ACTIVE_RECENTLY = 2
    ACTIVE = 3
    ACTIVE_EVER = 4
    WAITING = 5
    OUTCOMES = 6
    DECLARED = 7
    NEIGHBOURS = 8
    NEIGHBOURS_RECENT = 9
    MEANING = 10
    MEANING_RECENT = 11
    MEANING_WIDE = 12
    TERMS = 13
    TOPICS = 14
    TOPICS_RECENT = 15
    TOPICS_GAIN = 16
    FILED = 17
    FILED_RECENT = 18
    FILED_GAIN = 19


FEATURES = len(Feature)
STATIC = 8
"""The features before this one are the same for every query."""

COMPONENT_OF = (
    *(Component.ACTIVITY,) * 6,
    Component.OUTCOMES,
    Component.DECLARED,
    *(Component.NEIGHBOURS,) * 2,
    *(Component.MEANING,) * 3,
    Component.TERMS,
    *(Component.TOPICS,) * 6,
)
"""The component each feature belongs to."""

_SMOOTHING = 0.05
_FLOOR = 1e-6
_TOPIC_PRIOR = 2.0
_WORD_PRIOR = 5.0
_SLOW = 4.0
_FAST = 0.6
"""Half-lives of the model in which the votes of past questions halve, in the slow and in the fast count."""
_KERNEL = 0.1
_WIDELY = 300
_WORDS_POWER = 2.0
_MEANING_POWER = 4.0


class QueryFeatures:
    """The query-dependent features of a batch, at one moment (seconds since 1970)."""

    def __init__(self, knowledge: Knowledge, queries: Sequence[Query], now: float) -> None:
        self._knowledge = knowledge
        self.now = now
        self._width = len(knowledge.employees)
        self._share = knowledge.employees.share(LONG)
        self._recent_share = knowledge.employees.share(RECENT)
        self.neighbours = Neighbours(knowledge, queries, now)
        self.predicted = self.neighbours.topics()
        self.filed = _filed(knowledge, queries)
        self.voters = self.neighbours.by_words(NEAREST, _WORDS_POWER)

    def features(self) -> dict[Feature, CsrMatrix]:
        """All features with any evidence in this batch."""
        found = {
            Feature.TERMS: self._terms(),
            Feature.NEIGHBOURS: self._voted(self.voters, _SLOW),
            Feature.NEIGHBOURS_RECENT: self._voted(self.voters, _FAST),
        }
        if len(self.neighbours.with_vector):
            near = self.neighbours.by_meaning(NEAREST, _MEANING_POWER, answered=True)
            wide = self.neighbours.by_meaning_softmax(_WIDELY, _KERNEL)
            found[Feature.MEANING] = self._voted(near, _SLOW)
            found[Feature.MEANING_RECENT] = self._voted(near, _FAST)
            found[Feature.MEANING_WIDE] = self._voted(wide, _FAST)
        self._add_topical(found, self.predicted, Feature.TOPICS, Feature.TOPICS_RECENT, Feature.TOPICS_GAIN)
        if len(self.filed.data):
            self._add_topical(found, self.filed, Feature.FILED, Feature.FILED_RECENT, Feature.FILED_GAIN)
        return found

    def neighbour_answers(self, row: int) -> Ints:
        """How many of the past questions near a query each employee answered."""
        ours = self.voters.queries == row
        strengths, places = self.voters.strengths[ours], self.voters.places[ours]
        strong = strengths >= 0.25 * strengths.max(initial=0.0)
        _, entries = self._knowledge.questions.answerers.gather(places[strong])
        return np.bincount(self._knowledge.questions.answerers.item.values[entries], minlength=self._width)

    def _voted(self, votes: Votes, fading: float) -> CsrMatrix:
        """The decayed votes of past questions for who answered them, as shares of all votes."""
        answerers = self._knowledge.questions.answerers
        positions, entries = answerers.gather(votes.places)
        slots = answerers.item.values[entries]
        ages = np.maximum(self.now - answerers.time.values[entries].astype(np.float64), 0.0)
        weights = votes.strengths[positions] * 2.0 ** (-ages / (fading * self._knowledge.half_life))
        shares = CsrMatrix.summed(votes.queries[positions], slots, weights, self.neighbours.size, self._width)
        shares.data /= np.repeat(np.maximum(shares.row_sums(), 1e-300), shares.sizes)
        return self._gain(shares, self._share)

    def _terms(self) -> CsrMatrix:
        """Who answered questions with the same words: the gains of the words, added up."""
        tallies = self._knowledge.by_word
        rows = count_rows(tallies, self.neighbours.words, self._width)
        expected = _WORD_PRIOR * self._share[rows.indices] + _FLOOR
        rows.data = np.log1p(rows.data * tallies.scale(self.now) / expected)
        gains = self.neighbours.occurs @ rows
        words = np.maximum(self.neighbours.occurs.sizes, 1)
        gains.data /= np.repeat(np.sqrt(words), gains.sizes)
        return gains

    def _add_topical(self, found: dict[Feature, CsrMatrix], topics: CsrMatrix, *names: Feature) -> None:
        slow, fast, gain = names
        columns = np.flatnonzero(np.bincount(topics.indices, minlength=topics.width))
        weights = CsrMatrix(
            topics.data, np.searchsorted(columns, topics.indices), topics.indptr, len(columns)
        )
        rows = self._topic_rows(self._knowledge.by_topic, columns)
        found[slow] = self._topical(weights, rows, self._knowledge.by_topic, columns, self._share)
        recent = self._topic_rows(self._knowledge.by_topic_recent, columns)
        found[fast] = self._topical(
            weights, recent, self._knowledge.by_topic_recent, columns, self._recent_share
        )
        rows.data = np.log1p(rows.data / (_TOPIC_PRIOR * self._share[rows.indices] + _FLOOR))
        found[gain] = weights @ rows

    def _topic_rows(self, tallies: DecayedCounts, columns: Ints) -> CsrMatrix:
        rows = count_rows(tallies, columns, self._width)
        rows.data *= tallies.scale(self.now)
        return rows

    def _topical(
        self, weights: CsrMatrix, rows: CsrMatrix, tallies: DecayedCounts, columns: Ints, share: Floats
    ) -> CsrMatrix:
        """``sum_t p(t|q) P(u|t)`` against its value for somebody without any answer in the topics."""
        scale = tallies.scale(self.now)
        amounts = np.array([tallies.total(int(column)) * scale for column in columns])
        prior = 1.0 / (amounts + _TOPIC_PRIOR)
        scaled = CsrMatrix(
            weights.data * prior[weights.indices], weights.indices, weights.indptr, weights.width
        )
        shares = scaled @ rows
        unseen = _TOPIC_PRIOR * scaled.row_sums() + _SMOOTHING
        shares.data *= np.repeat(_SMOOTHING / unseen, shares.sizes)
        return self._gain(shares, share)

    def _gain(self, shares: CsrMatrix, expected: Floats) -> CsrMatrix:
        shares.data = np.log1p(shares.data / (_SMOOTHING * expected[shares.indices] + _FLOOR))
        return shares


def _filed(knowledge: Knowledge, queries: Sequence[Query]) -> CsrMatrix:
    """The topics the queries are known to be about, queries x topics, rows summing to 1 (or 0)."""
    rows, columns, weights = [], [], []
    for row, query in enumerate(queries):
        total = sum(topic.weight for topic in query.topics)
        for topic in query.topics:
            number = knowledge.topic(topic.slug)
            if number is not None:
                rows.append(row)
                columns.append(number)
                weights.append(topic.weight / total)
    return CsrMatrix.summed(
        np.array(rows, dtype=np.int64),
        np.array(columns, dtype=np.int64),
        np.array(weights, dtype=np.float64),
        len(queries),
        len(knowledge.questions.topics),
    )
