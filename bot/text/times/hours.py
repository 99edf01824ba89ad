"""Working hours as people write them, ``mon-fri 09:00-17:30``, and as the router knows them (pure)."""

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from routing.model.closed_days import NO_CLOSED_DAYS, ClosedDays
from routing.model.domain import Shift
from routing.model.phrases import phrase, sentences

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_NAMES = (
    phrase("Monday"),
    phrase("Tuesday"),
    phrase("Wednesday"),
    phrase("Thursday"),
    phrase("Friday"),
    phrase("Saturday"),
    phrase("Sunday"),
)
_MIDNIGHT = 24 * 60
_FARTHEST_DAYS = 731
_PIECE = re.compile(
    r"(?P<days>[a-z]+(?:\s*-\s*[a-z]+)?(?:\s*/\s*[a-z]+(?:\s*-\s*[a-z]+)?)*)\s+"
    r"(?P<spans>\d[\d:.]*\s*-\s*\d[\d:.]*(?:\s*\+\s*\d[\d:.]*\s*-\s*\d[\d:.]*)*)"
)
_SPAN = re.compile(r"(\d[\d:.]*)\s*-\s*(\d[\d:.]*)")
_EXAMPLE = phrase("Write hours like “mon-fri 09:00-17:30, sat 10:00-14:00”.")


class NotZone(ValueError):
    """There is no such time zone; ``str(error)`` has a suggestion where one is near."""


def check_zone(name: str) -> None:
    """Raise NotZone unless ``name`` is a time zone like ``Europe/Berlin``."""
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        known = {one.casefold(): one for one in available_timezones()}
        near = difflib.get_close_matches(name.casefold(), known, n=1, cutoff=0.6)
        raise NotZone(
            sentences(
                phrase("There is no time zone “%(name)s”.", name=name),
                phrase("Did you mean %(zone)s?", zone=known[near[0]])
                if near
                else phrase("Write it like Europe/Berlin."),
            )
        ) from None


class NotHours(ValueError):
    """These are no working hours; ``str(error)`` tells their author what to write instead."""


def parse_hours(text: str) -> tuple[Shift, ...]:
    """The shifts of hours like ``mon-fri 09:00-12:00+13:00-17:30, sat/sun 10:00-14:00``.

    Nothing at all means always on duty. Hours over midnight (``fri 22:00-06:00``) become two shifts. What
    overlaps or touches is joined.

    Raises:
        NotHours: when it cannot be understood.
    """
    shifts: list[Shift] = []
    for piece in re.split(r"[,;\n]", text.replace("–", "-").casefold()):
        words = " ".join(piece.split())
        if not words:
            continue
        found = _PIECE.fullmatch(words)
        if found is None:
            raise NotHours(f"“{words}” is no day with hours. {_EXAMPLE}")
        spans = _SPAN.findall(found["spans"])
        for weekday in _weekdays(found["days"]):
            for start, end in spans:
                shifts.extend(_shifts(weekday, _minutes(start), _minutes(end)))
    return normalised(shifts)


def format_hours(shifts: Iterable[Shift]) -> str:
    """Shifts in words that ``parse_hours`` understands; empty for none."""
    by_day: dict[int, list[str]] = defaultdict(list)
    for shift in normalised(shifts):
        by_day[shift.weekday].append(f"{clock(shift.start)}-{clock(shift.end)}")
    pieces = []
    day = 0
    while day < len(DAYS):
        last = day
        while last + 1 < len(DAYS) and by_day.get(last + 1) == by_day.get(day):
            last += 1
        if by_day.get(day):
            days = DAYS[day] if last == day else f"{DAYS[day]}-{DAYS[last]}"
            pieces.append(f"{days} {'+'.join(by_day[day])}")
        day = last + 1
    return ", ".join(pieces)


def hours_of_days(days: Sequence[str]) -> tuple[Shift, ...]:
    """The shifts of seven fields, Monday's first, each like ``09:00-12:00+13:00-17:00`` or empty.

    Raises:
        NotHours: naming the day that cannot be understood.
    """
    shifts: list[Shift] = []
    for weekday, text in enumerate(days):
        if not text.strip():
            continue
        try:
            shifts.extend(parse_hours(f"{DAYS[weekday]} {text.strip().replace(',', '+')}"))
        except NotHours:
            raise NotHours(
                phrase(
                    "%(day)s: “%(text)s” are no hours. Write them like 09:00-17:30, or 09:00-12:00, "
                    "13:00-17:30; leave the day empty when you do not work.",
                    day=DAY_NAMES[weekday],
                    text=text.strip(),
                )
            ) from None
    return normalised(shifts)


