"""Rules that do not look at an answer's words: how many its author gave, and what it is about."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from bot.actions.rules import Rules
from bot.store.conversations import answers
from bot.store.engine import Session
from routing.model.phrases import phrase, phrases

DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class GivenLately:
    """How many other answers of somebody's are out or on their way; 0 where the rules do not ask."""

    ever: int = 0
    in_a_day: int = 0
    in_an_hour: int = 0

    @classmethod
    def by(cls, session: Session, employee_id: int, rules: Rules, now: datetime) -> Self:
        """Those of this employee, up to now."""
        return cls(
            answers.count_given(session, employee_id) if rules.approve_first else 0,
            answers.count_given(session, employee_id, since=now - DAY) if rules.daily_limit else 0,
            answers.count_given(session, employee_id, since=now - HOUR) if rules.hourly_limit else 0,
        )


NOTHING_GIVEN: Final = GivenLately()
"""As if nobody had given any."""


def why_too_many(given: GivenLately, name: str, rules: Rules) -> str | None:
    """Why an answer of this person waits: a newcomer's, or one of very many. None where it need not."""
    if rules.approve_first and given.ever < rules.approve_first:
        return phrases(
            "The first answer of a newcomer is approved by a person.",
            "The first %(number)s answers of a newcomer are approved by a person.",
            rules.approve_first,
        )
    if rules.hourly_limit and given.in_an_hour >= rules.hourly_limit:
        return phrases(
            "%(name)s gave %(number)s answer within an hour; a person approves more than that.",
            "%(name)s gave %(number)s answers within an hour; a person approves more than that.",
            given.in_an_hour,
            name=name,
        )
    if rules.daily_limit and given.in_a_day >= rules.daily_limit:
        return phrases(
            "%(name)s gave %(number)s answer within a day; a person approves more than that.",
            "%(name)s gave %(number)s answers within a day; a person approves more than that.",
            given.in_a_day,
            name=name,
        )
    return None


def why_looked_at(topic: str | None, rules: Rules) -> str | None:
    """Why an answer about this topic waits for a second pair of eyes. None where it need not."""
    if topic is None or topic not in rules.second_look:
        return None
    return phrase("Answers about %(topic)s are approved by a person.", topic=topic)
