"""The one door of this floor: whom to ask about a question now, and when to look again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from routing.ladder.fairness import hash_uniform, newcomer_in_turn, within_fair_load
from routing.ladder.policy import (
    Policy,
    claim_ends,
    going_on,
    patience,
    patience_ends,
    people,
    still_open,
    this_round,
)
from routing.ladder.priority import Urgency, urgency
from routing.ladder.reasons import newcomer
from routing.ladder.roster import Roster, Workload
from routing.ladder.score import Scores, ScoringContext, appraise
from routing.ladder.waking import chances_to_ask
from routing.model.arrays import Ints, Mask, Vector
from routing.model.domain import Load, Offer, Question, QuestionState, Routing, Score
from routing.model.phrases import phrase
from routing.model.topics import Taxonomy

if TYPE_CHECKING:
    from routing.experts.experts import Experts

__all__ = ["route", "route_many"]


@dataclass(frozen=True, slots=True)
class _Call:
    """Everything one decision is made from."""

    context: ScoringContext
    roster: Roster
    workload: Workload
    policy: Policy
    asked: list[Offer]
    urgency: Urgency
    suitable: Mask
    """Who could be asked at some time: speaks the language, takes part, not asked in this round."""

    @property
    def question(self) -> Question:
        return self.context.question

    @property
    def now(self) -> datetime:
        return self.context.now

    @property
    def hurried(self) -> bool:
        return self.urgency.value >= self.policy.hurried_from

    @property
    def has_become_hurried(self) -> bool:
        """Whether it is hurried, and was not when people were asked last."""
        before = self.question.priority
        return self.hurried and before is not None and before < self.policy.hurried_from


def route(
    question: Question,
    roster: Roster,
    policy: Policy,
    now: datetime,
    *,
    taxonomy: Taxonomy,
    experts: "Experts | None" = None,
    asked: Sequence[Offer] = (),
    loads: Mapping[int, Load] | None = None,
    vector: Vector | None = None,
) -> Routing:
    """Decide whom to ask about a question now, and when to look again.

    Call it when a question opens, at its ``due_at``, and as soon as everybody asked has passed; called too
    early, it says until when to wait. It never proposes somebody who is off duty, paused, at a cap, asked
    before in this round, or does not speak the question's language.

    Args:
        question: As it stands; ``rung`` is what the last routing returned (0 when the round begins).
        roster: The employees.
        policy: How many to ask and how long to wait.
        now: The present time.
        taxonomy: The topics.
        experts: What was learned from past answers; None works with declared expertise alone.
        asked: The offers of this question so far, in their present states.
        loads: What is on people's plates; a ``Workload`` of this roster spares the conversion.
        vector: The embedding of the question's text, if there is a model.
    """
    [context] = ScoringContext.of_batch(
        [question],
        now,
        taxonomy,
        experts,
        {} if vector is None else {question.id: vector},
        weights=policy.weights,
        knows_from=policy.knows_from,
    )
    return _decide(context, roster, policy, Workload.of(roster, loads or {}), asked)


def _decide(
    context: ScoringContext, roster: Roster, policy: Policy, workload: Workload, asked: Sequence[Offer]
) -> Routing:
    question, now = context.question, context.now
    offers = this_round(question, asked)
    call = _Call(
        context=context,
        roster=roster,
        workload=workload,
        policy=policy,
        asked=offers,
        urgency=_urgency(question, now, policy),
        suitable=_suitable(question, roster, offers),
    )
    claimed = claim_ends(offers, now)
    if claimed is not None and not call.hurried:
        return _routing(
            call, (), QuestionState.OFFERED, claimed, question.rung, "waiting for whoever took it"
        )
    # What presses waits for nobody: whoever took it may still answer, and the ladder goes on meanwhile.
    offers = [offer for offer in going_on(offers, now) if not offer.claimed]
    call = replace(call, asked=offers)
    until = patience_ends(offers, policy, now)
    goes_on = call.has_become_hurried and question.rung < len(policy.rungs)
    if until is not None and not goes_on:
        return _routing(call, (), QuestionState.OFFERED, until, question.rung, "waiting for the people asked")
    if question.rung >= len(policy.rungs):
        return _give_up(call, phrase("nobody answered in time"))
    return _next_rung(call)


def route_many(
    questions: Sequence[Question],
    roster: Roster,
    policy: Policy,
    now: datetime,
    *,
    taxonomy: Taxonomy,
    experts: "Experts | None" = None,
    asked: Mapping[int, Sequence[Offer]] | None = None,
    loads: Mapping[int, Load] | None = None,
    vectors: Mapping[int, Vector] | None = None,
) -> list[Routing]:
    """Route a batch, the most urgent first, so that the offers of one count as load for the next.

    ``asked`` and ``vectors`` are by question id. The routings come in the order of the questions.
    """
    workload = Workload(roster, loads or {})
    contexts = ScoringContext.of_batch(
        questions, now, taxonomy, experts, vectors, weights=policy.weights, knows_from=policy.knows_from
    )
    rank = sorted(
        range(len(questions)),
        key=lambda at: (
            -_urgency(questions[at], now, policy).value,
            questions[at].asked_at,
            questions[at].id,
        ),
    )
    routings: dict[int, Routing] = {}
    for at in rank:
        offers = (asked or {}).get(questions[at].id, ())
        routings[at] = _decide(contexts[at], roster, policy, workload, offers)
        for offer in routings[at].offers:
            workload.add(offer.employee_id, now)
    return [routings[at] for at in range(len(questions))]


def _suitable(question: Question, roster: Roster, asked: Sequence[Offer]) -> Mask:
    mask = roster.speaks(question.language) & (roster.paused_until < np.inf)
    mask &= (roster.daily_cap > 0) & (roster.open_cap > 0)
    mask[_positions(roster, (offer.employee_id for offer in asked))] = False
    return mask


def _positions(roster: Roster, employee_ids: Iterable[int]) -> Ints:
    known = [roster.position[one] for one in employee_ids if one in roster.position]
    return np.array(known, dtype=np.int64)


def _next_rung(call: _Call) -> Routing:
    """Ask the people of the next rung, or wait for somebody to ask."""
    eligible = np.flatnonzero(call.suitable & call.roster.available(call.now) & call.workload.free())
    if not len(eligible):
        return _wait(call, call.suitable)
    before = _who_answered_before(call, eligible)
    scores = _appraise(call, eligible if before is None else before)
    knowers = np.flatnonzero(scores.knows)
    if len(knowers):
        return _offer(call, scores, knowers, "")
    absent = _absent_knowers(call) if call.asked else None
    if absent is not None and absent.any():
        return _wait(call, absent)
    everybody = np.arange(len(scores.positions))
    return _offer(call, scores, everybody, "nobody who knows the subject can be asked now")


def _appraise(call: _Call, positions: Ints) -> Scores:
    return appraise(call.context, call.roster, call.workload, positions)


def _absent_knowers(call: _Call) -> Mask:
    """Who knows the subject but cannot be asked now: worth waiting for once others were asked in vain."""
    positions = np.flatnonzero(call.suitable)
    mask = np.zeros(len(call.roster), dtype=np.bool_)
    mask[positions[_appraise(call, positions).knows]] = True
    return mask


def _who_answered_before(call: _Call, eligible: Ints) -> Ints | None:
    """Who a follow-up goes to first: whoever answered last and can be asked."""
    if not (call.policy.follow_up_first and call.question.round > 0 and call.question.rung == 0):
        return None
    positions = _positions(call.roster, call.question.answered_by)
    here = positions[np.isin(positions, eligible)]
    return here[:1] if len(here) else None


def _offer(call: _Call, scores: Scores, pool: Ints, note: str) -> Routing:
    """Ask the best of the pool (columns of the scores)."""
    rung = call.policy.rungs[call.question.rung]
    wanted = people(rung, call.policy, hurried=call.hurried)
    chosen = _choose(call, scores, pool, min(wanted, call.policy.generalists) if note else wanted)
    minutes = call.workload.usual_minutes[[call.roster.position[score.employee_id] for score in chosen]]
    wait = patience(rung, minutes.tolist(), call.policy, hurried=call.hurried)
    number = call.question.rung + 1
    offers = tuple(
        Offer(
            question_id=call.question.id,
            employee_id=score.employee_id,
            offered_at=call.now,
            expires_at=call.now + wait * (1 + call.policy.linger),
            rung=number,
            round=call.question.round,
            score=score.value,
            reasons=score.reasons,
        )
        for score in chosen
    )
    return _routing(call, offers, QuestionState.OFFERED, call.now + wait, number, note)


def _choose(call: _Call, scores: Scores, pool: Ints, wanted: int) -> list[Score]:
    """The best, ties by lot; the last place may be a newcomer's."""
    today = call.workload.offers_today[scores.positions[pool]]
    pool = pool[within_fair_load(today, wanted, call.policy.most_load)]
    lot = hash_uniform(call.question.id, call.roster.ids[scores.positions[pool]])
    order = pool[np.lexsort((lot, -np.round(scores.total[pool], 9)))][:wanted]
    kept = newcomer_in_turn(call.question, call.policy, call.roster, call.workload, scores, call.now)
    if kept is None or kept in order:
        return [scores.score(column) for column in order.tolist()]
    best = [scores.score(column) for column in order[: max(1, wanted - 1)].tolist()]
    new = scores.score(kept)
    return [*best, replace(new, reasons=(*new.reasons, newcomer()))]


