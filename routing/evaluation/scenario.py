"""A world to simulate, made from a record of questions and who answered them.

Everything an operator would have known beforehand comes from the earlier part of the record: who is there,
what they know, when they work, how answer times spread. The later part is what happens.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from routing.evaluation.simulate import Arrival, Behaviour, World
from routing.experts.evidence import PastQuestion
from routing.experts.experts import Experts
from routing.model.arrays import Floats
from routing.model.domain import Employee, Expertise, PastAnswer, Question, Shift, Topic
from routing.model.topics import Taxonomy

_BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
"""A Monday without a change of clocks near."""
_LEAST_ANSWERS = 2
_LEVELS = ((10, 3), (4, 2), (1, 1))
"""Answers in a topic from which somebody counts as level 3, 2, 1."""
_DUTY_HOURS = 9
_LONGEST_DELAY = timedelta(days=1)
"""Later answers say when somebody came by, not how long they took."""
_PLAIN_SPREAD = 1.0
"""Standard deviation of the logarithm of answer times where the record has no clock."""
_QUANTILES = np.linspace(0.0025, 0.9975, 200)
_NEWCOMERS = 3
_HOURS = 24


@dataclass(frozen=True, slots=True)
class PastThread:
    """One question of the record; its times are None where the record has no clock."""

    text: str
    topics: tuple[str, ...]
    answers: tuple[tuple[str, datetime | None], ...]
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What the record does not tell.

    Attributes:
        questions_per_day: How many come in; within a day they follow the hours of the record.
        answer_minutes: The median from an offer to its answer. The record tells how answer times spread, not
            how long people take once they are asked: there, nobody was. None takes the record's own.
        known: The share of the record that is known when the simulation begins.
        limit: The most questions simulated.
    """

    questions_per_day: float = 200.0
    answer_minutes: float | None = 6.0
    known: float = 0.6
    limit: int = 400

    def __post_init__(self) -> None:
        if not self.questions_per_day > 0:
            raise ValueError("questions_per_day must be above 0.")
        if self.answer_minutes is not None and not self.answer_minutes > 0:
            raise ValueError("answer_minutes must be above 0.")
        if not 0 < self.known < 1:
            raise ValueError("known must be between 0 and 1.")
        if self.limit < 1:
            raise ValueError("limit must be at least 1.")


def build_world(threads: Sequence[PastThread], assumptions: Assumptions) -> World:
    """The world of a record.

    Raises:
        ValueError: when the record is too short to have both a past and a future.
    """
    split = int(len(threads) * assumptions.known)
    past, future = threads[:split], threads[split:][: assumptions.limit]
    ids = _known_people(past)
    if not ids or not future:
        raise ValueError(
            "The record is too short to simulate: its first part needs people with at least "
            f"{_LEAST_ANSWERS} answers, and at least one question must follow it."
        )
    employees = _employees(past, ids)
    taxonomy = _taxonomy(threads)
    newcomers = _newcomers(past, taxonomy, first_id=len(ids) + 1)
    return World(
        employees=(*employees, *newcomers),
        taxonomy=taxonomy,
        arrivals=_arrivals(past, future, ids, assumptions),
        behaviour=Behaviour(answer_times(past, assumptions.answer_minutes)),
        experts=lambda: _taught(past, ids),
        newcomers=frozenset(one.id for one in newcomers),
    )


def answer_times(threads: Sequence[PastThread], median: float | None) -> Floats:
    """Quantiles of the minutes to an answer, with the spread of the record and the median given."""
    delays = [
        (at - thread.asked_at) / timedelta(minutes=1)
        for thread in threads
        for _, at in thread.answers
        if thread.asked_at and at and timedelta(0) < at - thread.asked_at <= _LONGEST_DELAY
    ]
    if not delays:
        spread = np.random.default_rng(0).lognormal(0.0, _PLAIN_SPREAD, 20_000)
        return np.quantile(spread, _QUANTILES) * (median or Assumptions().answer_minutes or 1.0)
    minutes = np.quantile(delays, _QUANTILES)
    return minutes if median is None else minutes * (median / float(np.median(minutes)))


def _known_people(past: Sequence[PastThread]) -> dict[str, int]:
    counts = Counter(name for thread in past for name, _ in thread.answers)
    known = [name for name, count in counts.items() if count >= _LEAST_ANSWERS]
    return {name: number for number, name in enumerate(known, start=1)}


