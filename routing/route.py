"""The one door of this floor: whom to ask about a question now, and when to look again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from routing.availability import Mask
from routing.domain import Load, Offer, Question, QuestionState, Reason, Routing, Score
from routing.evidence import Vector
from routing.experts import Experts
from routing.fairness import by_lot, newcomer_in_turn
from routing.ladder import Policy, Rung, patience, patience_ends, people, still_open, this_round
from routing.priority import Urgency, urgency
from routing.reasons import newcomer
from routing.roster import Roster, Rows, Workload
from routing.score import Matter, Scores, appraise, subject
from routing.topics import Taxonomy

__all__ = ["route", "route_many"]


@dataclass(frozen=True, slots=True)
class _Call:
    """Everything one decision is made from."""

    matter: Matter
    roster: Roster
    workload: Workload
    policy: Policy
    asked: list[Offer]
    urgency: Urgency
    suitable: Mask
    """Who could be asked at some time: speaks the language, takes part, not asked in this round."""

    @property
    def question(self) -> Question:
        return self.matter.question

    @property
    def now(self) -> datetime:
        return self.matter.now

    @property
    def hurried(self) -> bool:
        return self.urgency.value >= self.policy.hurried_from


def route(
    question: Question,
    roster: Roster,
    policy: Policy,
    now: datetime,
    *,
    taxonomy: Taxonomy,
    experts: Experts | None = None,
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
        loads: What is on people's plates; ``Workload`` spares the conversion in batches.
        vector: The embedding of the question's text, if there is a model.
    """
    topics = subject(question, now, taxonomy, experts, vector)
    matter = Matter(question, topics, taxonomy, now, policy.weights, experts, vector)
    offers = this_round(question, asked)
    call = _Call(
        matter=matter,
        roster=roster,
        workload=Workload.of(roster, loads or {}),
        policy=policy,
        asked=offers,
        urgency=urgency(question, now, long_wait=policy.long_wait, wide_reach=policy.wide_reach),
        suitable=_suitable(question, roster, offers),
    )
    until = patience_ends(offers, policy, now)
    if until is not None:
        return _routing(call, (), QuestionState.OFFERED, until, question.rung, "waiting for the people asked")
    if question.rung >= len(policy.rungs):
        return _give_up(call, "nobody answered in time")
    return _next_rung(call)


def route_many(
    questions: Sequence[Question],
    roster: Roster,
    policy: Policy,
    now: datetime,
    *,
    taxonomy: Taxonomy,
    experts: Experts | None = None,
    asked: Mapping[int, Sequence[Offer]] | None = None,
    loads: Mapping[int, Load] | None = None,
    vectors: Mapping[int, Vector] | None = None,
) -> list[Routing]:
    """Route a batch, the most urgent first, so that the offers of one count as load for the next.

    ``asked`` and ``vectors`` are by question id. The routings come in the order of the questions.
    """
    workload = Workload(roster, loads or {})
    rank = sorted(
        range(len(questions)),
        key=lambda at: (
            -urgency(questions[at], now, long_wait=policy.long_wait, wide_reach=policy.wide_reach).value,
            questions[at].asked_at,
            questions[at].id,
        ),
    )
    routings: dict[int, Routing] = {}
    for at in rank:
        question = questions[at]
        routings[at] = route(
            question,
            roster,
            policy,
            now,
            taxonomy=taxonomy,
            experts=experts,
            asked=(asked or {}).get(question.id, ()),
            loads=workload,
            vector=(vectors or {}).get(question.id),
        )
        for offer in routings[at].offers:
            workload.add(offer.employee_id, now)
    return [routings[at] for at in range(len(questions))]


def _suitable(question: Question, roster: Roster, asked: Sequence[Offer]) -> Mask:
    mask = roster.speaks(question.language)
    known = [roster.position[offer.employee_id] for offer in asked if offer.employee_id in roster.position]
    mask[known] = False
    mask &= np.isfinite(roster.paused_until) | (roster.paused_until < 0)
    return mask


def _next_rung(call: _Call) -> Routing:
    """Ask the people of the next rung, or say why nobody can be asked now."""
    eligible = np.flatnonzero(call.suitable & call.roster.available(call.now) & call.workload.free())
    if not len(eligible):
        return _wait_for_somebody(call)
    rung = call.policy.rungs[call.question.rung]
    first = _who_answered_before(call, eligible)
    coverage = call.matter.coverage(call.roster)
    candidates = eligible if first is None else first
    scores = appraise(
        call.matter, call.roster, call.workload, candidates, coverage, _typical_load(call, eligible, coverage)
    )
    chosen, note = _choose(call, scores, rung)
    return _offer(call, chosen, rung, note)


def _typical_load(call: _Call, eligible: Rows, coverage: np.ndarray) -> float:
    """The mean number of offers today of the people this question competes for."""
    peers = eligible[coverage[eligible] > 0]
    return float(call.workload.offers_today[peers if len(peers) else eligible].mean())


