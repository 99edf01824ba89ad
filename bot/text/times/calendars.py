"""All-day events of a calendar (iCalendar, RFC 5545) as closed days, in people's own lines (pure)."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from icalendar import Calendar, Component
from icalendar.error import BrokenCalendarProperty

from bot.text.times.closed_days import (
    LONGEST_NAME,
    LONGEST_SPAN,
    MOST_DAYS,
    NotClosedDay,
    closed_day_line,
    parse_closed_days,
    pasted_days,
)
from bot.text.times.yearly import NotYearly, YearlyRule

MOST_BYTES = 512 * 1024
"""How large a calendar may be: holidays of many years take a tenth of it."""
YEARS_AHEAD = 5
"""What is not on the same date every year is taken until the end of so many years after this one."""
_MOST_YEARS = 5_000
"""So many years all repeated events together are walked along, a few for each: no file keeps a page busy."""
_MOST_STEPS = 100_000
"""So many days are looked at, those included that are outside."""
_BEGIN, _END = "BEGIN:VCALENDAR", "END:VCALENDAR"
_LEAP_YEAR = 2000
_TIMED = "with a time of day"
_CANCELLED = "cancelled"
_OTHERWISE = "repeated otherwise than by dates or weekdays of a year"
_TOO_LONG = f"of more than {LONGEST_SPAN} days"
_UNREADABLE = "without a readable date"

_Key = tuple[int | None, int, int]
"""A day: of a year, or (None) of every year."""


@dataclass(frozen=True, slots=True)
class DaysTaken:
    """What a calendar says: ``lines`` for its days, and in words what was left out of them."""

    lines: tuple[str, ...]
    days: int
    left_out: tuple[str, ...]


def split_calendar(text: str) -> tuple[str, str]:
    """The lines of a text that are a list, and the calendar that was pasted into it, if any."""
    start = text.upper().find(_BEGIN)
    if start < 0:
        return text, ""
    end = text.upper().rfind(_END)
    stop = end + len(_END) if end > start else len(text)
    return f"{text[:start].rstrip()}\n{text[stop:].lstrip()}".strip(), text[start:stop]


def days_of_calendar(text: str, present: Iterable[str], today: date) -> DaysTaken:
    """The days on which a calendar has all-day events, without those that ``present`` lines have already.

    The same date every year is one line; everything else is taken from the beginning of this year on, for
    so many years ahead. Raises NotClosedDay.
    """
    reader = _Reader(today)
    for event in _events(text):
        reader.take(event)
    if not reader.has_events:
        raise NotClosedDay("should be a calendar with events: this one has none")
    there = {(day.year, day.month, day.day) for day in parse_closed_days(present).days}
    names = {key: called for key, called in reader.names.items() if key not in there}
    left_out = [f"{count:,} event{'' if count == 1 else 's'} {why}" for why, count in reader.left_out.items()]
    if reader.outside:
        left_out.append(f"what is before {reader.first.year} or after {reader.last.year}")
    if not reader.names:
        told = f" (left out: {'; '.join(left_out)})" if left_out else ""
        raise NotClosedDay(f"should be a calendar with events that last whole days: this one has none{told}")
    if len(names) != len(reader.names):
        left_out.append(f"{len(reader.names) - len(names):,} that the list has already")
    if len(names) > MOST_DAYS:
        raise NotClosedDay(f"should be {MOST_DAYS:,} days at the most: this calendar has {len(names):,}")
    return DaysTaken(tuple(_lines(names)), len(names), tuple(left_out))


def _events(text: str) -> Iterator[Component]:
    if len(text.encode()) > MOST_BYTES:
        raise NotClosedDay(f"should be a calendar of {MOST_BYTES // 1024} KB at the most: this one is larger")
    if not text.lstrip("\ufeff \r\n\t").upper().startswith(_BEGIN):
        raise NotClosedDay(f"should be a calendar, which begins with {_BEGIN}: this file does not")
    if _END not in text.upper():
        raise NotClosedDay(
            f"should be a whole calendar, until {_END}: this one breaks off; choose it as a file"
        )
    try:
        calendars = Calendar.from_ical(text.lstrip("\ufeff \r\n\t"), multiple=True)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise NotClosedDay(
            "should be a calendar that can be read: something in this one is broken"
        ) from error
    for one in calendars:
        yield from (event for event in one.subcomponents if event.name == "VEVENT")


class _Reader:
    """The days found so far, each with the names of its events, and how many events were left out why."""

    def __init__(self, today: date) -> None:
        self.first, self.last = date(today.year, 1, 1), date(today.year + YEARS_AHEAD, 12, 31)
        self.names: dict[_Key, list[str]] = {}
        self.left_out: Counter[str] = Counter()
        self.outside = False
        self._years, self._steps = _MOST_YEARS, _MOST_STEPS
        self.has_events = False

    def take(self, event: Component) -> None:
        self.has_events = True
        try:
            why = self._take(event)
        except BrokenCalendarProperty:
            why = _UNREADABLE
        if why:
            self.left_out[why] += 1

    def _take(self, event: Component) -> str:
        start = _day_in(event, "DTSTART")
        if isinstance(start, datetime):
            return _TIMED
        if start is None:
            return _UNREADABLE
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            return _CANCELLED
        length = _length(event, start)
        if length > LONGEST_SPAN + 1:
            return _TOO_LONG
        name, rule = _name(event), event.get("RRULE")
        if rule is None:
            begins: Iterable[date] = [start]
        else:
            try:
                yearly = YearlyRule.read(rule, start)
            except NotYearly:
                return _OTHERWISE
            without = {_plain(one) for one in _listed(event, "EXDATE")}
            if yearly.is_every_year and not without and start <= self.last and _is_steady(start, length):
                self._add(None, start.replace(year=_LEAP_YEAR), length, name)
                begins = ()
            else:
                since = self.first - timedelta(days=length)
                self._years -= yearly.years(since, self.last)
                if self._years < 0:
                    raise NotClosedDay("should be a calendar of fewer repeated events: this one has too many")
                begins = [one for one in yearly.between(since, self.last) if one not in without]
        for begin in {*begins, *map(_plain, _listed(event, "RDATE"))}:
            self._add(begin.year, begin, length, name)
        return ""

    def _add(self, year: int | None, begin: date, length: int, name: str) -> None:
        self._steps -= length
        if self._steps < 0:
            raise NotClosedDay(f"should be {MOST_DAYS:,} days at the most: this calendar has far more")
        for step in range(length):
            try:
                day = begin + timedelta(days=step)
            except OverflowError:
                return
            if year is not None and not self.first <= day <= self.last:
                self.outside = True
                continue
            called = self.names.setdefault((None if year is None else day.year, day.month, day.day), [])
            if name and name not in called:
                called.append(name)


def _is_steady(start: date, length: int) -> bool:
    """Whether it takes the same dates in every year: the end of February is on none of its inner days."""
    days = [start.replace(year=_LEAP_YEAR) + timedelta(days=step) for step in range(length)]
    return length == 1 or not any((one.month, one.day) == (2, 29) for one in days)


def _day_in(event: Component, name: str) -> date | None:
    found = getattr(event.get(name), "dt", None)
    return found if isinstance(found, date) else None


def _length(event: Component, start: date) -> int:
    """In days. Its end is the day after; where that says nothing, it is one day."""
    end, lasts = _day_in(event, "DTEND"), getattr(event.get("DURATION"), "dt", None)
    if end is not None:
        return max((_plain(end) - start).days, 1)
    return max(lasts.days, 1) if isinstance(lasts, timedelta) else 1


def _listed(event: Component, name: str) -> Iterator[date]:
    found = event.get(name)
    for one in found if isinstance(found, list) else [found]:
        for entry in getattr(one, "dts", ()):
            if isinstance(entry.dt, date):
                yield entry.dt


def _plain(day: date) -> date:
    return day.date() if isinstance(day, datetime) else day


def _name(event: Component) -> str:
    """What it is called, as a line may hold it."""
    found: Any = event.get("SUMMARY", "")
    text = " ".join("".join(one if one.isprintable() else " " for one in str(found)).split())
    [name] = pasted_days(text) or [""]
    return _cut(name)


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"


def _lines(names: dict[_Key, list[str]]) -> Iterator[str]:
    """A line for days on end of one name."""
    run: list[date] = []
    before: tuple[bool, str] | None = None
    for (year, month, day), called in sorted(names.items(), key=lambda one: (one[0][0] or 0, one[0][1:])):
        at = date(year or _LEAP_YEAR, month, day)
        now = (year is None, _cut(" / ".join(called)))
        goes_on = bool(run) and now == before and at - run[-1] == timedelta(days=1)
        if not goes_on or len(run) > LONGEST_SPAN:
            if run and before is not None:
                yield _line(run, *before)
            run = []
        run.append(at)
        before = now
    if run and before is not None:
        yield _line(run, *before)


def _line(run: Sequence[date], is_yearly: bool, name: str) -> str:
    said: Callable[[date], str] = (lambda day: f"{day:%m-%d}") if is_yearly else date.isoformat
    dates = said(run[0]) if len(run) == 1 else f"{said(run[0])}..{said(run[-1])}"
    for called in (name, _cut(f"“{name}”")):
        line = f"{dates} {called}".strip()
        if _means(line, dates, called):
            return line
    return dates


def _means(line: str, dates: str, name: str) -> bool:
    """Whether it is read as whole days of this name: a name may look like a date or like hours."""
    try:
        days: Collection[Any] = parse_closed_days([line]).days
        plain = parse_closed_days([dates]).days
    except NotClosedDay:
        return False
    return closed_day_line(line) == line and [
        (one.month, one.day, one.year, one.spans, one.name) for one in days
    ] == [(one.month, one.day, one.year, one.spans, name) for one in plain]
