"""The days as they were counted: a row for each, and one for each of its columns."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, delete, func, select
from sqlmodel import Session

from bot.store.dialects import insert_of
from bot.store.tables.columns import table_of
from bot.store.tables.figures import FigureColumnRow, FigureDayRow
from routing.figures.columns import Column, FactTable
from routing.figures.grouping import Days
from routing.figures.history import Flag

_COLUMNS = {str(column): column for column in Column}
_DAY, _COLUMN = table_of(FigureDayRow), table_of(FigureColumnRow)


def between(session: Session, first: date, last: date, columns: Sequence[Column]) -> Days:
    """The days from ``first`` to ``last`` on which something was asked, with some columns."""
    return _read(session, columns, _COLUMN.c.day.between(first.isoformat(), last.isoformat()))


def whole(session: Session, days: Collection[date]) -> dict[date, FactTable]:
    """Some days with all their columns; those of which nothing was counted are not there."""
    if not days:
        return {}
    return dict(_read(session, tuple(Column), _COLUMN.c.day.in_([day.isoformat() for day in days])))


def _read(session: Session, columns: Sequence[Column], which: ColumnElement[bool]) -> Days:
    """Days in one statement, so that their columns are of one moment."""
    rows = session.execute(
        select(_COLUMN.c.name, _COLUMN.c.day, _COLUMN.c.numbers, _COLUMN.c.names).where(
            _COLUMN.c.name.in_([str(column) for column in columns]), which
        )
    )
    found: dict[str, FactTable] = {}
    for name, day, numbers, names in rows:
        column = _COLUMNS[name]
        table = found.setdefault(day, FactTable({}, {}))
        table.columns[column] = np.frombuffer(numbers, dtype=column.dtype)
        if column.is_named:
            table.names[column] = tuple(names)
    return [(date.fromisoformat(day), found[day]) for day in sorted(found)]


def keep(session: Session, day: date, table: FactTable) -> None:
    """A day as it is counted now, in place of what it was; one without questions goes."""
    name = day.isoformat()
    if not len(table):
        session.execute(
            delete(_COLUMN).where(_COLUMN.c.day == name, _COLUMN.c.name.in_(list(map(str, Column))))
        )
        session.execute(delete(_DAY).where(_DAY.c.day == name))
        return
    waiting = int(table.is_set(Flag.WAITING).sum())
    _put(session, _DAY, [{"day": name, "questions": len(table), "waiting": waiting}])
    numbers = [
        {
            "name": str(column),
            "day": name,
            "numbers": values.astype(column.dtype).tobytes(),
            "names": list(table.names.get(column, ())),
        }
        for column, values in table.columns.items()
    ]
    _put(session, _COLUMN, numbers)


def _put(session: Session, table: Any, rows: list[dict[str, Any]]) -> None:
    insert = insert_of(session.get_bind().dialect.name)(table)
    keys = [column.name for column in table.primary_key]
    fresh = {column.name: insert.excluded[column.name] for column in table.columns if column.name not in keys}
    session.execute(insert.on_conflict_do_update(index_elements=keys, set_=fresh), rows)


def waiting_by_day(session: Session) -> list[tuple[date, int]]:
    """How many questions of each day wait for us now, the latest day first."""
    rows = session.execute(
        select(_DAY.c.day, _DAY.c.waiting).where(_DAY.c.waiting > 0).order_by(_DAY.c.day.desc())
    ).all()
    return [(date.fromisoformat(day), number) for day, number in rows]


def first_day(session: Session) -> date | None:
    """The first day on which something was asked; None where nothing was."""
    found = session.execute(select(func.min(_DAY.c.day))).scalar_one()
    return None if found is None else date.fromisoformat(found)
