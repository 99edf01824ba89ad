"""What is to be counted anew, how far counting everything has come, and by which clock it was counted."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlmodel import Session

from bot.store.changes import serialise
from bot.store.running import cursors
from bot.store.tables.columns import table_of
from bot.store.tables.figures import FigureColumnRow, FigureDayRow, FigureDueRow
from routing.model.closed_days import NO_CLOSED_DAYS, ClosedDay, ClosedDays

_DUE = table_of(FigureDueRow)
_CURSOR = "figures"
_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class DueChanges:
    """Lines about questions of which something changed.

    ``asked_before`` are the moments at which some of them had been asked before that changed.
    """

    lines: tuple[int, ...] = ()
    questions: frozenset[int] = frozenset()
    asked_before: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far counting everything has come.

    ``basis`` names zone and hours by which days were counted, and ``closed`` are the closed days among them;
    ``counted_to`` is the last question that was counted, None where all have been.
    """

    basis: str = ""
    counted_to: int | None = 0
    closed: ClosedDays = NO_CLOSED_DAYS


def wait_for_turn(session: Session) -> None:
    """Let only one transaction count at a time, until it ends."""
    serialise(session, "figures")


def is_any(session: Session) -> bool:
    """Whether something changed that has not been counted."""
    return session.execute(select(_DUE.c.id).limit(1)).first() is not None


def first(session: Session, limit: int) -> DueChanges:
    """The oldest lines, up to ``limit``."""
    rows = session.execute(
        select(_DUE.c.id, _DUE.c.question_id, _DUE.c.asked_at).order_by(_DUE.c.id).limit(limit)
    ).all()
    return DueChanges(
        tuple(row.id for row in rows),
        frozenset(row.question_id for row in rows),
        tuple(row.asked_at for row in rows if row.asked_at is not None),
    )


def add(session: Session, questions: Sequence[int]) -> None:
    """These are to be counted anew, although nothing of them has changed."""
    for first_of_some in range(0, len(questions), _AT_ONCE):
        some = questions[first_of_some : first_of_some + _AT_ONCE]
        session.execute(insert(_DUE), [{"question_id": one} for one in some])


def put_away(session: Session, lines: Sequence[int]) -> None:
    """These are counted. A line that came in later with a lower number stays."""
    if lines:
        session.execute(delete(_DUE).where(_DUE.c.id.in_(lines)))


def progress(session: Session) -> Progress:
    """How far counting has come."""
    value = cursors.at(session, _CURSOR)
    if not value:
        return Progress()
    known = json.loads(value)
    return Progress(known["basis"], known["counted_to"], _days(known.get("closed", ())))


def note_progress(session: Session, to: Progress, now: datetime) -> None:
    """Note how far counting has come."""
    closed = [[one.year, one.month, one.day, one.spans] for one in to.closed.days]
    value = json.dumps({"basis": to.basis, "counted_to": to.counted_to, "closed": closed})
    cursors.move(session, _CURSOR, value, now)


def _days(stored: Iterable[tuple[int | None, int, int, Sequence[tuple[int, int]]]]) -> ClosedDays:
    return ClosedDays(
        tuple(
            ClosedDay(month, day, year, tuple((start, end) for start, end in spans))
            for year, month, day, spans in stored
        )
    )


def forget_all(session: Session) -> None:
    """Nothing is counted any more."""
    session.execute(delete(table_of(FigureColumnRow)))
    session.execute(delete(table_of(FigureDayRow)))
