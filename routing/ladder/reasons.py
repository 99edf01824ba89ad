"""Why somebody is asked, in plain words, with the share of the score that each reason makes up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from routing.ladder.roster import Roster, Workload
from routing.model.domain import Question, Reason, TopicWeight
from routing.model.phrases import phrase, phrases
from routing.model.topics import Taxonomy

_DAYS = (
    phrase("Monday"),
    phrase("Tuesday"),
    phrase("Wednesday"),
    phrase("Thursday"),
    phrase("Friday"),
    phrase("Saturday"),
    phrase("Sunday"),
)
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
        ReasonKind.NEWCOMER.value,
        phrase("next in turn for the place kept for who has not been asked lately"),
        0.0,
    )


def _expertise(case: _Case) -> str:
    own = {e.topic: e.level for e in case.facts.roster.employees[case.position].expertise}
    exact = [topic.slug for topic in case.facts.topics if topic.slug in own]
    broader = [
        up for topic in case.facts.topics for up in case.facts.taxonomy.ancestors(topic.slug) if up in own
    ]
    above = {up for slug in exact for up in case.facts.taxonomy.ancestors(slug)}
    named = [slug for slug in exact if slug not in above][:2] or broader[:1]
    known = [(case.facts.taxonomy.name(slug), own[slug]) for slug in named]
    if len(known) == 2:
        (one, level), (other, other_level) = known
        return phrase(
            "knows %(topic)s (level %(level)s) and %(other)s (level %(other_level)s)",
            topic=one,
            level=level,
            other=other,
            other_level=other_level,
        )
    return phrase("knows %(topic)s (level %(level)s)", topic=known[0][0], level=known[0][1])


def _neighbours(case: _Case) -> str:
    count = int(case.facts.neighbours[case.column])
    if not case.speaks_for:
        return phrase("others answer more questions like this")
    if not count:
        return phrase("answered questions like this")
    return phrases("answered %(number)s like this", "answered %(number)s like this", count)


def _topics(case: _Case) -> str:
    if not case.speaks_for:
        return phrase("answers other topics more often")
    names = [case.facts.taxonomy.name(topic.slug) for topic in case.facts.topics[:2]]
    if len(names) == 2:
        return phrase("has answered about %(topic)s and %(other)s", topic=names[0], other=names[1])
    if names:
        return phrase("has answered about %(topic)s", topic=names[0])
    return phrase("has answered about such topics")


def _activity(case: _Case) -> str:
    count = int(case.facts.answers[case.column])
    if not case.speaks_for:
        return phrase("has not answered lately")
    if count >= _MANY:
        return phrases("answers often (%(number)s so far)", "answers often (%(number)s so far)", count)
    if not count:
        return phrase("answers now and then")
    return phrases("answered %(number)s question so far", "answered %(number)s questions so far", count)


def _duty(case: _Case) -> str:
    until = case.facts.roster.calendar.off_duty_at(case.position, case.facts.now)
    if until is None:
        return phrase("has no fixed hours")
    today = case.facts.now.astimezone(until.tzinfo).date()
    clock = f"{until:%H:%M}"
    if until.date() == today or (clock == "00:00" and until.date() - today <= timedelta(days=1)):
        if clock == "00:00":
            return phrase("on duty until midnight")
        return phrase("on duty until %(clock)s", clock=clock)
    return phrase("on duty until %(day)s %(clock)s", day=_DAYS[until.weekday()], clock=clock)


def _speed(case: _Case) -> str:
    minutes = float(case.facts.workload.usual_minutes[case.position])
    if minutes >= 90:
        return phrases(
            "usually answers within %(number)s hour",
            "usually answers within %(number)s hours",
            round(minutes / 60),
        )
    return phrases(
        "usually answers within %(number)s minute",
        "usually answers within %(number)s minutes",
        max(1, round(minutes)),
    )


def _load(case: _Case) -> str:
    if case.speaks_for:
        return phrase("fewer offers than others today")
    count = int(case.facts.workload.offers_today[case.position])
    return phrases("asked once today already", "asked %(number)s times today already", count)


def _rotation(case: _Case) -> str:
    last = float(case.facts.workload.last_offered[case.position])
    if np.isnan(last):
        return phrase("not asked before")
    waited = case.facts.now - datetime.fromtimestamp(last, tz=UTC)
    minutes = round(waited / timedelta(minutes=1))
    if minutes < 90:
        return phrases("not asked for %(number)s minute", "not asked for %(number)s minutes", minutes)
    hours = round(minutes / 60)
    if hours < 48:
        return phrases("not asked for %(number)s hour", "not asked for %(number)s hours", hours)
    return phrases("not asked for %(number)s day", "not asked for %(number)s days", round(hours / 24))


def _open_offers(case: _Case) -> str:
    count = int(case.facts.workload.open_offers[case.position])
    return phrases("has another offer open", "has %(number)s offers open", count)


def _breadth(case: _Case) -> str:
    count = int(case.facts.roster.breadth[case.position])
    return phrases(
        "knows %(number)s topic, in case that helps", "knows %(number)s topics, in case that helps", count
    )


def _either(good: str, bad: str) -> Callable[[_Case], str]:
    return lambda case: good if case.speaks_for else bad


_WORDS: dict[ReasonKind, Callable[[_Case], str]] = {
    ReasonKind.EXPERTISE: _expertise,
    ReasonKind.NEIGHBOURS: _neighbours,
    ReasonKind.MEANING: _either(
        phrase("answered questions of the same meaning"), phrase("answers questions of other meaning")
    ),
    ReasonKind.TERMS: _either(
        phrase("has answered questions in these words"), phrase("answers questions in other words")
    ),
    ReasonKind.TOPICS: _topics,
    ReasonKind.ACTIVITY: _activity,
    ReasonKind.OUTCOMES: _either(
        phrase("answers of theirs helped"), phrase("passed on or left similar offers")
    ),
    ReasonKind.CUSTOMER: lambda _: phrase("answered this customer before"),
    ReasonKind.BREADTH: _breadth,
    ReasonKind.DUTY: _duty,
    ReasonKind.SPEED: _speed,
    ReasonKind.LOAD: _load,
    ReasonKind.ROTATION: _rotation,
    ReasonKind.OPEN_OFFERS: _open_offers,
}
