"""What was asked and answered in a span of days, as it is at this moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.actions.figures.roll_up import Looked, basis_of, look
from bot.store.engine import Session
from bot.store.figures import days as stored
from bot.store.figures import due as waiting
from bot.store.figures.histories import newest_id
from routing.figures.columns import Column, empty_table, patched
from routing.figures.grouping import Days
from routing.figures.working_hours import WorkingHours

_MOST_LOOKED_AT = 1_000
"""So much of what changed since days were counted last is looked at by whoever reads; the rest is late."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The facts of some days. ``share`` of everything has been counted: 1 where that is done."""

    days: Days
    share: float = 1.0
    is_up_to_date: bool = True
    """Whether every change is in it; else so many came at once that some are still to be counted."""


def counted(
    session: Session, hours: WorkingHours, first: date, last: date, columns: Sequence[Column]
) -> Counted:
    """The days from ``first`` to ``last``, with what has changed since they were counted."""
    progress = waiting.progress(session)
    if progress.basis != basis_of(hours):
        return Counted([], 0.0 if newest_id(session) else 1.0)
    due = waiting.first(session, _MOST_LOOKED_AT)
    wanted = tuple(dict.fromkeys((*columns, Column.ID))) if due.lines else tuple(columns)
    days = stored.between(session, first, last, wanted)
    if due.lines:
        days = _brought_up(days, look(session, due, hours), first, last, wanted)
    is_all = len(due.lines) < _MOST_LOOKED_AT
    return Counted(days, _share(session, progress.counted_to), is_up_to_date=is_all)


def _brought_up(days: Days, looked: Looked, first: date, last: date, columns: Sequence[Column]) -> Days:
    """Days with their questions as they were found now."""
    known = dict(days)
    for day, facts in looked.days.items():
        if first <= day <= last:
            known[day] = patched(known.get(day, empty_table(columns)), looked.questions, facts)
    return [(day, table) for day, table in sorted(known.items()) if len(table)]


def _share(session: Session, counted_to: int | None) -> float:
    newest = newest_id(session) if counted_to is not None else 0
    return 1.0 if counted_to is None or not newest else min(counted_to / newest, 1.0)
