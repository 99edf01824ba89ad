"""What was asked and answered in spans of days, as it is at this moment."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from threading import Lock

import numpy as np

from bot.actions.figures.roll_up import Looked, basis_of, brought_up, look
from bot.store.engine import Session
from bot.store.figures import days as stored
from bot.store.figures import due as waiting
from bot.store.figures.histories import newest_id
from routing.figures.columns import Column, FactTable, empty_table, joined
from routing.figures.history import Fact
from routing.figures.summary import COUNTED, Figures, figures_of
from routing.figures.working_hours import WorkingHours

_MOST_LOOKED_AT = 1_000
"""So much of what changed since days were counted last is looked at by whoever reads; the rest is late."""
_NOTHING_CHANGED = Looked(frozenset(), {})


@dataclass(frozen=True, slots=True)
class Counted:
    """What was asked on some days. ``share`` of everything has been counted: 1 where that is done."""

    table: FactTable
    share: float = 1.0
    is_up_to_date: bool = True
    """Whether every change is in it; else so many came at once that some are still to be counted."""


class FiguresKept:
    """The figures of spans of days, kept for as long as no day of them is counted anew."""

    def __init__(self, most: int = 64) -> None:
        """No more than the ``most`` spans that were asked for last."""
        self._most = most
        self._kept: OrderedDict[Hashable, Figures] = OrderedDict()
        self._lock = Lock()

    def get(self, made_of: Hashable, count: Callable[[], Figures]) -> Figures:
        """The figures that are made of this, counted where they are not there."""
        with self._lock:
            if (found := self._kept.get(made_of)) is not None:
                self._kept.move_to_end(made_of)
                return found
        found = count()
        with self._lock:
            self._kept[made_of] = found
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return found


class DayReader:
    """Reads spans of days within one transaction, with what has changed since days were counted."""

    def __init__(self, session: Session, hours: WorkingHours) -> None:
        """``hours`` are the zone and the business hours that days are counted by."""
        self.hours = hours
        self._session = session
        progress = waiting.progress(session)
        self._basis = basis_of(hours)
        self._is_counted = progress.basis == self._basis
        if self._is_counted:
            due = waiting.first(session, _MOST_LOOKED_AT)
            self._looked = look(session, due, hours) if due.lines else _NOTHING_CHANGED
            self._is_all = len(due.lines) < _MOST_LOOKED_AT
            self._share = _share(session, progress.counted_to)

    def read(self, first: date, last: date, columns: Sequence[Column]) -> Counted:
        """What was asked from ``first`` to ``last``.

        ``Column.DAY`` is among the columns, also where it was not asked for.
        """
        wanted = tuple(dict.fromkeys((*columns, Column.DAY)))
        if not self._is_counted:
            return Counted(empty_table(wanted), 0.0 if newest_id(self._session) else 1.0)
        table = stored.between(self._session, first, last, wanted)
        if changed := self._changed(first, last):
            table = self._brought_up(table, replace(self._looked, days=changed))
        return Counted(table, self._share, is_up_to_date=self._is_all)

    def figures(self, first: date, last: date, kept: FiguresKept) -> Figures:
        """The figures of all questions together that were asked from ``first`` to ``last``."""

        def count() -> Figures:
            return figures_of(self.read(first, last, COUNTED).table)

        if not self._is_counted or self._changed(first, last):
            return count()
        return kept.get((self._basis, first, last, stored.versions(self._session, first, last)), count)

    def _changed(self, first: date, last: date) -> dict[date, list[Fact]]:
        return {day: facts for day, facts in self._looked.days.items() if first <= day <= last}

    def _brought_up(self, table: FactTable, looked: Looked) -> FactTable:
        """A table after questions were looked at: their days are taken from what they are now."""
        columns = tuple(table.columns)
        changed = np.array([day.toordinal() for day in looked.days])
        parts = [table.chosen(~np.isin(table[Column.DAY], changed))]
        for _, fresh in brought_up(self._session, looked).values():
            parts.append(fresh.chosen(np.isin(fresh[Column.DAY], changed)))
        return joined(parts, columns)


def _share(session: Session, counted_to: int | None) -> float:
    newest = newest_id(session) if counted_to is not None else 0
    return 1.0 if counted_to is None or not newest else min(counted_to / newest, 1.0)
