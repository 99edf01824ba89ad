"""Who is at work when: shifts in each employee's own time zone, for thousands of people at once.

Shifts follow the wall clock: on the day clocks change, somebody due from 9 to 17 is on duty from 9 to 17 as
the clocks on the wall show it, however many hours that is.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from routing.model.arrays import Mask
from routing.model.domain import Employee, Shift

_DAY = 1440
_WEEK = 7 * _DAY
_TRIES = 8
"""Shift beginnings looked at before giving up: one can fall into the hour that clocks skip."""


def time_zone(employee: Employee) -> ZoneInfo:
    """The employee's time zone.

    Raises:
        ValueError: when there is no such zone.
    """
    try:
        return ZoneInfo(employee.timezone)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(
            f"{employee.name} (employee {employee.id}) has the time zone {employee.timezone!r}, which does "
            "not exist: choose one like 'Europe/Berlin'."
        ) from error


def working_time(employee: Employee) -> list[tuple[int, int]]:
    """The employee's shifts as stretches of minutes since Monday's midnight, joined where they touch.

    A stretch over Sunday's midnight ends after 10,080. None at all means always on duty.

    Raises:
        ValueError: when a shift is impossible.
    """
    stretches: list[tuple[int, int]] = []
    for start, end in sorted(_week_minutes(employee, shift) for shift in employee.shifts):
        if stretches and start <= stretches[-1][1]:
            stretches[-1] = (stretches[-1][0], max(end, stretches[-1][1]))
        else:
            stretches.append((start, end))
    if len(stretches) > 1 and stretches[0][0] == 0 and stretches[-1][1] == _WEEK:
        stretches[-1] = (stretches[-1][0], _WEEK + stretches.pop(0)[1])
    return stretches


def _week_minutes(employee: Employee, shift: Shift) -> tuple[int, int]:
    if not (0 <= shift.weekday < 7 and 0 <= shift.start < shift.end <= _DAY):
        raise ValueError(
            f"{employee.name} (employee {employee.id}) has an impossible shift (weekday {shift.weekday}, "
            f"minutes {shift.start} to {shift.end}): weekdays go from 0 to 6, minutes from 0 to {_DAY}, and "
            "a night shift is two shifts."
        )
    return shift.weekday * _DAY + shift.start, shift.weekday * _DAY + shift.end


class Calendar:
    """The working hours of many employees, by their position in the sequence given.

    Raises:
        ValueError: when a time zone or a shift is impossible.
    """

    def __init__(self, employees: Sequence[Employee]) -> None:
        zones: dict[str, int] = {}
        self.zone_of = np.zeros(len(employees), dtype=np.int64)
        self.zones: list[ZoneInfo] = []
        self._always = np.ones(len(employees), dtype=np.bool_)
        owners: list[int] = []
        stretches: list[tuple[int, int]] = []
        for position, employee in enumerate(employees):
            if employee.timezone not in zones:
                zones[employee.timezone] = len(self.zones)
                self.zones.append(time_zone(employee))
            self.zone_of[position] = zones[employee.timezone]
            own = working_time(employee)
            self._always[position] = not own
            owners.extend([position] * len(own))
            stretches.extend(own)
        self._owners = np.array(owners, dtype=np.int64)
        bounds = np.array(stretches, dtype=np.int64).reshape(-1, 2)
        self._starts, self._ends = bounds[:, 0], bounds[:, 1]
        self._latest: tuple[datetime | None, NDArray[np.float64]] = (None, np.zeros(0))

    def minutes_left(self, now: datetime) -> NDArray[np.float64]:
        """Minutes on the wall clock until each goes off duty: 0 when off duty, infinite without hours."""
        full_minute = now.replace(second=0, microsecond=0)
        known, left = self._latest
        if known == full_minute:
            return left
        left = np.where(self._always, np.inf, 0.0)
        if len(self._owners):
            minute = self._week_minute(now)[self._owners]
            minute = np.where(minute < self._starts, minute + _WEEK, minute)
            on = minute < self._ends
            left[self._owners[on]] = (self._ends - minute)[on]
        left.flags.writeable = False
        self._latest = (full_minute, left)
        return left

    def on_duty(self, now: datetime) -> Mask:
        """Who is at work."""
        return np.asarray(self.minutes_left(now) > 0, dtype=np.bool_)

    def off_duty_at(self, position: int, now: datetime) -> datetime | None:
        """When somebody goes off duty, in their own time zone; None without hours.

        Somebody off duty already goes off duty now.
        """
        left = float(self.minutes_left(now)[position])
        if np.isinf(left) or left >= _WEEK:
            return None
        return self._on_the_wall(self.zones[int(self.zone_of[position])], now, left)

    def next_on_duty(self, positions: NDArray[np.int64], since: datetime) -> datetime | None:
        """The first moment from ``since`` on at which one of these people is at work, in UTC."""
        moments = [
            moment
            for zone in sorted(set(self.zone_of[positions].tolist()))
            if (moment := self._next_in_zone(positions[self.zone_of[positions] == zone], zone, since))
        ]
        return min(moments, default=None)

    def next_midnight(self, zone: int, now: datetime) -> datetime:
        """When the next calendar day begins in a zone, in UTC."""
        local = now.astimezone(self.zones[zone])
        midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        return midnight.astimezone(UTC)

    def _next_in_zone(self, positions: NDArray[np.int64], zone: int, since: datetime) -> datetime | None:
        moment = since
        mine = np.isin(self._owners, positions)
        for _ in range(_TRIES):
            if self.on_duty(moment)[positions].any():
                return moment.astimezone(UTC)
            if not mine.any():
                return None
            minute = self._week_minute(moment)[self._owners[mine]]
            ahead = (self._starts[mine] - minute - 1) % _WEEK + 1
            moment = self._on_the_wall(self.zones[zone], moment, float(ahead.min())).astimezone(UTC)
        return None

    def _on_the_wall(self, zone: ZoneInfo, now: datetime, minutes: float) -> datetime:
        """What the clock on the wall will show ``minutes`` ahead, counted from the full minute."""
        local = now.astimezone(zone).replace(second=0, microsecond=0)
        then = (local.replace(fold=0) + timedelta(minutes=minutes)).astimezone(UTC)
        if then < now:
            # The wall showed this before the clocks went back, and shows it once more.
            then = (local + timedelta(minutes=minutes)).replace(fold=1).astimezone(UTC)
        return then.astimezone(zone)

    def _week_minute(self, now: datetime) -> NDArray[np.int64]:
        """Minutes since Monday's midnight on each employee's wall clock."""
        local = [now.astimezone(zone) for zone in self.zones]
        minutes = [at.weekday() * _DAY + at.hour * 60 + at.minute for at in local]
        return np.array(minutes, dtype=np.int64)[self.zone_of]