def _who_answered_before(call: _Call, eligible: Rows) -> Rows | None:
    """Who a follow-up goes to first: whoever answered last and can be asked."""
    if not (call.policy.follow_up_first and call.question.round > 0 and call.question.rung == 0):
        return None
    for employee_id in call.question.answered_by:
        position = call.roster.position.get(employee_id)
        if position is not None and position in eligible:
            return np.array([position])
    return None


def _choose(call: _Call, scores: Scores, rung: Rung) -> tuple[list[tuple[Score, int]], str]:
    """The people to ask, best first, with their positions; and a word on how they were chosen."""
    wanted = people(rung, call.policy, hurried=call.hurried)
    knows = (scores.coverage > 0) | (scores.learned() >= call.policy.knows_from)
    note = ""
    if call.question.answered_by and call.question.round > 0:
        knows |= np.isin(call.roster.ids[scores.positions], call.question.answered_by)
    pool = np.flatnonzero(knows)
    if not len(pool):
        pool = np.arange(len(scores.positions))
        wanted = min(wanted, call.policy.generalists)
        note = "nobody who knows the subject can be asked, so it goes to who is most likely to"
    lot = by_lot(call.question.id, call.roster.ids[scores.positions])
    order = pool[np.lexsort((lot[pool], -np.round(scores.total[pool], 9)))][:wanted]
    kept = newcomer_in_turn(call.question, call.policy, call.roster, call.workload, scores, call.now)
    extra: dict[int, Reason] = {}
    if kept is not None and kept not in order:
        order = np.append(order[: max(1, wanted - 1)], kept)
        extra[int(kept)] = newcomer()
    chosen = []
    for column in order.tolist():
        score = scores.score(column)
        if column in extra:
            score = replace(score, reasons=(*score.reasons, extra[column]))
        chosen.append((score, int(scores.positions[column])))
    return chosen, note


def _offer(call: _Call, chosen: list[tuple[Score, int]], rung: Rung, note: str) -> Routing:
    minutes = [float(call.workload.usual_minutes[position]) for _, position in chosen]
    wait = patience(rung, minutes, call.policy, hurried=call.hurried)
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
        for score, _ in chosen
    )
    return _routing(call, offers, QuestionState.OFFERED, call.now + wait, number, note)


def _wait_for_somebody(call: _Call) -> Routing:
    """Nobody can be asked now: wait for the next who can, for open offers, or give up."""
    when = _next_available(call)
    lasting = [offer.expires_at for offer in still_open(call.asked, call.now)]
    moments = [*lasting, *([when] if when else [])]
    if not moments:
        return _give_up(call, "nobody can be asked in time")
    state = QuestionState.OFFERED if lasting else QuestionState.OPEN
    note = "waiting for the people asked" if when is None else "waiting for somebody who can be asked"
    return _routing(call, (), state, min(moments), call.question.rung, note)


def _next_available(call: _Call) -> datetime | None:
    """When somebody suitable can be asked next, as far as the question may wait for it."""
    since = max(call.question.asked_at, call.question.reopened_at or call.question.asked_at)
    latest = max(since, since if call.question.round == 0 else call.now) + call.policy.wait_for_duty
    moments = [moment for moment in _chances(call) if moment <= latest]
    return min(moments, default=None)


def _chances(call: _Call) -> list[datetime]:
    """When somebody suitable becomes available: by duty, a pause's end, a new day, a free hand."""
    roster, now = call.roster, call.now
    suitable = np.flatnonzero(call.suitable)
    below = call.workload.under_daily_cap()[suitable]
    paused = roster.paused_until[suitable] > now.timestamp()
    moments = [roster.calendar.next_on_duty(suitable[below & ~paused], now)]
    if moments[0] is not None and moments[0] <= now:
        # On duty and below the daily cap, so all their hands are full.
        moments = [now + call.policy.retry]
    for until in np.unique(roster.paused_until[suitable[paused & below]])[:50].tolist():
        back = suitable[roster.paused_until[suitable] == until]
        moments.append(roster.calendar.next_on_duty(back, datetime.fromtimestamp(until, tz=UTC)))
    for zone in np.unique(roster.calendar.zone_of[suitable[~below]]).tolist():
        there = suitable[~below][roster.calendar.zone_of[suitable[~below]] == zone]
        moments.append(roster.calendar.next_on_duty(there, roster.calendar.next_midnight(zone, now)))
    return [moment for moment in moments if moment is not None]


def _give_up(call: _Call, note: str) -> Routing:
    """Over to a person in charge, unless people asked may still answer."""
    lasting = [offer.expires_at for offer in still_open(call.asked, call.now)]
    if lasting:
        note, rung = "waiting for the people asked", call.question.rung
        return _routing(call, (), QuestionState.OFFERED, max(lasting), rung, note)
    return _routing(call, (), QuestionState.ESCALATED, None, call.question.rung, note)


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
        topics=call.matter.topics,
        priority=call.urgency.value,
        note=note,
    )