def _wait(call: _Call, whom: Mask) -> Routing:
    """Nobody can be asked now: look again when one of these can, or when an open offer ends; else give up.

    A hand that becomes free meanwhile wakes it; ``retry`` only makes sure that nothing is forgotten.
    """
    began = _began(call)
    longest = call.policy.wait_for_duty
    latest = began + (min(call.policy.wait_for_more, longest) if _presses(call) else longest)
    # The longer it has waited, the longer the steps: a backlog must not be routed over and over.
    retry = max(call.policy.retry, (call.now - began) / 4)
    chances = chances_to_ask(call.roster, call.workload, whom, call.now, retry)
    in_time = [moment for moment in chances if moment <= latest]
    lasting = [offer.expires_at for offer in still_open(call.asked, call.now)]
    if not in_time and not lasting:
        return _give_up(call, phrase("nobody can be asked in time"))
    state = QuestionState.OFFERED if lasting else QuestionState.OPEN
    note = "waiting for somebody who can be asked" if in_time else "waiting for the people asked"
    routing = _routing(call, (), state, min([*in_time, *lasting]), call.question.rung, note)
    return replace(routing, waits=True)


def _began(call: _Call) -> datetime:
    """When this round's waiting began: the latest offers, else the customer's post."""
    opened = call.question.reopened_at or (call.question.asked_at if call.question.round == 0 else call.now)
    return max([opened, *(offer.offered_at for offer in call.asked)])


