"""What a policy would do: a discrete-event simulation of questions, people on shifts, and the real router.

Every draw comes from a lot of its own for each pair of question and person, so that two policies meet the
same people in the same mood: what differs between their figures is the policies' doing.
"""

import heapq
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum

import numpy as np

from routing.evaluation.figures import PolicyFigures, Tally
from routing.experts.evidence import PastQuestion
from routing.experts.experts import Experts
from routing.ladder.fairness import hash_uniform
from routing.ladder.policy import Policy, still_open
from routing.ladder.roster import Roster, Workload
from routing.ladder.route import route
from routing.ladder.waking import WaitingQuestion, to_wake
from routing.model.arrays import Floats
from routing.model.domain import Employee, Offer, OfferState, Outcome, PastAnswer, Question, QuestionState
from routing.model.topics import Taxonomy

_MEASURED_FROM = 5
"""Answers of a person from which their usual answer time counts as measured."""
_MOST_WOKEN = 100
_SALTS = 8
_ANSWERS, _WHEN, _PASSES, _PASSES_WHEN = range(4)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How people take offers.

    ``answer_minutes`` are observed times from an offer to its answer, any number of them: each answer takes
    one drawn from these. ``able``, ``knowing`` and ``other`` are the chances that an offer is answered by
    somebody who did answer this question in reality, by somebody who declared one of its topics (by how much
    of it they cover), and by anybody else. Who does not answer passes with chance ``passes``, after a time
    that is exponential with mean ``pass_minutes``; the rest leave the offer alone.
    """

    answer_minutes: Floats
    able: float = 0.7
    knowing: float = 0.35
    other: float = 0.03
    passes: float = 0.5
    pass_minutes: float = 3.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """A question to come, what it is truly about, and who truly could answer it."""

    question: Question
    topics: tuple[str, ...] = ()
    able: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class World:
    """Everything but the policy. ``experts`` makes a fresh model of all that is known when the world begins.

    ``newcomers`` are the employees whose first offer is timed, from when they joined.
    """

    employees: tuple[Employee, ...]
    taxonomy: Taxonomy
    arrivals: tuple[Arrival, ...]
    behaviour: Behaviour
    experts: Callable[[], Experts | None] = lambda: None
    newcomers: frozenset[int] = frozenset()


class _Kind(IntEnum):
    MIDNIGHT = 0
    EXPIRE = 1
    PASS = 2
    ANSWER = 3
    ARRIVE = 4
    LOOK = 5


@dataclass(slots=True)
class _Case:
    """A question on its way through the simulation."""

    arrival: Arrival
    question: Question
    asked: list[Offer] = field(default_factory=list)
    state: QuestionState = QuestionState.OPEN
    looks: int = 0
    waits_for_capacity: bool = False

    @property
    def is_waiting(self) -> bool:
        return self.state in (QuestionState.OPEN, QuestionState.OFFERED)


def simulate(world: World, policy: Policy) -> PolicyFigures:
    """Run all the world's questions through the router under a policy, to the last open end."""
    return _Simulation(world, policy).run()


