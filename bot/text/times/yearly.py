"""What is repeated every year, or every few: on a date, or on a weekday of a month (pure)."""

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_KNOWN = {
    *("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"),
    *("BYMONTH", "BYMONTHDAY", "BYDAY", "BYYEARDAY", "BYSETPOS"),
}
_EARLIEST = 1900
"""What is counted from before cannot be walked along for every event."""


class NotYearly(ValueError):
    """It is repeated in another way."""


@dataclass(frozen=True, slots=True)
class YearlyRule:
    """A recurrence rule of RFC 5545 whose frequency is the year, from its first day on."""

    start: date
    interval: int = 1
    count: int | None = None
    until: date | None = None
    months: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    year_days: frozenset[int] = frozenset()
    weekdays: frozenset[tuple[int, int]] = frozenset()
    """Each with which of the month (or year) it is, from its end where negative; 0: every one."""
    positions: frozenset[int] = frozenset()

    @classmethod
    def read(cls, rule: Any, start: date) -> "YearlyRule":
        """What a calendar says, by the parts' names. Raises NotYearly."""
        if not isinstance(rule, Mapping) or {str(one).upper() for one in rule} - _KNOWN:
            raise NotYearly
        if [str(one).upper() for one in rule.get("FREQ", ())] != ["YEARLY"]:
            raise NotYearly
        try:
            interval = int(_one(rule, "INTERVAL", 1))
            count = _one(rule, "COUNT", None)
            until = _one(rule, "UNTIL", None)
            read = cls(
                start,
                interval,
                None if count is None else int(count),
                until.date() if isinstance(until, datetime) else until,
                _numbers(rule, "BYMONTH"),
                _numbers(rule, "BYMONTHDAY"),
                _numbers(rule, "BYYEARDAY"),
                frozenset(_weekday(str(one).upper()) for one in rule.get("BYDAY", ())),
                _numbers(rule, "BYSETPOS"),
            )
        except (ValueError, TypeError) as error:
            raise NotYearly from error
        is_date = read.until is None or isinstance(read.until, date)
        if interval < 1 or not is_date or (read.count is not None and start.year < _EARLIEST):
            raise NotYearly
        return read

    @property
    def is_every_year(self) -> bool:
        """Whether it is the date of its first day in every year, for ever."""
        return (
            (self.interval, self.count, self.until) == (1, None, None)
            and self.months <= {self.start.month}
            and self.month_days <= {self.start.day}
            and (bool(self.months) or not self.month_days)
            and not (self.year_days or self.weekdays or self.positions)
        )

    def years(self, first: date, last: date) -> int:
        """How many years are walked along to find the days from ``first`` to ``last``."""
        return max(last.year + 1 - self._begins(first), 0)

    def _begins(self, first: date) -> int:
        return self.start.year if self.count is not None else max(self.start.year, first.year)

    def between(self, first: date, last: date) -> Iterator[date]:
        """The days from ``first`` to ``last``."""
        left = self.count
        for year in range(self._begins(first), last.year + 1):
            if (year - self.start.year) % self.interval:
                continue
            for day in self._of(year):
                if day < self.start:
                    continue
                if left == 0 or (self.until is not None and day > self.until) or day > last:
                    return
                left = None if left is None else left - 1
                if day >= first:
                    yield day

    def _of(self, year: int) -> Sequence[date]:
        new_year = date(year, 1, 1)
        length = (date(year, 12, 31) - new_year).days + 1
        days = [
            one for one in (new_year + timedelta(days=step) for step in range(length)) if self._is_one(one)
        ]
        if not self.positions:
            return days
        at = {one - 1 if one > 0 else len(days) + one for one in self.positions if one}
        return [days[one] for one in sorted(at) if 0 <= one < len(days)]

    def _is_one(self, day: date) -> bool:
        is_plain = not (self.month_days or self.year_days or self.weekdays)
        months = self.months or (frozenset({self.start.month}) if is_plain else frozenset())
        month_days = self.month_days or (frozenset({self.start.day}) if is_plain else frozenset())
        if months and day.month not in months:
            return False
        if month_days and not month_days & {day.day, day.day - _month_length(day) - 1}:
            return False
        if self.year_days:
            length = date(day.year, 12, 31).timetuple().tm_yday
            at = day.timetuple().tm_yday
            if not self.year_days & {at, at - length - 1}:
                return False
        return not self.weekdays or any(self._is_weekday(day, *one) for one in self.weekdays)

    def _is_weekday(self, day: date, which: int, weekday: int) -> bool:
        if day.weekday() != weekday:
            return False
        if not which:
            return True
        if self.months:
            at, length = day.day, _month_length(day)
        else:
            at, length = day.timetuple().tm_yday, date(day.year, 12, 31).timetuple().tm_yday
        return which in ((at - 1) // 7 + 1, -((length - at) // 7 + 1))


def _one(rule: Mapping[str, Any], name: str, usual: Any) -> Any:
    found = rule.get(name, [usual])
    [only] = found if isinstance(found, (list, tuple)) else [found]
    return only


def _numbers(rule: Mapping[str, Any], name: str) -> frozenset[int]:
    return frozenset(int(one) for one in rule.get(name, ()))


def _weekday(text: str) -> tuple[int, int]:
    which, name = text[:-2], text[-2:]
    if name not in _WEEKDAYS:
        raise NotYearly
    return int(which or 0), _WEEKDAYS.index(name)


def _month_length(day: date) -> int:
    return monthrange(day.year, day.month)[1]