def _employees(past: Sequence[PastThread], ids: dict[str, int]) -> list[Employee]:
    topics: dict[str, Counter[str]] = defaultdict(Counter)
    hours: dict[str, Counter[int]] = defaultdict(Counter)
    for thread in past:
        for name, at in thread.answers:
            topics[name].update(thread.topics)
            if at is not None:
                hours[name][at.astimezone(UTC).hour] += 1
    return [
        Employee(
            id=number,
            name=name,
            expertise=tuple(Expertise(topic, _level(count)) for topic, count in sorted(topics[name].items())),
            shifts=_shifts(number, hours[name]),
            daily_cap=40,
            open_cap=5,
            joined_at=_BEGIN - timedelta(days=100),
        )
        for name, number in ids.items()
    ]


def _level(count: int) -> int:
    return next(level for least, level in _LEVELS if count >= least)


def _shifts(number: int, hours: Counter[int]) -> tuple[Shift, ...]:
    """Nine hours a day: those in which somebody answered most, or one of three desks around the clock."""
    start = number % 3 * 8
    if hours:
        start = max(range(_HOURS), key=lambda h: sum(hours[(h + k) % _HOURS] for k in range(_DUTY_HOURS)))
    days = range(7) if number % 3 == 0 else range(5)
    end = start + _DUTY_HOURS
    shifts = [Shift(day, start * 60, min(end, _HOURS) * 60) for day in days]
    if end > _HOURS:
        shifts += [Shift((day + 1) % 7, 0, (end - _HOURS) * 60) for day in days]
    return tuple(shifts)


def _newcomers(past: Sequence[PastThread], taxonomy: Taxonomy, first_id: int) -> list[Employee]:
    """People who join on the second morning and declared the topics most often named: when are they found?"""
    named = Counter(topic.slug for thread in past for topic in taxonomy.classify(thread.text)[:1])
    common = [topic for topic, _ in named.most_common(_NEWCOMERS)]
    joined = _BEGIN + timedelta(days=1, hours=9)
    return [
        Employee(
            id=number,
            name=f"newcomer {number}",
            expertise=(Expertise(topic, 2),),
            shifts=tuple(Shift(day, 9 * 60, 18 * 60) for day in range(7)),
            joined_at=joined,
            paused_until=joined,
        )
        for number, topic in enumerate(common, start=first_id)
    ]


def _taxonomy(threads: Sequence[PastThread]) -> Taxonomy:
    slugs = dict.fromkeys(topic for thread in threads for topic in thread.topics)
    return Taxonomy([Topic(slug, re.sub(r"[-_]+", " ", slug)) for slug in slugs])


def _arrivals(
    past: Sequence[PastThread], future: Sequence[PastThread], ids: dict[str, int], assumptions: Assumptions
) -> tuple[Arrival, ...]:
    """The questions in their order, at the rate assumed, within a day as the record's hours have it."""
    minutes = _minutes_of_day(past)
    arrivals = []
    for at, thread in enumerate(future):
        day, part = divmod((at + 0.5) / assumptions.questions_per_day, 1.0)
        moment = _BEGIN + timedelta(days=day, minutes=float(np.quantile(minutes, part)))
        able = frozenset(ids[name] for name, _ in thread.answers if name in ids)
        arrivals.append(Arrival(Question(at + 1, thread.text, moment), thread.topics, able))
    return tuple(arrivals)


def _minutes_of_day(past: Sequence[PastThread]) -> Floats:
    clocks = [thread.asked_at.astimezone(UTC) for thread in past if thread.asked_at]
    if not clocks:
        return np.arange(0.0, 1440.0)
    return np.array([clock.hour * 60 + clock.minute for clock in clocks], dtype=np.float64)


def _taught(past: Sequence[PastThread], ids: dict[str, int]) -> Experts:
    """A model of all the answers of the past; without a clock, one hour passes from question to question."""
    experts = Experts()
    for number, thread in enumerate(past):
        key = -1 - number
        asked_at = _BEGIN - timedelta(hours=len(past) - number)
        question = PastQuestion(key, asked_at, thread.text, topics=thread.topics)
        for name, _ in thread.answers:
            if name in ids:
                experts.learn(question, PastAnswer(key, ids[name], asked_at, "", thread.topics))
    return experts
