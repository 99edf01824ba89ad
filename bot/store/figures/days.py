"""The days as they were counted: a row for each, and their facts, a row for each column of a bundle of days.

A bundle is one day, named like ``2026-03-04``, or a whole month, named like ``2026-03``, once that has been
over for a while: a year is read in some hundred rows. A day lies in one bundle at a time.
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlmodel import Session

from bot.store.dialects import insert_of
from bot.store.tables.columns import table_of
from bot.store.tables.figures import FigureColumnRow, FigureDayRow
from routing.figures.columns import Column, FactTable, joined
from routing.figures.history import Flag

_COLUMNS = {str(column): column for column in Column}
_DAY, _COLUMN = table_of(FigureDayRow), table_of(FigureColumnRow)
_MONTH = len("2026-03")
_LAST_OF_MONTH = "-31"
"""Behind a month's name it makes one that no day of the month comes after."""
_VERSION_BITS = 63
OPEN_FOR = timedelta(days=7)
"""So long after its end a month's days stay apart: most of what happens to them has happened by then."""


def between(session: Session, first: date, last: date, columns: Sequence[Column]) -> FactTable:
    """What was asked from ``first`` to ``last``, with some columns, ``Column.DAY`` among them."""
    start, end = first.isoformat(), last.isoformat()
    wanted = tuple(dict.fromkeys((*columns, Column.DAY)))
    found = _read(
        session, wanted, or_(_COLUMN.c.bundle.between(start, end), _COLUMN.c.bundle == start[:_MONTH])
    )
    return joined([_within(found[name], first, last) for name in sorted(found)], wanted)


def _within(table: FactTable, first: date, last: date) -> FactTable:
    """The part of a bundle that lies from ``first`` to ``last``: its days are in order."""
    bounds = (first.toordinal(), last.toordinal() + 1)
    start, end = np.searchsorted(table[Column.DAY], bounds).tolist()
    if (start, end) == (0, len(table)):
        return table
    return FactTable({column: values[start:end] for column, values in table.columns.items()}, table.names)


def versions(session: Session, first: date, last: date) -> tuple[tuple[str, int], ...]:
    """What tells whether anything was counted anew from ``first`` to ``last``: each day's ``version``."""
    statement = (
        select(_DAY.c.day, _DAY.c.version)
        .where(_DAY.c.day.between(first.isoformat(), last.isoformat()))
        .order_by(_DAY.c.day)
    )
    return tuple((day, version) for day, version in session.execute(statement))


def bundles_of(session: Session, days: Collection[date]) -> dict[date, str]:
    """In which bundle each of these days lies, or would."""
    months = {day.isoformat()[:_MONTH] for day in days}
    closed = set(
        session.execute(
            select(_COLUMN.c.bundle).where(_COLUMN.c.name == str(Column.ID), _COLUMN.c.bundle.in_(months))
        ).scalars()
    )
    names = {day: day.isoformat() for day in days}
    return {day: name[:_MONTH] if name[:_MONTH] in closed else name for day, name in names.items()}


def whole(session: Session, bundles: Collection[str]) -> dict[str, FactTable]:
    """Some bundles with all their columns; those of which nothing was counted are not there."""
    return _read(session, tuple(Column), _COLUMN.c.bundle.in_(bundles)) if bundles else {}


def _read(session: Session, columns: Sequence[Column], which: ColumnElement[bool]) -> dict[str, FactTable]:
    """Bundles in one statement, so that their columns are of one moment, and each day is there once."""
    rows = session.execute(
        select(_COLUMN.c.name, _COLUMN.c.bundle, _COLUMN.c.numbers, _COLUMN.c.names).where(
            _COLUMN.c.name.in_([str(column) for column in columns]), which
        )
    )
    found: dict[str, FactTable] = {}
    for name, bundle, numbers, names in rows:
        column = _COLUMNS[name]
        table = found.setdefault(bundle, FactTable({}, {}))
        table.columns[column] = np.frombuffer(numbers, dtype=column.dtype)
        if column.is_named:
            table.names[column] = tuple(names)
    return found


