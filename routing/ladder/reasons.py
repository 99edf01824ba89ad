"""Why somebody is asked, in plain words, with the share of the score that each reason makes up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from routing.ladder.roster import Roster, Workload
from routing.model.domain import Question, Reason, TopicWeight
from routing.model.topics import Taxonomy

_MANY = 10
"""Answers from which somebody answers often."""


class ReasonKind(StrEnum):
    """What a reason speaks of: one row of shares in a score."""

    EXPERTISE = "expertise"
    NEIGHBOURS = "neighbours"
    MEANING = "meaning"
    TERMS = "terms"
    TOPICS = "topics"
    ACTIVITY = "activity"
    OUTCOMES = "outcomes"
    CUSTOMER = "customer"
    BREADTH = "breadth"
    DUTY = "duty"
    SPEED = "speed"
    LOAD = "load"
    ROTATION = "rotation"
    OPEN_OFFERS = "open_offers"
    NEWCOMER = "newcomer"

    @property
    def is_about_subject(self) -> bool:
        """Whether it speaks of what somebody has answered on this very subject."""
        return self in (ReasonKind.NEIGHBOURS, ReasonKind.MEANING, ReasonKind.TERMS, ReasonKind.TOPICS)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the reasons are told from; ``neighbours`` and ``answers`` are by column, the rest by position."""

    question: Question
    topics: tuple[TopicWeight, ...]
    taxonomy: Taxonomy
    roster: Roster
    workload: Workload
    now: datetime
    neighbours: NDArray[np.int64]
    answers: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Case:
    """One reason for one employee, to be put into words."""

    facts: Facts
    position: int
    column: int
    speaks_for: bool


def explain(
    shares: Mapping[ReasonKind, float], facts: Facts, position: int, column: int
) -> tuple[Reason, ...]:
    """The reasons with a share other than 0, the weightiest first."""
    reasons = [
        Reason(kind.value, _WORDS[kind](_Case(facts, position, column, share > 0)), share)
        for kind, share in shares.items()
        if share != 0
    ]
    return tuple(sorted(reasons, key=lambda reason: (-reason.share, reason.kind)))


def newcomer() -> Reason:
    """Why somebody got the place kept for newcomers; it adds nothing to the score."""
    return Reason(
        ReasonKind.NEWCOMER.value, "next in turn for the place kept for who has not been asked lately", 0.0
    )


def _expertise(case: _Case) -> str:
    own = {e.topic: e.level for e in case.facts.roster.employees[case.position].expertise}
    exact = [topic.slug for topic in case.facts.topics if topic.slug in own]
    broader = [
        up for topic in case.facts.topics for up in case.facts.taxonomy.ancestors(topic.slug) if up in own
    ]
    above = {up for slug in exact for up in case.facts.taxonomy.ancestors(slug)}
    named = [slug for slug in exact if slug not in above][:2] or broader[:1]
    parts = [f"{case.facts.taxonomy.name(slug)} (level {own[slug]})" for slug in named]
    return f"knows {' and '.join(parts)}"


def _neighbours(case: _Case) -> str:
    count = int(case.facts.neighbours[case.column])
    if not case.speaks_for:
        return "others answer more questions like this"
    return f"answered {count} like this" if count else "answered questions like this"


def _topics(case: _Case) -> str:
    if not case.speaks_for:
        return "answers other topics more often"
    names = [case.facts.taxonomy.name(topic.slug) for topic in case.facts.topics[:2]]
    return f"has answered about {' and '.join(names)}" if names else "has answered about such topics"


def _activity(case: _Case) -> str:
    count = int(case.facts.answers[case.column])
    if not case.speaks_for:
        return "has not answered lately"
    if count >= _MANY:
        return f"answers often ({count} so far)"
    return f"answered {count} question{'' if count == 1 else 's'} so far" if count else "answers now and then"


def _duty(case: _Case) -> str:
    until = case.facts.roster.calendar.off_duty_at(case.position, case.facts.now)
    if until is None:
        return "has no fixed hours"
    today = case.facts.now.astimezone(until.tzinfo).date()
    clock = f"{until:%H:%M}"
    if until.date() == today or (clock == "00:00" and until.date() - today <= timedelta(days=1)):
        return f"on duty until {clock.replace('00:00', 'midnight')}"
    return f"on duty until {until:%A} {clock}"


def _speed(case: _Case) -> str:
    minutes = float(case.facts.workload.usual_minutes[case.position])
    unit = "minute" if minutes <= 1 else "minutes"
    if minutes >= 90:
        return f"usually answers within {round(minutes / 60)} hours"
    return f"usually answers within {max(1, round(minutes))} {unit}"


def _load(case: _Case) -> str:
    if case.speaks_for:
        return "fewer offers than others today"
    count = int(case.facts.workload.offers_today[case.position])
    return f"asked {'once' if count == 1 else f'{count} times'} today already"


def _rotation(case: _Case) -> str:
    last = float(case.facts.workload.last_offered[case.position])
    if np.isnan(last):
        return "not asked before"
    waited = case.facts.now - datetime.fromtimestamp(last, tz=UTC)
    minutes = round(waited / timedelta(minutes=1))
    if minutes < 90:
        return f"not asked for {minutes} minute{'' if minutes == 1 else 's'}"
    hours = round(minutes / 60)
    return f"not asked for {hours} hours" if hours < 48 else f"not asked for {round(hours / 24)} days"


def _open_offers(case: _Case) -> str:
    count = int(case.facts.workload.open_offers[case.position])
    return "has another offer open" if count == 1 else f"has {count} offers open"


def _breadth(case: _Case) -> str:
    count = int(case.facts.roster.breadth[case.position])
    return f"knows {count} topic{'' if count == 1 else 's'}, in case that helps"


def _either(good: str, bad: str) -> Callable[[_Case], str]:
    return lambda case: good if case.speaks_for else bad


_WORDS: dict[ReasonKind, Callable[[_Case], str]] = {
    ReasonKind.EXPERTISE: _expertise,
    ReasonKind.NEIGHBOURS: _neighbours,
    ReasonKind.MEANING: _either(
        "answered questions of the same meaning", "answers questions of other meaning"
    ),
    ReasonKind.TERMS: _either("has answered questions in these words", "answers questions in other words"),
    ReasonKind.TOPICS: _topics,
    ReasonKind.ACTIVITY: _activity,
    ReasonKind.OUTCOMES: _either("answers of theirs helped", "passed on or left similar offers"),
    ReasonKind.CUSTOMER: lambda _: "answered this customer before",
    ReasonKind.BREADTH: _breadth,
    ReasonKind.DUTY: _duty,
    ReasonKind.SPEED: _speed,
    ReasonKind.LOAD: _load,
    ReasonKind.ROTATION: _rotation,
    ReasonKind.OPEN_OFFERS: _open_offers,
}
