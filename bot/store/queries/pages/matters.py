"""What the pages about matters read: which there are, who asked, and how it goes from week to week."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from bot.states import EntryState, MatterState
from bot.store.matters import voices
from bot.store.tables.conversations import EntryRow, QuestionRow
from bot.store.tables.matters import MatterRow
from routing.model.domain import WITHOUT_ANSWER
from routing.model.text import SaidText

_MOST_READ = 5_000
"""So many of the latest questions of a matter are read for its people and its course."""


@dataclass(frozen=True, slots=True)
class MatterDetail:
    """A matter with what it is made of. ``days`` are people by day, of the last weeks, the earliest first."""

    matter: MatterRow
    people: int
    waiting: int
    days: tuple[tuple[datetime, int], ...]
    platforms: tuple[tuple[str, int], ...]
    languages: tuple[tuple[str, int], ...]
    questions: tuple[QuestionRow, ...]
    older: int | None
    entry: EntryRow | None
    """The entry that answers most of them."""
    is_complete: bool
    """Whether all its questions were counted, and not the latest alone."""
    voices: int = 0
    """How many people speak of it on the tray and have not asked."""


def surging(session: Session, limit: int) -> list[MatterRow]:
    """The matters of which more people ask than usual, the latest first."""
    statement = (
        select(MatterRow)
        .where(MatterRow.state == MatterState.OPEN, MatterRow.surge != "")
        .order_by(col(MatterRow.surge_at).desc())
        .limit(limit)
    )
    return list(session.exec(statement).all())


def detail(
    session: Session, number: int, now: datetime, *, before: int | None, shown: int, days: int
) -> MatterDetail | None:
    """A matter with what it is made of; None where there is none."""
    matter = session.get(MatterRow, number)
    if matter is None:
        return None
    of_it = session.execute(
        select_columns(
            col(QuestionRow.platform),
            col(QuestionRow.customer_id),
            col(QuestionRow.language),
            col(QuestionRow.asked_at),
            col(QuestionRow.state),
        )
        .where(col(QuestionRow.matter_id) == number)
        .order_by(col(QuestionRow.id).desc())
        .limit(_MOST_READ)
    ).all()
    page = select(QuestionRow).where(QuestionRow.matter_id == number, col(QuestionRow.joins).is_(False))
    if before is not None:
        page = page.where(col(QuestionRow.id) < before)
    listed = session.exec(page.order_by(col(QuestionRow.id).desc()).limit(shown + 1)).all()
    by_platform: dict[str, set[tuple[str, str]]] = defaultdict(set)
    by_language: dict[str, set[tuple[str, str]]] = defaultdict(set)
    by_day: dict[datetime, set[tuple[str, str]]] = defaultdict(set)
    first = (now - timedelta(days=days - 1)).replace(hour=0, minute=0, second=0, microsecond=0)
    for platform, customer, language, asked_at, _ in of_it:
        who = (platform, customer)
        by_platform[platform].add(who)
        by_language[language or ""].add(who)
        by_day[asked_at.replace(hour=0, minute=0, second=0, microsecond=0)].add(who)
    course = [first + timedelta(days=day) for day in range(days)]
    return MatterDetail(
        matter=matter,
        people=len({(platform, customer) for platform, customer, *_ in of_it}),
        waiting=sum(state in WITHOUT_ANSWER for *_, state in of_it),
        days=tuple((day, len(by_day.get(day, ()))) for day in course),
        platforms=_counted(by_platform),
        languages=_counted(by_language),
        questions=tuple(listed[:shown]),
        older=listed[shown - 1].id if len(listed) > shown else None,
        entry=_entry(session, number),
        is_complete=len(of_it) < _MOST_READ,
        voices=voices.people(session, [number]).get(number, 0),
    )


def said_on(session: Session, number: int, limit: int) -> list[SaidText]:
    """What the latest questions of a matter say, of each person the latest."""
    statement = (
        select_columns(*_SAID)
        .where(
            col(QuestionRow.matter_id) == number,
            col(QuestionRow.text) != "",
            col(QuestionRow.joins).is_(False),
        )
        .order_by(col(QuestionRow.id).desc())
        .limit(limit)
    )
    latest: dict[object, SaidText] = {}
    for one in map(_said, session.execute(statement)):
        latest.setdefault(one.person, one)
    return list(latest.values())


def said_elsewhere(session: Session, number: int, limit: int) -> list[SaidText]:
    """What the latest questions of all say, without those of this matter."""
    statement = select_columns(*_SAID, col(QuestionRow.matter_id)).order_by(col(QuestionRow.id).desc())
    return [_said(row) for row in session.execute(statement.limit(limit)) if row.matter_id != number]


_SAID = (
    col(QuestionRow.text),
    col(QuestionRow.language),
    col(QuestionRow.platform),
    col(QuestionRow.customer_id),
)


def _said(row: Row[Any]) -> SaidText:
    return SaidText(row.text, row.language, (row.platform, row.customer_id))


def _counted(groups: dict[str, set[tuple[str, str]]]) -> tuple[tuple[str, int], ...]:
    counted = [(name, len(people)) for name, people in groups.items()]
    return tuple(sorted(counted, key=lambda one: (-one[1], one[0])))


def _entry(session: Session, number: int) -> EntryRow | None:
    """The public entry with which most of a matter's questions were answered, or that one of them became."""
    repeated: Sequence[int | None] = session.exec(
        select(QuestionRow.same_as_entry)
        .where(QuestionRow.matter_id == number, col(QuestionRow.same_as_entry).is_not(None))
        .group_by(col(QuestionRow.same_as_entry))
        .order_by(func.count().desc())
        .limit(1)
    ).all()
    for entry_id in repeated:
        entry = session.get(EntryRow, entry_id)
        if entry is not None and entry.state == EntryState.PUBLIC:
            return entry
    return session.exec(
        select(EntryRow)
        .join(QuestionRow, col(QuestionRow.id) == EntryRow.question_id)
        .where(QuestionRow.matter_id == number, EntryRow.state == EntryState.PUBLIC)
        .order_by(col(EntryRow.asked_count).desc(), col(EntryRow.id))
        .limit(1)
    ).first()