def keep(session: Session, bundle: str, days: Collection[date], table: FactTable) -> None:
    """A bundle as it is counted now, in place of what it was; what has no questions goes.

    ``days`` are those of it that may have changed.
    """
    waiting = table.is_set(Flag.WAITING)
    rows, version = [], secrets.randbits(_VERSION_BITS)
    for day in days:
        is_asked = table[Column.DAY] == day.toordinal()
        if number := int(np.count_nonzero(is_asked)):
            waits = int(np.count_nonzero(waiting & is_asked))
            rows.append({"day": day.isoformat(), "questions": number, "waiting": waits, "version": version})
    gone = {day.isoformat() for day in days} - {str(row["day"]) for row in rows}
    if gone:
        session.execute(delete(_DAY).where(_DAY.c.day.in_(gone)))
    if rows:
        _put(session, _DAY, rows)
    if len(table):
        _put_columns(session, bundle, table)
    else:
        _forget(session, _COLUMN.c.bundle == bundle)


def _put_columns(session: Session, bundle: str, table: FactTable) -> None:
    _put(
        session,
        _COLUMN,
        [
            {
                "name": str(column),
                "bundle": bundle,
                "numbers": values.astype(column.dtype).tobytes(),
                "names": list(table.names.get(column, ())),
            }
            for column, values in table.columns.items()
        ],
    )


def _forget(session: Session, which: ColumnElement[bool]) -> None:
    session.execute(delete(_COLUMN).where(which, _COLUMN.c.name.in_(list(map(str, Column)))))


def open_month(session: Session, today: date) -> str | None:
    """The first month that has been over for long enough, its days still apart; None: there is none."""
    is_day = func.length(_COLUMN.c.bundle) > _MONTH
    name = session.execute(
        select(func.min(_COLUMN.c.bundle)).where(_COLUMN.c.name == str(Column.ID), is_day)
    ).scalar_one()
    if name is None or name[:_MONTH] >= (today - OPEN_FOR).isoformat()[:_MONTH]:
        return None
    return str(name[:_MONTH])


def bundle_up(session: Session, month: str) -> None:
    """Put the days of a month together."""
    is_day = _COLUMN.c.bundle.between(f"{month}-", f"{month}{_LAST_OF_MONTH}")
    days = _read(session, tuple(Column), is_day)
    _put_columns(session, month, joined([days[name] for name in sorted(days)], tuple(Column)))
    _forget(session, is_day)


def _put(session: Session, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    insert = insert_of(session.get_bind().dialect.name)(table)
    keys = [column.name for column in table.primary_key]
    fresh = {column.name: insert.excluded[column.name] for column in table.columns if column.name not in keys}
    session.execute(insert.on_conflict_do_update(index_elements=keys, set_=fresh), list(rows))


def waiting_by_day(session: Session) -> list[tuple[date, int]]:
    """How many questions of each day wait for us now, the latest day first."""
    rows = session.execute(
        select(_DAY.c.day, _DAY.c.waiting).where(_DAY.c.waiting > 0).order_by(_DAY.c.day.desc())
    ).all()
    return [(date.fromisoformat(day), number) for day, number in rows]


def years(session: Session) -> list[tuple[date, date]]:
    """The first and the last day of each year in which something was asked."""
    bounds = session.execute(select(func.min(_DAY.c.day), func.max(_DAY.c.day))).one()
    if bounds[0] is None:
        return []
    first, last = (date.fromisoformat(day).year for day in bounds)
    return [(date(year, 1, 1), date(year, 12, 31)) for year in range(first, last + 1)]


def first_day(session: Session) -> date | None:
    """The first day on which something was asked; None where nothing was."""
    found = session.execute(select(func.min(_DAY.c.day))).scalar_one()
    return None if found is None else date.fromisoformat(found)
