"""The audit log as it is searched: by who, what, on whom, when and which words, a page at a time.

The narrowest of what is chosen leads, along an index of its own; the rest is looked at line by line.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, case, cast, or_
from sqlmodel import Session, col, select

from bot.store.paging import PAGE
from bot.store.tables.house import AuditRow

WINDOW = 20_000
"""So many lines are looked through for words in one go; the next page goes on behind them."""
_LATE = 1_000
"""Lines that may have been written out of the order of their moments: who began first may end last."""
_EXPORTED = 500


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which lines are wanted; empty means any. Who did what stands there as lines of all times spell it."""

    actors: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    subject: str = ""
    words: str = ""
    since: datetime | None = None
    until: datetime | None = None
    """Lines before this moment."""


def lines(
    session: Session, wanted: AuditFilter, before: int | None, size: int = PAGE
) -> tuple[list[AuditRow], int | None]:
    """Up to ``size`` lines, the latest first, and the number in front of which to go on (None: that was all).

    Where words are wanted a page may have fewer lines, or none, and still say where to go on.
    """
    bounds = _bounds(session, wanted, before)
    if bounds is None:
        return [], None
    leads = _leads(wanted)
    floor = 0
    if wanted.words:
        floor = max(_floor(session, [*bounds, lead]) for lead in leads)
        bounds.append(col(AuditRow.id) > floor)
    found: list[AuditRow] = []
    for lead in leads:
        statement = select(AuditRow).where(*bounds, lead, *_beside(wanted))
        found += session.exec(statement.order_by(col(AuditRow.id).desc()).limit(size + 1)).all()
    found.sort(key=lambda row: -row.id)
    if len(found) > size:
        return found[:size], found[size - 1].id
    return found, floor + 1 if floor else None


def everything(session: Session, wanted: AuditFilter) -> Iterator[AuditRow]:
    """All lines that are wanted, the latest first, some hundred at a time."""
    before: int | None = None
    while True:
        found, before = lines(session, wanted, before, _EXPORTED)
        yield from found
        if before is None:
            return


def _leads(wanted: AuditFilter) -> Sequence[ColumnElement[bool]]:
    """What is gone along: each of these in the order of the lines' numbers, by an index of its own."""
    if wanted.subject:
        return [col(AuditRow.subject) == wanted.subject]
    if wanted.actors:
        return [col(AuditRow.actor) == actor for actor in wanted.actors]
    if wanted.actions:
        return [col(AuditRow.action) == action for action in wanted.actions]
    return [col(AuditRow.id) > 0]


def _beside(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    """What is looked at line by line."""
    found: list[ColumnElement[bool]] = []
    if wanted.subject and wanted.actors:
        found.append(col(AuditRow.actor).in_(wanted.actors))
    if wanted.actions and (wanted.subject or wanted.actors):
        found.append(col(AuditRow.action).in_(wanted.actions))
    if wanted.since is not None:
        found.append(col(AuditRow.at) >= wanted.since)
    if wanted.until is not None:
        found.append(col(AuditRow.at) < wanted.until)
    if wanted.words:
        detail: Any = cast(col(AuditRow.detail), String)
        places = (col(AuditRow.actor), col(AuditRow.subject), detail)
        found.append(or_(*[place.icontains(wanted.words, autoescape=True) for place in places]))
    return [case((condition, 1), else_=0) == 1 for condition in found]  # none offers an index of its own


def _bounds(session: Session, wanted: AuditFilter, before: int | None) -> list[ColumnElement[bool]] | None:
    """The numbers between which the wanted lines lie; None where there are none."""
    number: Any = col(AuditRow.id)
    found: list[ColumnElement[bool]] = [] if before is None else [number < before]
    if wanted.since is not None:
        first = _number_at(session, col(AuditRow.at) >= wanted.since, col(AuditRow.at).asc())
        if first is None:
            return None
        found.append(number >= first - _LATE)
    if wanted.until is not None:
        last = _number_at(session, col(AuditRow.at) < wanted.until, col(AuditRow.at).desc())
        if last is None:
            return None
        found.append(number <= last + _LATE)
    return found


def _number_at(session: Session, condition: Any, order: Any) -> int | None:
    return session.exec(select(AuditRow.id).where(condition).order_by(order).limit(1)).first()


def _floor(session: Session, conditions: Sequence[ColumnElement[bool]]) -> int:
    """The number of the first line that is not looked at any more; 0 where all are."""
    behind = select(AuditRow.id).where(*conditions).order_by(col(AuditRow.id).desc()).offset(WINDOW).limit(1)
    return session.exec(behind).first() or 0
