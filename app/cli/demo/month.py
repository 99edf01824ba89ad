"""The four weeks before the demo's story begins: what customers asked that the archive knew already.

The same each time, but for the moments, which are counted back from now: fewer ask at night and at the
weekend, most are answered within minutes, some wait until morning, and not everybody is content.
"""

import math
import random
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from app.cli.demo.story import Chapter
from bot.actions.archive.imports import ImportedAnswer
from bot.actions.archive.repeated_questions import PastSurvey, RepeatedQuestion
from bot.states import AnswerKind
from bot.store.tables.people import EmployeeRow
from bot.wording.compose import CreditStyle, credit_line
from bot.wording.restate import quotation
from routing.figures.survey import BAD, SurveyKind
from routing.model.domain import QuestionState

DAYS = 28
_A_DAY = (26, 24, 22, 22, 20, 12, 9)
"""Questions on a Monday, and so on."""
_HOURS = (2, 1, 1, 1, 1, 2, 4, 7, 11, 14, 15, 14, 12, 12, 13, 14, 15, 16, 15, 14, 12, 9, 6, 4)
"""How the hours of a day share them, from midnight on."""
_BEGINNINGS = ("", "", "", "Hi! ", "Hello, ", "Quick question: ", "Not again 😡 ", "This is terrible: ")
_CUSTOMERS = 240
_APART = 24
"""So many others are asked about before the same is asked again: more at once would be a surge."""
_WAITING = ((3, 1.5), (9, 3.0), (30, 20.0), (50, 44.0))
"""Questions that nobody could answer: which, counted from the end, and how many hours ago."""
_SAY_HOW_IT_WENT = 0.34
_SCORES = (3, 4, 12, 36, 45)
"""How often one to five are given, of a hundred."""
_COMMENT = "Friendly, but it took until the next day."


def month(
    archive: Sequence[tuple[Chapter, int]],
    people: Mapping[str, EmployeeRow],
    knows: Mapping[str, Sequence[str]],
    credit: CreditStyle,
    now: datetime,
) -> list[RepeatedQuestion]:
    """What was asked, the earliest first.

    ``archive`` has the chapters, each with the id of its entry; ``knows`` the handles of those who know a
    topic.
    """
    chance = random.Random(DAYS)  # noqa: S311 - a story, no secret
    asked: list[RepeatedQuestion] = []
    latest: deque[int] = deque(maxlen=_APART)
    for days_ago in range(DAYS, 0, -1):
        midnight = (now - timedelta(days=days_ago)).replace(hour=0, minute=0, second=0, microsecond=0)
        for _ in range(chance.randint(-3, 3) + _A_DAY[midnight.weekday()]):
            (hour,) = chance.choices(range(24), _HOURS)
            at = midnight + timedelta(hours=hour, seconds=chance.randrange(3_600))
            others = [(one, entry) for one, entry in archive if entry not in latest]
            chapter, entry = chance.choices(others, [one.asked for one, _ in others])[0]
            latest.append(entry)
            asked.append(_told(chance, chapter, entry, at, people, knows[chapter.topic], credit))
    over = [_by_now(one, now) for one in asked if one.answers[-1].written_at < now]
    told = sorted(over, key=lambda one: one.asked_at)
    return _surveyed(chance, told, now) + _waiting(over, now)


def _told(
    chance: random.Random,
    chapter: Chapter,
    entry: int,
    at: datetime,
    people: Mapping[str, EmployeeRow],
    knowing: Sequence[str],
    credit: CreditStyle,
) -> RepeatedQuestion:
    minutes = min(math.exp(chance.gauss(2.1, 1.1)), 900) + (_until_morning(at) if at.hour < 6 else 0)
    answered_at = at + timedelta(minutes=minutes)
    answerers = chance.sample(knowing, 2 if len(knowing) > 1 and chance.random() < 0.04 else 1)
    answers = [
        ImportedAnswer(
            text=chapter.answers[0].text,
            credit=credit_line(people[handle].name, handle, credit),
            written_at=answered_at + timedelta(minutes=6 * number),
            employee_id=people[handle].id,
            kind=AnswerKind.CORRECTION if number and chance.random() < 0.3 else "",
        )
        for number, handle in enumerate(answerers)
    ]
    fate = chance.random()
    is_thankful, is_open = fate < 0.58, fate > 0.93
    others = [handle for handle in knowing if handle not in answerers]
    return RepeatedQuestion(
        text=f"{chance.choice(_BEGINNINGS)}{quotation(chapter.mention)[0] or ''}",
        asked_at=at,
        customer=f"customer{chance.randrange(_CUSTOMERS)}",
        topic=chapter.topic,
        language="en",
        entry_id=entry,
        state=QuestionState.SETTLED if is_thankful else QuestionState.ANSWERED,
        answers=answers,
        offered_to=[people[one].id for one in (*answerers, *others[: chance.randint(0, 2)])],
        settled_at=answered_at + timedelta(minutes=math.exp(chance.gauss(3.5, 1.2))) if is_thankful else None,
        satisfied=True if is_thankful else False if is_open else None,
        is_reuse=chance.random() < 0.45,
    )


def _surveyed(
    chance: random.Random, asked: Sequence[RepeatedQuestion], now: datetime
) -> list[RepeatedQuestion]:
    """The same, with what each customer said who was asked how it went; a third say anything.

    Nobody has seen yet what the latest wrote who was not content.
    """
    known: set[str] = set()
    found = []
    for one in asked:
        said = chance.random() < _SAY_HOW_IT_WENT
        score = chance.choices(range(1, 6), _SCORES)[0] if said else None
        asked_at = None if one.settled_at is None else one.settled_at + timedelta(hours=1)
        if asked_at is None or asked_at + timedelta(hours=1) > now or one.customer in known:
            found.append(one)
            continue
        known.add(one.customer)
        found.append(replace(one, survey=PastSurvey(asked_at, score)))
    for number, one in reversed(list(enumerate(found))):
        if one.survey and one.survey.score is not None and one.survey.score <= BAD[SurveyKind.CSAT]:
            found[number] = replace(one, survey=replace(one.survey, comment=_COMMENT, waits=True))
            break
    return found


def _waiting(asked: Sequence[RepeatedQuestion], now: datetime) -> list[RepeatedQuestion]:
    """Questions that wait for somebody in charge."""
    found = []
    for number, hours in _WAITING:
        like = asked[-number]
        found.append(
            RepeatedQuestion(
                text=like.text,
                asked_at=now - timedelta(hours=hours),
                customer=f"visitor{number}",
                topic=like.topic,
                language=like.language,
                entry_id=like.entry_id,
                state=QuestionState.ESCALATED,
                offered_to=like.offered_to,
            )
        )
    return found


def _by_now(past: RepeatedQuestion, now: datetime) -> RepeatedQuestion:
    """Without the thanks that are still to come."""
    if past.settled_at is None or past.settled_at < now:
        return past
    return replace(past, state=QuestionState.ANSWERED, settled_at=None, satisfied=None)


def _until_morning(at: datetime) -> float:
    """Minutes until seven o'clock."""
    return (at.replace(hour=7, minute=0, second=0) - at).total_seconds() / 60
