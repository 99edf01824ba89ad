"""History replayed: how well the model would have ranked, knowing at each moment only what was known then.

Strictly prequential: when a question is ranked, the model has seen the questions before it and the answers to
them given earlier than it was asked, and of the question itself only what the customer wrote first.
"""

import heapq
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from routing.experts.evidence import PastQuestion, Query
from routing.experts.experts import EXAMPLES_KEPT, HALF_LIFE, Experts
from routing.model.arrays import Vector
from routing.model.domain import PastAnswer, TopicWeight

TRAIN = 0.6
"""Share of the history before which nothing is scored or fitted."""
CHUNK = 0.025
"""Share of the history after which weights are fitted again."""
LISTED = 50
"""Employees named per question in the rankings."""

_WARM_UP_LEAST = 100
_WINDOW_SHARE = 0.3
_WINDOW_LEAST = 2000
_ANSWERS_LEAST = 2
_MOST_ACTIVE = 10
_HALF_LIFE_SHARE = 0.2
"""The half-life, as a share of the history the operator can expect at the end of the training part."""


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """Who answered, and when."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HistoryQuestion:
    """A question of the history. ``query`` and ``vector`` are the embeddings of the title and of all text."""

    id: str | int
    at: datetime
    title: str
    body: str = ""
    topics: tuple[str, ...] = ()
    answers: tuple[GivenAnswer, ...] = ()
    query_vector: Vector | None = None
    vector: Vector | None = None


@dataclass(slots=True)
class RankFigures:
    """Quality over some questions: the rank of the best true answerer, counted from 1."""

    ranks: list[int] = field(default_factory=list)

    def hit(self, within: int) -> float:
        """Share of the questions with a true answerer among the first ``within``."""
        return sum(rank <= within for rank in self.ranks) / max(len(self.ranks), 1)

    @property
    def mrr(self) -> float:
        """Mean reciprocal rank: 1 where the best true answerer always came first."""
        return sum(1 / rank for rank in self.ranks) / max(len(self.ranks), 1)


@dataclass(frozen=True, slots=True)
class QuestionRanking:
    """The first ``LISTED`` employees for one question."""

    id: str | int
    ranked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What a replay found. ``tested`` counts the questions after training and warm-up, scored or not."""

    questions: int
    tested: int
    overall: RankFigures
    tail: RankFigures
    rankings: tuple[QuestionRanking, ...]


def replay(rows: Sequence[HistoryQuestion], *, topics_given: bool = False) -> Report:
    """Rank every question of a history with what was known when it was asked.

    Candidates are those with at least 2 answers known, the latest not before the ``max(2000, 30 %)``-th
    question back. 60 % of the questions train, the next ``max(100, 2.5 %)`` warm up, the rest is scored where
    somebody who answered is a candidate. The tail leaves out the ten who answered most in all, as candidates
    and as answerers.

    Args:
        rows: The history, in the order in which it was asked.
        topics_given: Whether a question's own topics are known when it is ranked.
    """
    run = _Run(rows, topics_given)
    first_scored = math.ceil(TRAIN * len(rows)) + max(_WARM_UP_LEAST, math.ceil(CHUNK * len(rows)))
    chunk = max(1, math.ceil(CHUNK * len(rows)))
    report = Report(len(rows), max(len(rows) - first_scored, 0), RankFigures(), RankFigures(), ())
    rankings: list[QuestionRanking] = []
    for position, row in enumerate(rows):
        run.hear(position)
        past_training = position - math.ceil(TRAIN * len(rows))
        if past_training >= 0 and past_training % chunk == 0:
            run.experts.fit()
        if past_training >= -EXAMPLES_KEPT:
            ranked = run.rank(position)
            if position >= first_scored and run.is_scored(row, ranked):
                run.score(row, ranked, report)
                rankings.append(
                    QuestionRanking(row.id, tuple(run.names[one] for one in ranked[:LISTED].tolist()))
                )
        run.note(position)
    return Report(report.questions, report.tested, report.overall, report.tail, tuple(rankings))


