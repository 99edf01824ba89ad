"""How much of a span of time lies within the brand's business hours, to the second."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from routing.model.closed_days import NO_CLOSED_DAYS, ClosedDays, seconds_within
from routing.model.domain import Shift

_DAY = 86_400
_WEEK = 7 * _DAY
_MONDAY = datetime(1970, 1, 5, tzinfo=UTC)
_STEP = timedelta(hours=12)
"""So far ahead clocks are looked at: none changes twice within it."""


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """The hours of a week in which the brand answers, by the clock on the wall of one time zone.

    A moment counts where that clock shows a time within a shift: on the day clocks go back, an hour that
    comes twice counts twice, and on the day they go forward one that is skipped does not count. Without
    shifts every moment counts. A closed day has its own hours, or none, from midnight to midnight.
    """

    zone: ZoneInfo
    shifts: tuple[Shift, ...] = ()
    closed: ClosedDays = NO_CLOSED_DAYS
    _bounds: tuple[tuple[int, int], ...] = field(init=False, repr=False)
    _total: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        bounds = _joined(self.shifts) if self.shifts else ((0, _WEEK),)
        object.__setattr__(self, "_bounds", bounds)
        object.__setattr__(self, "_total", sum(end - start for start, end in bounds))

    def seconds(self, since: datetime, until: datetime) -> int:
        """Whole seconds from ``since`` to ``until`` that count; 0 where it ends before it begins."""
        if until <= since:
            return 0
        if not self.shifts and not self.closed:
            return int((until - since).total_seconds())
        return sum(self._within(start, end) for start, end in self._on_the_wall(since, until))

    def _on_the_wall(self, since: datetime, until: datetime) -> Iterator[tuple[int, int]]:
        """What the clock on the wall shows meanwhile: stretches in which nobody changes it.

        In seconds since a Monday's midnight.
        """
        at = since
        while at < until:
            end = min(at + _STEP, until)
            offset = _offset(self.zone, at)
            if _offset(self.zone, end) != offset:
                end = _change(self.zone, at, end)
            start = int((at - _MONDAY + offset).total_seconds())
            yield start, start + int((end - at).total_seconds())
            at = end

    def _within(self, start: int, end: int) -> int:
        """Seconds that count between two that the clock on the wall shows."""
        counted = self._before(end) - self._before(start)
        for number in range(start // _DAY, (end - 1) // _DAY + 1) if self.closed else ():
            closed = self.closed.on(_MONDAY.date() + timedelta(days=number))
            if closed is not None:
                midnight = number * _DAY
                first, last = max(start, midnight), min(end, midnight + _DAY)
                counted -= self._before(last) - self._before(first)
                counted += seconds_within(closed.spans, first - midnight, last - midnight)
        return counted

    def _before(self, second: int) -> int:
        """Seconds that count before this one, since that Monday."""
        weeks, rest = divmod(second, _WEEK)
        return weeks * self._total + sum(
            min(max(rest - start, 0), end - start) for start, end in self._bounds
        )


def _joined(shifts: Sequence[Shift]) -> tuple[tuple[int, int], ...]:
    """The stretches of a week, in seconds since Monday's midnight, each counted once."""
    bounds: list[tuple[int, int]] = []
    for start, end in sorted(
        (one.weekday * _DAY + one.start * 60, one.weekday * _DAY + one.end * 60) for one in shifts
    ):
        if bounds and start <= bounds[-1][1]:
            bounds[-1] = (bounds[-1][0], max(bounds[-1][1], end))
        else:
            bounds.append((start, end))
    return tuple(bounds)


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first second in between at which the clocks have been changed."""
    before, after = before.astimezone(UTC), after.astimezone(UTC)
    was = _offset(zone, before)
    first, last = 0, -int((before - after).total_seconds() // 1)
    start = before.replace(microsecond=0)
    while last - first > 1:
        middle = (first + last) // 2
        if _offset(zone, start + timedelta(seconds=middle)) == was:
            first = middle
        else:
            last = middle
    return start + timedelta(seconds=last)
