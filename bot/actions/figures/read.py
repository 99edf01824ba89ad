"""What was asked and answered in a span of days, as it is at this moment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from bot.actions.figures.roll_up import Looked, basis_of, brought_up, look
from bot.store.engine import Session
from bot.store.figures import days as stored
from bot.store.figures import due as waiting
from bot.store.figures.histories import newest_id
from routing.figures.columns import Column, FactTable, empty_table, joined
from routing.figures.working_hours import WorkingHours

_MOST_LOOKED_AT = 1_000
"""So much of what changed since days were counted last is looked at by whoever reads; the rest is late."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What was asked on some days. ``share`` of everything has been counted: 1 where that is done."""

    table: FactTable
    share: float = 1.0
    is_up_to_date: bool = True
    """Whether every change is in it; else so many came at once that some are still to be counted."""


def counted(
    session: Session, hours: WorkingHours, first: date, last: date, columns: Sequence[Column]
) -> Counted:
    """What was asked from ``first`` to ``last``, with what has changed since days were counted.

    ``Column.DAY`` is among the columns, also where it was not asked for.
    """
    wanted = tuple(dict.fromkeys((*columns, Column.DAY)))
    progress = waiting.progress(session)
    if progress.basis != basis_of(hours):
        return Counted(empty_table(wanted), 0.0 if newest_id(session) else 1.0)
    due = waiting.first(session, _MOST_LOOKED_AT)
    table = stored.between(session, first, last, wanted)
    if due.lines:
        table = _brought_up(session, table, look(session, due, hours), first, last)
    is_all = len(due.lines) < _MOST_LOOKED_AT
    return Counted(table, _share(session, progress.counted_to), is_up_to_date=is_all)


def _brought_up(session: Session, table: FactTable, looked: Looked, first: date, last: date) -> FactTable:
    """A table after questions were looked at: the days of these are taken from what they are now."""
    inside = {day: facts for day, facts in looked.days.items() if first <= day <= last}
    if not inside:
        return table
    columns = tuple(table.columns)
    changed = np.array([day.toordinal() for day in inside])
    parts = [table.chosen(~np.isin(table[Column.DAY], changed))]
    for _, fresh in brought_up(session, replace(looked, days=inside)).values():
        parts.append(fresh.chosen(np.isin(fresh[Column.DAY], changed)))
    return joined(parts, columns)


def _share(session: Session, counted_to: int | None) -> float:
    newest = newest_id(session) if counted_to is not None else 0
    return 1.0 if counted_to is None or not newest else min(counted_to / newest, 1.0)