def _presses(call: _Call) -> bool:
    """Whether a question should not wait long: urgent in itself, or put to people who should know in vain."""
    opened = call.question.reopened_at or call.question.asked_at
    if _urgency(call.question, opened, call.policy).value >= call.policy.hurried_from:
        return True
    asked = _positions(call.roster, (offer.employee_id for offer in call.asked))
    return len(asked) > 0 and (
        not call.context.topics or bool(call.context.coverage(call.roster)[asked].any())
    )


def _give_up(call: _Call, note: str) -> Routing:
    """Over to a person in charge, unless people asked may still answer."""
    lasting = [offer.expires_at for offer in still_open(call.asked, call.now)]
    if lasting:
        note, rung = "waiting for the people asked", call.question.rung
        return _routing(call, (), QuestionState.OFFERED, max(lasting), rung, note)
    return _routing(call, (), QuestionState.ESCALATED, None, call.question.rung, note)


def _urgency(question: Question, now: datetime, policy: Policy) -> Urgency:
    return urgency(question, now, long_wait=policy.long_wait, wide_reach=policy.wide_reach)


def _routing(
    call: _Call,
    offers: tuple[Offer, ...],
    state: QuestionState,
    due_at: datetime | None,
    rung: int,
    note: str,
) -> Routing:
    return Routing(
        offers=offers,
        state=state,
        due_at=due_at,
        rung=rung,
        topics=call.context.topics,
        priority=call.urgency.value,
        note=note,
    )
