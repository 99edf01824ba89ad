"""Which questions are counted otherwise when other days are closed."""

from datetime import date

import numpy as np

from routing.figures.columns import Column, FactTable
from routing.figures.working_hours import WorkingHours
from routing.model.closed_days import ClosedDays

_DAY = 86_400
_EPOCH = date(1970, 1, 1).toordinal()
_MARGIN = 1
"""Days by which a clock on the wall may be ahead of or behind UTC, and a second that was rounded away."""


def is_counted_alike(former: WorkingHours, hours: WorkingHours) -> bool:
    """Whether a question that no changed day touches has the same seconds by both.

    Without shifts, time is taken as it is where no day is closed, and stretch by stretch else.
    """
    return bool(hours.shifts) or bool(former.closed) == bool(hours.closed)


def waited_on_changed(table: FactTable, former: ClosedDays, closed: ClosedDays) -> list[int]:
    """The ids of questions that waited for a first response on a day that has other hours than before.

    Some beside them, too, that waited near one. ``table`` has their ids, when they were asked and when they
    had their first response.
    """
    responded = table[Column.FIRST] >= 0
    asked = table[Column.ASKED][responded]
    if not len(asked):
        return []
    begins = asked // _DAY + _EPOCH - _MARGIN
    ends = (asked + table[Column.FIRST][responded]) // _DAY + _EPOCH + _MARGIN
    changed = np.array(
        [day for day in range(int(begins.min()), int(ends.max()) + 1) if _is_other(day, former, closed)],
        dtype=np.int64,
    )
    touched = np.searchsorted(changed, begins, "left") < np.searchsorted(changed, ends, "right")
    found: list[int] = table[Column.ID][responded][touched].tolist()
    return found


def _is_other(number: int, former: ClosedDays, closed: ClosedDays) -> bool:
    day = date.fromordinal(number)
    before, now = former.on(day), closed.on(day)
    return (before and before.spans) != (now and now.spans)
