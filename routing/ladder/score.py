"""How well employees suit a question, as a sum of shares that can each be put into words.

A log-linear product of evidence: what the experts' model learned, what people declared, and what matters now
(duty, load, rotation, speed, an earlier answer to the same customer). Learned evidence is counted
against somebody nothing is known of, so that a share of 0 means "no reason either way".
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from routing.experts.evidence import Component, Query
from routing.ladder.policy import ScoreWeights
from routing.ladder.reasons import Facts, ReasonKind, explain
from routing.ladder.roster import Roster, Workload
from routing.model.arrays import Floats, Ints, Mask, Vector
from routing.model.domain import Employee, EmployeeState, Load, Question, Score, TopicWeight
from routing.model.topics import Taxonomy, blend

if TYPE_CHECKING:
    from routing.experts.experts import Experts
    from routing.experts.prepared import PreparedQuery

_STRANGER = 0.05
"""What declared expertise is measured against: a full expert counts log(1 + 1 / 0.05) = 3.04."""
_STRANGERS_ID = -1
"""No employee's id: what the model says of it, it says of somebody it has never heard of."""
_LOAD_SLACK = 5.0
"""Offers a day: differences smaller than this hardly matter."""
_SURE = 0.5
"""Weight of the named topics from which nobody needs to guess."""
_ROTATION = timedelta(hours=4)
_FULL_DUTY_MINUTES = 60.0


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of some employees: one row of shares per kind of reason, one column per employee."""

    positions: Ints
    kinds: tuple[ReasonKind, ...]
    shares: NDArray[np.float64]
    coverage: Floats
    knows: Mask
    """Who knows the subject: by declaration, by past answers, or from this conversation."""
    facts: Facts

    @property
    def total(self) -> Floats:
        """Each employee's score: the sum of the shares, shape (employees,)."""
        return np.asarray(self.shares.sum(axis=0), dtype=np.float64)

    def score(self, column: int) -> Score:
        """One employee's score with its reasons, the weightiest first."""
        shares = {kind: float(self.shares[row, column]) for row, kind in enumerate(self.kinds)}
        reasons = explain(shares, self.facts, int(self.positions[column]), column)
        return Score(
            int(self.facts.roster.ids[self.positions[column]]), math.fsum(r.share for r in reasons), reasons
        )


@dataclass(frozen=True, slots=True)
class ScoringContext:
    """A question with all that its candidates are judged by, except for the candidates.

    ``topics`` is what it is taken to be about, ``named`` the part of that which somebody tagged or its own
    words name. The model gets only that: what similar questions were filed under, it knows itself.
    """

    question: Question
    topics: tuple[TopicWeight, ...]
    named: tuple[TopicWeight, ...]
    taxonomy: Taxonomy
    now: datetime
    weights: ScoreWeights
    experts: "Experts | None" = None
    prepared: "PreparedQuery | None" = None
    """The question beside the past, where there is a model."""
    knows_from: float = 1.0
    """The learned share of a score from which somebody counts as knowing the subject."""

    @classmethod
    def of_batch(
        cls,
        questions: Sequence[Question],
        now: datetime,
        taxonomy: Taxonomy,
        experts: "Experts | None" = None,
        vectors: Mapping[int, Vector] | None = None,
        *,
        weights: ScoreWeights | None = None,
        knows_from: float = 1.0,
    ) -> "list[ScoringContext]":
        """Find out what questions are about: as tagged, else by their words and by similar past questions.

        The words come first; the weight that they leave in doubt goes to the topics of similar questions.
        ``vectors`` are the embeddings of their texts, by question id.
        """
        weights, vectors = weights or ScoreWeights(), vectors or {}
        named = [one.topics or taxonomy.classify(one.text, one.language) for one in questions]
        if experts is None:
            return [
                cls(question, topics, topics, taxonomy, now, weights, knows_from=knows_from)
                for question, topics in zip(questions, named, strict=True)
            ]
        queries = [
            Query(question.text, topics, question.language, vectors.get(question.id))
            for question, topics in zip(questions, named, strict=True)
        ]
        return [
            cls(
                question,
                _with_guesses(prepared, experts, taxonomy),
                prepared.query.topics,
                taxonomy,
                now,
                weights,
                experts,
                prepared,
                knows_from,
            )
            for question, prepared in zip(questions, experts.prepare(queries, now), strict=True)
        ]

    def coverage(self, roster: Roster) -> Floats:
        """How well everybody's expertise covers the question."""
        ancestors = {topic.slug: self.taxonomy.ancestors(topic.slug) for topic in self.topics}
        return roster.coverage(self.topics, ancestors)


def _with_guesses(
    prepared: "PreparedQuery", experts: "Experts", taxonomy: Taxonomy
) -> tuple[TopicWeight, ...]:
    """The topics that the question's words name, and where these leave doubt those of similar questions."""
    named = prepared.query.topics
    if sum(topic.weight for topic in named) >= _SURE:
        return named
    return blend(named, taxonomy.for_new_questions(experts.topics_of(prepared)))


