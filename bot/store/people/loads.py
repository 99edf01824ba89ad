"""What is on each employee's plate, kept with every offer: counting it would walk all offers ever made.

Whoever makes or ends an offer says so here, and the transaction brings the rows up to date just before it
commits: then nobody who has such a row waits for another one, and it is kept for no longer than the commit
takes. Rows are taken in the order of their numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, case, event, func, or_, select
from sqlmodel import Session, col

from bot.store.dialects import insert_of
from bot.store.tables.columns import table_of
from bot.store.tables.people import EmployeeRow, LoadRow
from routing.model.domain import Employee, Load

_CHANGES = "changes of loads"
_ZONES = select(col(EmployeeRow.id), col(EmployeeRow.timezone)).where(
    col(EmployeeRow.id).in_(bindparam("employees", expanding=True))
)


@dataclass(slots=True)
class _LoadChange:
    """What a transaction changes about one employee's load."""

    open_offers: int = 0
    offered: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    """When each offer was made and, where it was made before, when that was."""


def note_made(session: Session, employee_id: int, at: datetime) -> None:
    """An offer was made."""
    change = _change(session, employee_id)
    change.open_offers += 1
    change.offered.append((at, None))


def note_made_again(
    session: Session, employee_id: int, at: datetime, *, before: datetime, was_open: bool
) -> None:
    """An offer of before was made once more, in its own place."""
    change = _change(session, employee_id)
    change.open_offers += not was_open
    change.offered.append((at, before))


def note_ended(session: Session, employee_id: int) -> None:
    """An open offer ended, or rests."""
    _change(session, employee_id).open_offers -= 1


def note_awake(session: Session, employee_id: int) -> None:
    """An offer that rested is open again; it was counted on the day on which it was made."""
    _change(session, employee_id).open_offers += 1


def kept(session: Session, everybody: Sequence[Employee], now: datetime) -> dict[int, Load]:
    """These people's loads, without their usual answer times.

    An offer whose time has run out counts as open until it is ended. Who moves to another time zone keeps
    what was counted on this day.
    """
    rows = session.exec(
        select(  # type: ignore[call-overload]
            col(LoadRow.employee_id),
            col(LoadRow.open_offers),
            col(LoadRow.day),
            col(LoadRow.offers),
            col(LoadRow.last_offered_at),
        )
    ).all()
    known = {employee_id: rest for employee_id, *rest in rows}
    today = {zone: _day(zone, now) for zone in {one.timezone for one in everybody}}
    loads: dict[int, Load] = {}
    for one in everybody:
        open_offers, day, offers, last = known.get(one.id, (0, None, 0, None))
        loads[one.id] = Load(open_offers, offers if day == today[one.timezone] else 0, last)
    return loads


def _change(session: Session, employee_id: int) -> _LoadChange:
    changes: dict[int, _LoadChange] = session.info.setdefault(_CHANGES, {})
    return changes.setdefault(employee_id, _LoadChange())


def _day(zone: str, at: datetime) -> str:
    """The day at that moment where somebody lives."""
    try:
        return at.astimezone(ZoneInfo(zone)).date().isoformat()
    except (ValueError, KeyError, OSError):  # the roster reports such an employee and keeps them out
        return at.date().isoformat()


def _write_down(session: Session) -> None:
    changes: dict[int, _LoadChange] = session.info.pop(_CHANGES, {})
    if not changes:
        return
    session.flush()
    asked = [number for number, change in changes.items() if change.offered]
    zones = _zones(session, asked) if asked else {}
    rows = [
        {
            "employee_id": number,
            "open_offers": change.open_offers,
            **_on_day(zones.get(number, "UTC"), change),
        }
        for number, change in sorted(changes.items())
    ]
    connection = session.connection()
    connection.execute(_adding(connection.dialect.name), rows)


@cache
def _adding(dialect: str) -> Any:
    """The statement that adds changes to what is kept; making it takes longer than running it."""
    table = table_of(LoadRow)
    insert = insert_of(dialect)(table)
    new, old = insert.excluded, table.c
    is_later = or_(old.last_offered_at.is_(None), new.last_offered_at > old.last_offered_at)
    return insert.on_conflict_do_update(
        index_elements=["employee_id"],
        set_={
            "open_offers": old.open_offers + new.open_offers,
            "offers": case((or_(new.day.is_(None), new.day == old.day), old.offers), else_=0) + new.offers,
            "day": func.coalesce(new.day, old.day),
            "last_offered_at": case((is_later, new.last_offered_at), else_=old.last_offered_at),
        },
    )


def _zones(session: Session, employee_ids: Sequence[int]) -> dict[int, str]:
    return dict(session.execute(_ZONES, {"employees": list(employee_ids)}).all())


def _on_day(zone: str, change: _LoadChange) -> dict[str, object]:
    """The columns about the day on which somebody was asked."""
    if not change.offered:
        return {"day": None, "offers": 0, "last_offered_at": None}
    last = max(at for at, _ in change.offered)
    day = _day(zone, last)
    new = [at for at, before in change.offered if before is None or _day(zone, before) != day]
    return {"day": day, "offers": sum(_day(zone, at) == day for at in new), "last_offered_at": last}


@event.listens_for(Session, "before_commit", insert=True)
def _before_commit(session: Session) -> None:
    """Ahead of the change log's own turn, whose lock comes last."""
    if not session.in_nested_transaction():
        _write_down(session)