def days_of_hours(shifts: Iterable[Shift]) -> list[str]:
    """The hours of each day, Monday first, for seven fields."""
    days = ["" for _ in DAYS]
    for shift in normalised(shifts):
        span = f"{clock(shift.start)}-{clock(shift.end)}"
        days[shift.weekday] += f", {span}" if days[shift.weekday] else span
    return days


def normalised(shifts: Iterable[Shift]) -> tuple[Shift, ...]:
    """The same working time in order, with what overlaps or touches within a day joined."""
    joined: list[Shift] = []
    for shift in sorted(shifts, key=lambda one: (one.weekday, one.start, one.end)):
        last = joined[-1] if joined else None
        if last is not None and last.weekday == shift.weekday and shift.start <= last.end:
            joined[-1] = Shift(last.weekday, last.start, max(last.end, shift.end))
        else:
            joined.append(shift)
    return tuple(joined)


def open_from(
    shifts: Sequence[Shift], zone: ZoneInfo, moment: datetime, closed: ClosedDays = NO_CLOSED_DAYS
) -> datetime:
    """``moment`` where it lies within these hours on the wall of that zone, else when they begin next.

    No hours at all mean always. An hour that the clocks skip begins when they have been put forward. Closed
    days have their own hours, or none; where everything is closed for two years, it opens after that.
    """
    if not shifts:
        return moment
    first = moment.astimezone(zone).date()
    for step in range(-1, _FARTHEST_DAYS):
        day = first + timedelta(days=step)
        beginnings = []
        for start, end in _spans_on(day, shifts, closed):
            begins, ends = (_on_the_wall(day, at, zone) for at in (start, end))
            if begins <= moment < ends:
                return moment
            if begins > moment:
                beginnings.append(begins)
        if beginnings:
            return min(beginnings)
    return _on_the_wall(first + timedelta(days=_FARTHEST_DAYS), 0, zone)


def _spans_on(day: date, shifts: Sequence[Shift], closed: ClosedDays) -> Sequence[tuple[int, int]]:
    other = closed.on(day)
    if other is not None:
        return other.spans
    return [(one.start, one.end) for one in shifts if one.weekday == day.weekday()]


def _on_the_wall(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """When the clocks there show so many minutes after midnight of that day."""
    return (datetime.combine(day, time(), zone) + timedelta(minutes=minutes)).astimezone(UTC)


def clock(minutes: int) -> str:
    """Minutes after midnight as ``09:30``."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _weekdays(text: str) -> list[int]:
    days: list[int] = []
    for part in text.split("/"):
        first, _, last = (word.strip() for word in part.partition("-"))
        start, end = _weekday(first), _weekday(last or first)
        days.extend((start + step) % 7 for step in range((end - start) % 7 + 1))
    return days


def _weekday(word: str) -> int:
    for number, name in enumerate(DAY_NAMES):
        if len(word) >= 2 and name.casefold().startswith(word):
            return number
    raise NotHours(f"“{word}” is no day of the week. {_EXAMPLE}")


def _minutes(text: str) -> int:
    hour, _, minute = text.replace(".", ":").partition(":")
    if not hour.isdigit() or not (minute.isdigit() or not minute):
        raise NotHours(f"“{text}” is no time of day. {_EXAMPLE}")
    minutes = int(hour) * 60 + int(minute or 0)
    if int(minute or 0) > 59 or minutes > _MIDNIGHT:
        raise NotHours(f"“{text}” is no time of day. {_EXAMPLE}")
    return minutes


def _shifts(weekday: int, start: int, end: int) -> list[Shift]:
    if start in (end, _MIDNIGHT):
        raise NotHours(f"Hours from {clock(start)} to {clock(end)} are no time at all. {_EXAMPLE}")
    if start < end:
        return [Shift(weekday, start, end)]
    tonight = [Shift(weekday, start, _MIDNIGHT)]
    return tonight if end == 0 else [*tonight, Shift((weekday + 1) % 7, 0, end)]
