"""What each employee knows, learned answer by answer: the one mutable object of this floor."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from routing.domain import Outcome, PastAnswer, TopicWeight
from routing.evidence import Component, Evidence, PastQuestion, Query, Vector

__all__ = ["Component", "Evidence", "Experts", "PastQuestion", "Query"]


class Experts:
    """The model of who knows what: fed answer by answer, asked for evidence about candidates."""

    def __init__(self, half_life: timedelta = timedelta(days=90)) -> None:
        self.half_life = half_life
        self._answers: dict[int, list[tuple[datetime, tuple[str, ...]]]] = defaultdict(list)

    def learn(self, question: PastQuestion, answer: PastAnswer, vector: Vector | None = None) -> None:
        """Take in one answer; the next ``rank`` knows it."""
        self._answers[answer.employee_id].append((answer.answered_at, answer.topics or question.topics))

    def outcome(self, question_id: int, employee_id: int, outcome: Outcome, at: datetime) -> None:
        """Take in how an offer or answer turned out."""

    def predict_topics(self, query: Query, now: datetime) -> tuple[TopicWeight, ...]:
        """What the query is about, from similar past questions; empty means unsure."""
        return query.topics

    def rank(
        self,
        query: Query,
        candidates: NDArray[np.int64],
        now: datetime,
        declared: NDArray[np.float64] | None = None,
    ) -> Evidence:
        """Weigh the evidence for every candidate.

        ``declared`` holds, for each candidate, how well their declared expertise covers the query
        (0 nothing, 1 the declared expert of all of it).
        """
        wanted = {topic.slug: topic.weight for topic in query.topics}
        activity = np.zeros(len(candidates))
        topical = np.zeros(len(candidates))
        for position, employee in enumerate(candidates.tolist()):
            for at, topics in self._answers.get(employee, ()):
                weight = 0.5 ** ((now - at) / self.half_life)
                activity[position] += weight
                topical[position] += weight * sum(wanted.get(topic, 0.0) for topic in topics)
        prior = np.zeros(len(candidates)) if declared is None else declared
        parts = [np.log1p(activity), np.log1p(topical), np.log(prior + 0.05)]
        return Evidence(
            employees=candidates,
            components=(Component.ACTIVITY, Component.TOPICS, Component.DECLARED),
            contributions=np.vstack(parts),
            neighbours=np.zeros(len(candidates), dtype=np.int64),
            answers=np.array([len(self._answers.get(e, ())) for e in candidates.tolist()], dtype=np.int64),
            topics=query.topics,
        )

    def rank_many(
        self, queries: Sequence[Query], candidates: NDArray[np.int64], now: datetime, limit: int = 50
    ) -> list[NDArray[np.int64]]:
        """The best employees for each query, best first."""
        return [candidates[self.rank(q, candidates, now).order(limit)] for q in queries]