class _Simulation:
    def __init__(self, world: World, policy: Policy) -> None:
        self.world = world
        self.policy = policy
        self.roster = Roster(world.employees)
        self.workload = Workload(self.roster, {})
        self.experts = world.experts()
        self.tally = Tally()
        self._cases: dict[int, _Case] = {}
        self._minutes: dict[int, list[float]] = defaultdict(list)
        self._events: list[tuple[datetime, int, int, int, int]] = []
        self._count = 0

    def run(self) -> PolicyFigures:
        arrivals = self.world.arrivals
        for arrival in arrivals:
            self._cases[arrival.question.id] = _Case(arrival, arrival.question)
            self._plan(arrival.question.asked_at, _Kind.ARRIVE, arrival.question.id)
        if arrivals:
            for zone in range(len(self.roster.calendar.zones)):
                self._plan_midnight(zone, arrivals[0].question.asked_at)
        while self._events:
            now, kind, _, first, second = heapq.heappop(self._events)
            self._happen(_Kind(kind), now, first, second)
        return self.tally.figures(self.world.employees, self.world.newcomers)

    def _happen(self, kind: _Kind, now: datetime, first: int, second: int) -> None:
        if kind is _Kind.MIDNIGHT:
            self.workload.begin_day(np.flatnonzero(self.roster.calendar.zone_of == first))
            if any(case.is_waiting for case in self._cases.values()):
                self._plan_midnight(first, now)
        elif kind is _Kind.ARRIVE or kind is _Kind.LOOK:
            case = self._cases[first]
            if case.is_waiting and (kind is _Kind.ARRIVE or second == case.looks):
                self._route(case, now)
        elif kind is _Kind.ANSWER:
            self._answer(self._cases[first], second, now)
        else:
            state = OfferState.PASSED if kind is _Kind.PASS else OfferState.EXPIRED
            self._close(self._cases[first], second, state, now)

    def _route(self, case: _Case, now: datetime) -> None:
        routing = route(
            case.question,
            self.roster,
            self.policy,
            now,
            taxonomy=self.world.taxonomy,
            experts=self.experts,
            asked=case.asked,
            loads=self.workload,
        )
        case.state, case.waits_for_capacity = routing.state, routing.waits
        case.question = replace(case.question, rung=routing.rung, topics=routing.topics)
        case.looks += 1
        for offer in routing.offers:
            case.asked.append(offer)
            self.workload.add(offer.employee_id, now)
            self.tally.offered(offer, now)
            self._plan(offer.expires_at, _Kind.EXPIRE, case.question.id, offer.employee_id)
            self._react(case, offer)
        if routing.due_at is not None:
            self._plan(routing.due_at, _Kind.LOOK, case.question.id, case.looks)
        else:
            self.tally.escalated += 1

    def _react(self, case: _Case, offer: Offer) -> None:
        """Decide what this person will do with this offer, and when."""
        behaviour = self.world.behaviour
        lots = self._lots(offer)
        position = self.roster.position[offer.employee_id]
        left = timedelta(
            minutes=float(self.roster.calendar.minutes_left(offer.offered_at)[position].clip(max=1e6))
        )
        if lots[_ANSWERS] < self._chance(case, offer.employee_id):
            minutes = float(np.quantile(behaviour.answer_minutes, lots[_WHEN]))
            if timedelta(minutes=minutes) < left:
                at = offer.offered_at + timedelta(minutes=minutes)
                self._plan(at, _Kind.ANSWER, offer.question_id, offer.employee_id)
        elif lots[_PASSES] < behaviour.passes:
            after = timedelta(minutes=-np.log(1 - lots[_PASSES_WHEN]) * behaviour.pass_minutes)
            if after < left:
                self._plan(offer.offered_at + after, _Kind.PASS, offer.question_id, offer.employee_id)

    def _lots(self, offer: Offer) -> list[float]:
        person = np.array([offer.employee_id])
        return [float(hash_uniform(offer.question_id * _SALTS + salt, person)[0]) for salt in range(4)]

    def _chance(self, case: _Case, employee_id: int) -> float:
        behaviour, arrival = self.world.behaviour, case.arrival
        if employee_id in arrival.able:
            return behaviour.able
        if not arrival.topics:
            return behaviour.other
        employee = self.roster.employees[self.roster.position[employee_id]]
        known = {e.topic for e in employee.expertise}
        share = sum(topic in known for topic in arrival.topics) / len(arrival.topics)
        return max(behaviour.other, behaviour.knowing * share)

    def _answer(self, case: _Case, employee_id: int, now: datetime) -> None:
        """An answer counts as long as the question is still waiting, even after the offer expired."""
        if not case.is_waiting:
            return
        case.state = QuestionState.ANSWERED
        minutes = next(
            (now - o.offered_at) / timedelta(minutes=1) for o in case.asked if o.employee_id == employee_id
        )
        self.tally.answered(now - case.question.asked_at)
        free = [offer.employee_id for offer in still_open(case.asked, now)]
        for one in free:
            self.workload.close(one)
        case.asked = []
        self._measure(employee_id, minutes)
        self._wake(free, now)
        if self.experts is not None:
            question = case.arrival.question
            past = PastQuestion(question.id, question.asked_at, question.text, topics=case.arrival.topics)
            self.experts.learn(past, PastAnswer(question.id, employee_id, now, "", case.arrival.topics))

    def _measure(self, employee_id: int, minutes: float) -> None:
        known = self._minutes[employee_id]
        known.append(minutes)
        if len(known) >= _MEASURED_FROM:
            self.workload.usual_minutes[self.roster.position[employee_id]] = np.median(known[-20:])

    def _close(self, case: _Case, employee_id: int, state: OfferState, now: datetime) -> None:
        """Somebody passed, or an offer ran out; when it was the last open one, look at once."""
        for at, offer in enumerate(case.asked):
            if offer.employee_id == employee_id and offer.state is OfferState.OPEN:
                case.asked[at] = replace(offer, state=state)
                self.workload.close(employee_id)
                self._tell(offer, state, now)
                if case.is_waiting and not still_open(case.asked, now):
                    self._route(case, now)
                self._wake([employee_id], now)
                return

    def _wake(self, hands: list[int], now: datetime) -> None:
        """Who has a hand free again gets what has been waiting longest for it."""
        cases = [case for case in self._cases.values() if case.is_waiting and case.waits_for_capacity]
        waiting = [
            WaitingQuestion(
                case.question.id,
                case.question.language,
                case.question.topics,
                frozenset(offer.employee_id for offer in case.asked),
            )
            for case in sorted(cases, key=lambda case: (case.question.asked_at, case.question.id))
        ]
        woken = to_wake(waiting, hands, self.roster, self.workload, self.world.taxonomy, now, _MOST_WOKEN)
        for number in woken:
            self._route(self._cases[number], now)

    def _tell(self, offer: Offer, state: OfferState, now: datetime) -> None:
        if self.experts is not None:
            outcome = Outcome.PASSED if state is OfferState.PASSED else Outcome.IGNORED
            self.experts.outcome(offer.question_id, offer.employee_id, outcome, now)

    def _plan_midnight(self, zone: int, now: datetime) -> None:
        self._plan(self.roster.calendar.next_midnight(zone, now), _Kind.MIDNIGHT, zone)

    def _plan(self, at: datetime, kind: _Kind, first: int, second: int = 0) -> None:
        self._count += 1
        heapq.heappush(self._events, (at, int(kind), self._count, first, second))
