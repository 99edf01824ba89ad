"""What each employee knows, learned answer by answer: the one mutable object of this floor."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Self

import numpy as np
from numpy.typing import NDArray

from routing.experts.batch_ranking import BatchRanker
from routing.experts.evidence import Component, Evidence, PastQuestion, Query, Ranked
from routing.experts.features import COMPONENT_OF, FEATURES, STATIC, Feature, QueryFeatures
from routing.experts.knowledge import Knowledge
from routing.experts.prepared import PreparedBatch, PreparedQuery
from routing.experts.snapshot import pack, unpack
from routing.experts.weights import REGIMES, FeatureWeights, Regime, TrainingExample
from routing.model.arrays import Floats, Ints, Vector
from routing.model.domain import Outcome, PastAnswer, TopicWeight

__all__ = ["Component", "Evidence", "Experts", "PastQuestion", "Query", "Ranked"]

HALF_LIFE = timedelta(days=90)
EXAMPLES_KEPT = 800
"""Questions that weights are fitted on, the latest: older ones were judged with less known of everybody."""

_UNSURE = 0.1
"""A topic with less weight than this is not worth a mention."""
_DECLARED_SCALE = 19.0
_DECLARED_FADES = 5.0
"""Answers after which what was declared counts half: by then one knows from what they answered."""
_BATCH_CELLS = 2_048_000
_COMPONENTS = tuple(dict.fromkeys(COMPONENT_OF))
_SPANS = [
    slice(COMPONENT_OF.index(component), COMPONENT_OF.index(component) + COMPONENT_OF.count(component))
    for component in _COMPONENTS
]
"""The features of each component, which lie next to each other."""


class Experts:
    """The model of who knows what: fed answer by answer, asked for evidence about candidates.

    A log-linear product of experts: a candidate's log score is the weighted sum of the features in
    ``routing.experts.features`` and of their activity, outcomes and declared expertise. Not safe for use by
    several threads at once while something is being learned.

    Args:
        half_life: The time in which an answer's weight as evidence halves.
        vectors_kept: How many questions' embeddings are remembered, the latest ones.
    """

    def __init__(self, half_life: timedelta = HALF_LIFE, vectors_kept: int = 20_000) -> None:
        self._knowledge = Knowledge(half_life, vectors_kept)
        self._weights = FeatureWeights.default()
        self._examples: OrderedDict[int, TrainingExample] = OrderedDict()
        self._static: NDArray[np.float32] | None = None
        self._candidates: tuple[Ints, Ints, int] | None = None

    @property
    def weights(self) -> FeatureWeights:
        return self._weights

    def note(self, question: PastQuestion) -> None:
        """Take in a question without an answer: its words and topics help to tell later ones' topics."""
        self._knowledge.note(question)
        self._static = None

    def learn(self, question: PastQuestion, answer: PastAnswer, vector: Vector | None = None) -> None:
        """Take in one answer; the next ``rank`` knows it. Learning it once more changes nothing.

        Raises:
            ValueError: The vector has another number of dimensions than those before.
        """
        if self._knowledge.learn(question, answer, vector):
            self._static = None
            if question.id in self._examples:
                self._examples[question.id].mark(answer.employee_id)

    def without_vector(self, limit: int, before: int | None = None) -> list[int]:
        """Ids of the latest questions whose embedding is missing, newest first: those below ``before``."""
        return self._knowledge.questions.without_vector(limit, before)

    def recall(self, vectors: Mapping[int, Vector]) -> None:
        """Take in the embeddings of questions that were learned without, by the questions' ids.

        Raises:
            ValueError: A vector has another number of dimensions than those before.
        """
        self._knowledge.questions.recall(vectors)

    def outcome(self, question_id: int, employee_id: int, outcome: Outcome, at: datetime) -> None:
        """Take in how an offer or answer turned out; of an unknown question only for the person."""
        self._knowledge.record_outcome(question_id, employee_id, outcome, at)
        self._static = None
        if outcome is Outcome.WRONG and question_id in self._examples:
            self._examples[question_id].mark(employee_id, answered=False)

    def rename_topic(self, former: str, slug: str) -> None:
        """What was learned of one topic holds for another from now on, which may have been there before."""
        self._knowledge.rename_topic(former, slug)

    def refile(self, question: PastQuestion) -> None:
        """A question that was learned is about other topics now: it and its answers tell of those alone."""
        self._knowledge.refile(question)

    def predict_topics(self, query: Query, now: datetime) -> tuple[TopicWeight, ...]:
        """What the query is about, heaviest first, from similar past questions and its words.

        Empty means unsure: nothing alike was ever filed under a topic.
        """
        return self.topics_of(self.prepare([query], now)[0])

    def prepare(self, queries: Sequence[Query], now: datetime) -> list[PreparedQuery]:
        """The queries of a batch, to be ranked before the model learns more.

        Nothing is computed until one of them is ranked or asked for its topics; then it is for all of them,
        at a fraction of what each alone would take.
        """
        batch = PreparedBatch(self._knowledge, queries, now.timestamp())
        return [PreparedQuery(batch, row) for row in range(len(queries))]

    def topics_of(self, prepared: PreparedQuery) -> tuple[TopicWeight, ...]:
        """As ``predict_topics``."""
        return self._named(prepared.predicted())

    def rank(
        self,
        query: Query,
        candidates: Ints,
        now: datetime,
        declared: Floats | None = None,
        train_as: int | None = None,
    ) -> Evidence:
        """Weigh the evidence for every candidate.

        Args:
            query: The question somebody is wanted for.
            candidates: Employee ids, each once; unknown ones count as somebody who never answered.
            now: The moment; answers fade towards it.
            declared: How well each candidate's declared expertise covers the query (0 nothing, 1 the
                declared expert of all of it).
            train_as: Keep what the model sees now under this question id: who answers it later makes it
                an example for ``fit``.
        """
        return self.rank_prepared(self.prepare([query], now)[0], candidates, declared, train_as)

    def rank_prepared(
        self,
        prepared: PreparedQuery,
        candidates: Ints,
        declared: Floats | None = None,
        train_as: int | None = None,
    ) -> Evidence:
        """As ``rank``, for one query of a batch."""
        query, slots = prepared.query, self._slots_of(candidates)
        features = self._features(prepared, slots, declared)
        regime = _regime(query)
        weights = self._weights.of(regime).astype(np.float32)
        contributions = np.empty((len(_SPANS), len(candidates)))
        for row, span in zip(contributions, _SPANS, strict=True):
            row[:] = weights[span] @ features[span]
        if train_as is not None:
            self._keep_example(
                train_as, TrainingExample.of(regime, features, candidates, contributions.sum(axis=0))
            )
        return Evidence(
            employees=candidates,
            components=_COMPONENTS,
            contributions=contributions,
            neighbours=prepared.neighbour_answers()[slots],
            answers=self._knowledge.employees.answers.values[slots].astype(np.int64),
            last_answered=self._knowledge.employees.last_answered.values[slots].astype(np.float64),
            topics=query.topics or self._named(prepared.predicted()),
        )

    def rank_many(
        self, queries: Sequence[Query], candidates: Ints, now: datetime, limit: int = 50
    ) -> list[Ranked]:
        """The best candidates for each query, best first: as ``rank`` has them, but much faster per query."""
        slots, static = self._slots_of(candidates), self._static_rows(now.timestamp())
        size = max(1, min(512, _BATCH_CELLS // len(self._knowledge.employees)))
        ranked: dict[int, Ranked] = {}
        for regime in REGIMES:
            rows = [row for row, query in enumerate(queries) if _regime(query) == regime]
            ranker = BatchRanker(candidates, slots, static, self._weights.of(regime))
            for first in range(0, len(rows), size):
                batch = rows[first : first + size]
                query_features = QueryFeatures(
                    self._knowledge, [queries[row] for row in batch], now.timestamp()
                )
                ranked.update(
                    zip(batch, ranker.top_k(query_features.features(), len(batch), limit), strict=True)
                )
        return [ranked[row] for row in range(len(queries))]

    def fit(self) -> FeatureWeights:
        """Fit the weights on the training examples that were answered since; too few change nothing."""
        self.weigh(self.fitting()())
        return self._weights

    def fitting(self) -> Callable[[], FeatureWeights]:
        """What ``fit`` would compute, to be called while others use the model; ``weigh`` takes its result."""
        return partial(self._weights.fitted, list(self._examples.values()))

    def weigh(self, weights: FeatureWeights) -> None:
        """Rank by these weights from now on."""
        self._weights = weights

    def to_bytes(self) -> bytes:
        """The model as a snapshot: all that was learned and the weights, without the training examples."""
        return pack(self._knowledge, self._weights)

    @classmethod
    def from_bytes(cls, data: bytes | memoryview) -> Self:
        """The model of a snapshot.

        Raises:
            DamagedSnapshot: The bytes are cut short, altered, of another version, or no snapshot at all.
        """
        knowledge, weights = unpack(data)
        experts = cls()
        experts._knowledge, experts._weights = knowledge, weights
        return experts

    def _keep_example(self, question_id: int, example: TrainingExample) -> None:
        self._examples[question_id] = example
        if len(self._examples) > EXAMPLES_KEPT:
            self._examples.popitem(last=False)

    def _features(self, prepared: PreparedQuery, slots: Ints, declared: Floats | None) -> NDArray[np.float32]:
        features = np.zeros((FEATURES, len(slots)), dtype=np.float32)
        np.take(self._static_rows(prepared.now), slots, axis=1, out=features[:STATIC], mode="clip")
        if declared is not None:
            answers = self._knowledge.employees.answers.values[slots]
            fading = _DECLARED_FADES / (_DECLARED_FADES + answers)
            features[Feature.DECLARED] = np.log1p(_DECLARED_SCALE * declared) * fading
        prepared.fill(features, slots, len(self._knowledge.employees))
        return features

    def _static_rows(self, now: float) -> NDArray[np.float32]:
        employees = self._knowledge.employees
        if self._static is None:
            self._static = np.zeros((STATIC, len(employees)), dtype=np.float32)
            self._static[: Feature.WAITING + 1] = employees.activity_features(len(self._knowledge.questions))
        if not employees.outcomes.is_empty:
            self._static[Feature.OUTCOMES] = employees.outcome_feature(now)
        return self._static

    def _slots_of(self, candidates: Ints) -> Ints:
        """The candidates' slots; asked about the same people again, as is usual, it need not look them up."""
        known = len(self._knowledge.employees)
        if self._candidates is not None:
            same, slots, then_known = self._candidates
            if then_known == known and np.array_equal(same, candidates):
                return slots
        slots = self._knowledge.employees.slots(candidates)
        self._candidates = (candidates.copy(), slots, known)
        return slots

    def _named(self, topics: tuple[Ints, Floats]) -> tuple[TopicWeight, ...]:
        names = self._knowledge.questions.topics.names
        found = [
            TopicWeight(names[topic], float(weight))
            for topic, weight in zip(*topics, strict=True)
            if weight >= _UNSURE
        ]
        return tuple(sorted(found, key=lambda topic: (-topic.weight, topic.slug)))


def _regime(query: Query) -> Regime:
    return Regime(bool(query.topics), query.vector is not None)
