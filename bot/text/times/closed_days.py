"""Closed days as people write and paste them, a line each, and as figures and hours know them (pure)."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from bot.text.times.hours import NotHours, clock, parse_hours
from routing.model.closed_days import ClosedDay, ClosedDays, OpenMinutes

MOST_DAYS = 1_000
"""Days in all: holidays of many years."""
LONGEST_SPAN = 120
LONGEST_NAME = 80
_LEAP_YEAR = 2000
_DATE = r"(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}-\d{1,2}|\d{1,2}\.\d{1,2}\.(?:\d{4})?)(?![\d:])"
_LINE = re.compile(
    rf"(?P<first>{_DATE})(?:\s*(?:\.\.|[–-]|(?:to|bis)\s)\s*(?P<last>{_DATE}))?"
    r"(?:\s+(?P<hours>\d{1,2}[:.]\d{2}\s*-\s*\d{1,2}[:.]\d{2}(?:\s*\+\s*\d{1,2}[:.]\d{2}\s*-\s*\d{1,2}[:.]\d{2})*))?"
    r"(?P<name>\s.*)?"
)
_EXAMPLES = (
    "like “2026-12-25 Christmas”, “12-25 Christmas” for every year, “2026-12-24 09:00-13:00 Christmas Eve” "
    "for other hours, or “2026-12-28..2026-12-31 Between the years”"
)


class NotClosedDay(ValueError):
    """This says no closed day; ``str(error)`` tells its author, after “it”, what it should be."""


def pasted_days(text: str) -> list[str]:
    """The lines of a list that was typed, or pasted from a spreadsheet with commas, semicolons or tabs."""
    lines = (" ".join(re.sub(r"[,;\t\"]", " ", line).split()) for line in text.splitlines())
    return [line for line in lines if line]


def closed_day_line(text: str) -> str:
    """A line as it is kept: its dates in one spelling. Raises NotClosedDay."""
    line = " ".join(text.split())
    first, last, spans, name = _read(line)
    hours = "+".join(f"{clock(start)}-{clock(end)}" for start, end in spans)
    dates = _said(first) if first == last else f"{_said(first)}..{_said(last)}"
    return " ".join(part for part in (dates, hours, name) if part)


def parse_closed_days(lines: Iterable[str]) -> ClosedDays:
    """The days of such lines. Raises NotClosedDay, also where a date is named twice."""
    found: dict[tuple[int | None, int, int], ClosedDay] = {}
    for line in lines:
        for day in _days(line):
            key = (day.year, day.month, day.day)
            if key in found:
                raise NotClosedDay(f"should name each day once: “{line}” has one that was named before")
            found[key] = day
    if len(found) > MOST_DAYS:
        raise NotClosedDay(f"should be {MOST_DAYS:,} days at the most: it is {len(found):,}")
    return ClosedDays(tuple(found.values()))


_Said = tuple[int | None, date]
"""A date; without a year it stands in a leap year, so that every day is there."""


def _days(line: str) -> Sequence[ClosedDay]:
    (year, start), (_, end), spans, name = _read(line)
    days = [start + timedelta(days=step) for step in range((end - start).days + 1)]
    return [ClosedDay(one.month, one.day, one.year if year else None, spans, name) for one in days]


def _read(line: str) -> tuple[_Said, _Said, OpenMinutes, str]:
    found = _LINE.fullmatch(line)
    if found is None:
        raise NotClosedDay(f"should begin each line with its day, {_EXAMPLES}: “{line}” does not")
    first = _date(found["first"], line)
    last = _date(found["last"], line) if found["last"] else first
    if first[0] is None and last[0] is None and last[1] < first[1]:
        last = None, last[1].replace(year=_LEAP_YEAR + 1)  # over the new year, every year
    length = (last[1] - first[1]).days
    if (first[0] is None) is not (last[0] is None) or not 0 <= length <= LONGEST_SPAN:
        raise NotClosedDay(
            f"should have days on end from the first to the last, {LONGEST_SPAN} at the most, both with a "
            f"year or neither: “{line}” has not"
        )
    name = (found["name"] or "").strip()
    if len(name) > LONGEST_NAME:
        raise NotClosedDay(f"should have names of {LONGEST_NAME} characters at the most: “{name}” is longer")
    return first, last, _spans(found["hours"], line), name


def _date(text: str, line: str) -> _Said:
    numbers = [int(one) for one in re.split(r"[-.]", text) if one]
    if "." in text:
        numbers.reverse()
    year = numbers[0] if len(numbers) == 3 else None
    try:
        return year, date(_LEAP_YEAR if year is None else year, *numbers[-2:])
    except ValueError:
        raise NotClosedDay(f"should have days that are on the calendar: “{line}” has none") from None


def _said(of: _Said) -> str:
    year, day = of
    return day.isoformat() if year else f"{day:%m-%d}"


def _spans(hours: str | None, line: str) -> OpenMinutes:
    if not hours:
        return ()
    try:
        shifts = parse_hours(f"mon {hours}")
    except NotHours:
        shifts = ()
    if not shifts or any(one.weekday for one in shifts):
        raise NotClosedDay(f"should have hours of that day alone, like 09:00-13:00: “{line}” has not")
    return tuple((one.start, one.end) for one in shifts)
