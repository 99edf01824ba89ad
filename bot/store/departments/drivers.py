"""What drives a department's questions, or the house's: people by week, by whatever they are grouped by."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, null
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from bot.states import MatterState
from bot.store.departments import directory
from bot.store.tables.columns import among
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.matters import MatterRow
from routing.matters.drivers import AskedText, Driver, DriverPeriod
from routing.model.domain import WITHOUT_ANSWER, QuestionState
from routing.model.text import SaidText

NOBODYS = 0
"""Stands for what no department answers for, where a department's number is asked for."""
MOST_READ = 5_000
"""So many of the latest questions are read for the words in them."""
_NO_QUESTIONS = (QuestionState.WITHDRAWN, QuestionState.DISMISSED, QuestionState.JOINED)
_WHO = QuestionRow.platform + ":" + col(QuestionRow.customer_id)


class DriverFacet(StrEnum):
    """What drivers are grouped by."""

    MATTER = "matter"
    TOPIC = "topic"
    PLATFORM = "platform"
    LANGUAGE = "language"
    WORD = "word"
    """By the keywords of topics, as customers used them."""
    WEEK = "week"
    DEPARTMENT = "department"


_COLUMNS: dict[DriverFacet, Any] = {
    DriverFacet.MATTER: MatterRow.id,
    DriverFacet.TOPIC: MatterRow.topic,
    DriverFacet.PLATFORM: QuestionRow.platform,
    DriverFacet.LANGUAGE: QuestionRow.language,
}


def period(session: Session, end: datetime) -> DriverPeriod:
    """The week that ends then, and those before it, as far as the house is that old."""
    since = session.exec(select(QuestionRow.asked_at).order_by(col(QuestionRow.id)).limit(1)).first()
    return DriverPeriod(end, since)


def drivers(
    session: Session, at: DriverPeriod, by: DriverFacet, department: int | None, limit: int
) -> list[Driver]:
    """What most people ask about, the most in this week in front; of a department, or (None) of the house."""
    if by is DriverFacet.DEPARTMENT:
        numbers = [*directory.names(session), NOBODYS]
        found = [one for number in numbers for one in _counted(session, at, null(), number, 1, number)]
        return sorted(found, key=lambda one: (-one.now, -one.people))
    return _counted(session, at, _COLUMNS[by], department, limit)


def in_all(session: Session, at: DriverPeriod, department: int | None) -> Driver:
    """Everybody who asked about anything, each counted once a week."""
    found = _counted(session, at, null(), department, 1)
    return found[0] if found else Driver(None, (0,) * len(at.weeks), 0, 0, at.known)


def _counted(
    session: Session,
    at: DriverPeriod,
    group: Any,
    department: int | None,
    limit: int,
    key: str | int | None = None,
) -> list[Driver]:
    weeks = [
        func.count(func.distinct(_WHO)).filter(_within(begins, ends)).label(f"week_{back}")
        for back, (begins, ends) in enumerate(at.weeks)
    ]
    people = func.count(func.distinct(_WHO)).label("people")
    statement = (
        select_columns(group, *weeks, people, func.count().filter(col(QuestionRow.state).in_(WITHOUT_ANSWER)))
        .select_from(MatterRow)
        .join(QuestionRow, col(QuestionRow.matter_id) == col(MatterRow.id))
        .where(*asked_in(session, at, department))
        .having(people > 0)
        .order_by(weeks[0].desc(), people.desc())
        .limit(limit)
    )
    grouped = statement if isinstance(group, type(null())) else statement.group_by(group)
    return [
        Driver(name if key is None else key, tuple(of_weeks), everybody, waiting, at.known)
        for name, *of_weeks, everybody, waiting in session.execute(grouped)
    ]


def said(session: Session, at: DriverPeriod, department: int | None) -> list[AskedText]:
    """What customers wrote in these weeks, the latest ``MOST_READ`` of it."""
    statement = (
        select_columns(
            col(QuestionRow.text),
            col(QuestionRow.language),
            col(QuestionRow.platform),
            col(QuestionRow.customer_id),
            col(QuestionRow.asked_at),
            col(QuestionRow.state),
        )
        .select_from(MatterRow)
        .join(QuestionRow, col(QuestionRow.matter_id) == col(MatterRow.id))
        .where(*asked_in(session, at, department))
        .order_by(col(QuestionRow.asked_at).desc())
        .limit(MOST_READ)
    )
    return [
        AskedText(SaidText(row.text, row.language, (row.platform, row.customer_id)), row.asked_at, waits)
        for row in session.execute(statement)
        for waits in [row.state in WITHOUT_ANSWER]
    ]


def matters_named(session: Session, numbers: Sequence[int]) -> dict[int, MatterRow]:
    """These matters, by number."""
    rows = session.exec(select(MatterRow).where(col(MatterRow.id).in_(numbers))).all()
    return {row.id: row for row in rows}


def _within(begins: datetime, ends: datetime) -> ColumnElement[bool]:
    return (col(QuestionRow.asked_at) >= begins) & (col(QuestionRow.asked_at) < ends)


def asked_in(session: Session, at: DriverPeriod, department: int | None) -> list[ColumnElement[bool]]:
    """Which questions, joined with their matters, count as asked in these weeks, as conditions.

    Where people praise there is nothing to mend.
    """
    conditions = [
        col(MatterRow.state) != MatterState.MERGED,
        col(MatterRow.praise).is_(False),
        col(MatterRow.last_at) >= at.start,
        _within(at.start, at.end),
        ~among(QuestionRow.state, *_NO_QUESTIONS),
    ]
    if department == NOBODYS:
        conditions.append(directory.answers_for_nobody(session))
    elif department is not None:
        conditions.append(directory.answers_for(session, department))
    return conditions
