"""Many people at once, of a list that somebody saved or pasted: read, judged line by line, and added."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.files.csv_files import CsvRow
from bot.actions.people import employees, topics
from bot.actions.people.details import Details, Invalid, parse_topics
from bot.platforms.accounts import Account, UnknownAccount, find_account
from bot.platforms.base import Platform
from bot.roles import Role
from bot.store import rows
from bot.store.engine import Session
from bot.store.tables.people import EmployeeRow, TopicRow

COLUMNS = ("name", "email", "identities", "topics", "languages", "timezone", "hours", "title", "role")
REQUIRED = ("name", "email")


@dataclass(frozen=True, slots=True)
class NewcomerLine:
    """Somebody of a list: what can be stored of them, or what is wrong with their line."""

    number: int
    """The line on which they begin."""
    values: Mapping[str, str]
    """What the line says, by column."""
    details: Details | None = None
    accounts: tuple[Account, ...] = ()
    topics: Sequence[str] = ()
    """As they were typed: a new one keeps its capitals."""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Admission:
    """What came of a line: somebody who is in now, or the problem that keeps them out."""

    newcomer: NewcomerLine
    employee: EmployeeRow | None
    new_topics: Sequence[TopicRow] = ()
    problem: str = ""


def read_newcomer(row: CsvRow, zone: str, platforms: Mapping[str, Platform]) -> NewcomerLine:
    """Read a line; ``zone`` is for whoever names none.

    Platforms are asked here, before anything is written: the database waits for nobody's network.
    """
    try:
        accounts = tuple(find_account(text, platforms) for text in words_of(row.values["identities"]))
        known = words_of(row.values["topics"])
        return NewcomerLine(row.number, row.values, _details(row.values, zone), accounts, known)
    except (Invalid, UnknownAccount) as error:
        return NewcomerLine(row.number, row.values, problem=str(error))


def admit(
    session: Session, people: Sequence[NewcomerLine], now: datetime, *, opted_in: bool = True
) -> list[Admission]:
    """Add everybody who can be added; whoever wants all or nobody rolls back where there is a problem."""
    return [_admit(session, one, now, opted_in=opted_in) for one in people]


def add_one(
    session: Session, one: NewcomerLine, now: datetime, *, opted_in: bool = True
) -> tuple[EmployeeRow, list[TopicRow]]:
    """Add somebody, with the topics that are not there yet. Raises Invalid."""
    if one.details is None:
        raise Invalid("line", one.problem)
    made = topics.ensure_topics(session, [text.partition(":")[0].strip() for text in one.topics], now)
    added = employees.add_employee(session, one.details, accounts=one.accounts, opted_in=opted_in, now=now)
    return added, made


def _admit(session: Session, one: NewcomerLine, now: datetime, *, opted_in: bool) -> Admission:
    try:
        with rows.savepoint(session):
            employee, made = add_one(session, one, now, opted_in=opted_in)
    except Invalid as error:
        return Admission(one, None, problem=str(error))
    return Admission(one, employee, made)


def words_of(text: str) -> list[str]:
    """The words of a cell that holds several."""
    return re.split(r"[\s,;]+", text.strip()) if text.strip() else []


def _details(values: Mapping[str, str], zone: str) -> Details:
    return Details(
        name=values["name"],
        email=values["email"],
        title=values["title"],
        role=values["role"].lower() or Role.EMPLOYEE,
        timezone=values["timezone"] or zone,
        hours=values["hours"],
        languages=tuple(words_of(values["languages"])),
        topics=parse_topics(words_of(values["topics"])),
    )