class _Run:
    """The state of one replay: the model, the answers on their way, and who can be a candidate."""

    def __init__(self, rows: Sequence[HistoryQuestion], topics_given: bool) -> None:
        self.rows = rows
        self.experts = Experts(half_life(rows))
        self.names: list[str] = []
        self._topics_given = topics_given
        self._numbers: dict[str, int] = {}
        self._coming: list[tuple[datetime, int, int]] = []
        self._counts = np.zeros(0, dtype=np.int64)
        self._latest = np.zeros(0)
        self._window = max(_WINDOW_LEAST, math.ceil(_WINDOW_SHARE * len(rows)))
        answers = Counter(answer.by for row in rows for answer in row.answers)
        self._most_active = {self._number(name) for name, _ in answers.most_common(_MOST_ACTIVE)}

    def hear(self, position: int) -> None:
        """Learn the answers given before this question was asked."""
        now = self.rows[position].at
        while self._coming and self._coming[0][0] < now:
            at, asked, which = heapq.heappop(self._coming)
            number = self._number(self.rows[asked].answers[which].by)
            question = self._question(asked)
            self.experts.learn(question, PastAnswer(asked, number, at, "", question.topics))
            self._counts[number] += 1
            self._latest[number] = max(self._latest[number], at.timestamp())

    def note(self, position: int) -> None:
        """Let the model see a whole question, and send its answers on their way."""
        self.experts.note(self._question(position))
        for which, answer in enumerate(self.rows[position].answers):
            heapq.heappush(self._coming, (answer.at, position, which))

    def rank(self, position: int) -> NDArray[np.int64]:
        """All candidates for a question, best first."""
        row = self.rows[position]
        since = self.rows[max(0, position - self._window)].at.timestamp()
        candidates = np.flatnonzero((self._counts >= _ANSWERS_LEAST) & (self._latest >= since))
        if not len(candidates):
            return candidates
        topics = tuple(TopicWeight(slug, 1 / len(row.topics)) for slug in row.topics)
        query = Query(row.title, topics if self._topics_given else (), vector=row.query_vector)
        evidence = self.experts.rank(query, candidates, row.at, train_as=position)
        return candidates[evidence.order()]

    def is_scored(self, row: HistoryQuestion, ranked: NDArray[np.int64]) -> bool:
        """Whether somebody who answered is a candidate."""
        return bool(np.isin(ranked, list(self._answerers(row))).any())

    def score(self, row: HistoryQuestion, ranked: NDArray[np.int64], report: Report) -> None:
        """Add a question to the figures."""
        truth = np.isin(ranked, list(self._answerers(row)))
        report.overall.ranks.append(int(truth.argmax()) + 1)
        tail = ~np.isin(ranked, list(self._most_active))
        if truth[tail].any():
            report.tail.ranks.append(int(truth[tail].argmax()) + 1)

    def _answerers(self, row: HistoryQuestion) -> Iterator[int]:
        return (self._number(answer.by) for answer in row.answers)

    def _question(self, position: int) -> PastQuestion:
        row = self.rows[position]
        return PastQuestion(position, row.at, row.title, row.body, row.topics, vector=row.vector)

    def _number(self, name: str) -> int:
        number = self._numbers.setdefault(name, len(self.names))
        if number == len(self.names):
            self.names.append(name)
            self._counts = np.append(self._counts, 0)
            self._latest = np.append(self._latest, -np.inf)
        return number


def half_life(rows: Sequence[HistoryQuestion]) -> timedelta:
    """A fifth of the history's length, as far as the training part lets it be foreseen."""
    if len(rows) < 2:
        return HALF_LIFE
    seen = rows[max(1, math.ceil(TRAIN * len(rows)) - 1)].at - rows[0].at
    return max(seen / TRAIN * _HALF_LIFE_SHARE, timedelta(seconds=1))