def appraise(
    context: ScoringContext,
    roster: Roster,
    workload: Workload,
    positions: Ints,
    typical_load: float | None = None,
) -> Scores:
    """Score the employees at these positions of the roster.

    ``typical_load`` is the number of offers today that load is measured against; None takes the mean of those
    among them who know the subject (of all, when nobody does).
    """
    weights = context.weights
    coverage = context.coverage(roster)[positions]
    learned, neighbours, answers = _learned(context, roster.ids[positions])
    subject_share = sum(
        (row for kind, row in learned.items() if kind.is_about_subject), np.zeros(len(positions))
    )
    knows = (coverage > 0) | (subject_share >= context.knows_from)
    knows |= _took_part(context.question, roster)[positions]
    today = workload.offers_today[positions]
    if typical_load is None:
        typical_load = float(today[knows].mean() if knows.any() else today.mean())
    own: dict[ReasonKind, Floats] = {
        ReasonKind.EXPERTISE: weights.expertise * np.log1p(coverage / _STRANGER),
        ReasonKind.BREADTH: weights.breadth * np.log1p(roster.breadth[positions]) * ~knows,
        ReasonKind.CUSTOMER: weights.customer * _answered_before(context.question, roster)[positions],
        ReasonKind.DUTY: weights.duty * _duty(roster, context.now)[positions],
        ReasonKind.SPEED: weights.speed * _speed(workload.usual_minutes[positions], weights.usual_minutes),
        ReasonKind.LOAD: weights.load * _load(today, typical_load),
        ReasonKind.ROTATION: weights.rotation * _rotation(workload.last_offered[positions], context.now),
        ReasonKind.OPEN_OFFERS: -weights.open_offers * workload.open_offers[positions].astype(np.float64),
    }
    facts = Facts(
        question=context.question,
        topics=context.topics,
        taxonomy=context.taxonomy,
        roster=roster,
        workload=workload,
        now=context.now,
        neighbours=neighbours,
        answers=answers,
    )
    shares = {**learned, **own}
    return Scores(positions, tuple(shares), np.vstack(list(shares.values())), coverage, knows, facts)


def score(
    question: Question,
    employee: Employee,
    now: datetime,
    *,
    taxonomy: Taxonomy,
    load: Load | None = None,
    typical_load: float | None = None,
    weights: ScoreWeights | None = None,
    experts: "Experts | None" = None,
    vector: Vector | None = None,
) -> Score:
    """How well one employee suits a question, whether or not they could be asked now.

    The same as in ``route``, given the same ``typical_load`` (offers today that load is measured against;
    None: the employee's own, so that load counts nothing).
    """
    roster = Roster([replace(employee, state=EmployeeState.ACTIVE)])
    if roster.problems:
        raise ValueError(roster.problems[0])
    vectors = {} if vector is None else {question.id: vector}
    [context] = ScoringContext.of_batch([question], now, taxonomy, experts, vectors, weights=weights)
    load = load or Load()
    typical = float(load.offers_today) if typical_load is None else typical_load
    everybody = np.arange(1)
    workload = Workload(roster, {employee.id: load})
    return appraise(context, roster, workload, everybody, typical).score(0)


def _learned(
    context: ScoringContext, ids: Ints
) -> tuple[dict[ReasonKind, Floats], NDArray[np.int64], NDArray[np.int64]]:
    """What past answers say of these employees, against a stranger of whom nothing is known."""
    nothing = np.zeros(len(ids), dtype=np.int64)
    if context.experts is None or context.prepared is None or not len(ids):
        return {}, nothing, nothing
    question = context.question
    # Who comes first when a question is new is what the model can learn its weights from.
    train_as = question.id if question.rung == 0 and len(ids) > 1 else None
    candidates = np.append(ids, _STRANGERS_ID)
    evidence = context.experts.rank_prepared(context.prepared, candidates, train_as=train_as)
    rows = {
        ReasonKind(component.value): context.weights.learned * (row[:-1] - row[-1])
        for component, row in zip(evidence.components, evidence.contributions, strict=True)
        if component is not Component.DECLARED
    }
    return rows, evidence.neighbours[:-1], evidence.answers[:-1]


def _took_part(question: Question, roster: Roster) -> Mask:
    """Who answered an earlier round of this question."""
    mask = np.zeros(len(roster), dtype=np.bool_)
    if question.round > 0:
        mask[[roster.position[one] for one in question.answered_by if one in roster.position]] = True
    return mask


def _answered_before(question: Question, roster: Roster) -> Floats:
    column = np.zeros(len(roster))
    for rank, employee_id in reversed(list(enumerate(question.answered_by))):
        if employee_id in roster.position:
            column[roster.position[employee_id]] = 1.0 if rank == 0 else 0.5
    return column


def _duty(roster: Roster, now: datetime) -> Floats:
    return np.minimum(roster.calendar.minutes_left(now) / _FULL_DUTY_MINUTES, 1.0)


def _speed(minutes: Floats, usual: float) -> Floats:
    relative = np.log(usual / np.maximum(minutes, 0.1))
    return np.where(np.isnan(minutes), 0.0, np.clip(relative, -1.0, 1.0))


def _load(today: Ints, typical: float) -> Floats:
    """Below 0 for who was asked more than is typical, in proportion; the difference is what keeps turns fair.

    With advantage ``a`` in all other shares, somebody settles at ``a / weight`` of the typical load above it.
    """
    return (typical - today.astype(np.float64)) / (typical + _LOAD_SLACK)


def _rotation(last_offered: Floats, now: datetime) -> Floats:
    waited = (now.timestamp() - last_offered) / _ROTATION.total_seconds()
    return np.where(np.isnan(waited), 1.0, np.clip(waited, 0.0, 1.0))
