"""Working hours, written by people and read by the router."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.times.closed_days import closed_day_line, parse_closed_days
from bot.text.times.hours import (
    NotHours,
    days_of_hours,
    format_hours,
    hours_of_days,
    normalised,
    open_from,
    parse_hours,
)
from routing.model.closed_days import ClosedDay, ClosedDays
from routing.model.domain import Shift

shifts = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 1439), st.integers(1, 1440))
    .filter(lambda one: one[1] < one[2])
    .map(lambda one: Shift(*one)),
    max_size=12,
)


@given(shifts)
def test_what_is_written_is_read_back(given_shifts: list[Shift]) -> None:
    assert parse_hours(format_hours(given_shifts)) == normalised(given_shifts)
    assert hours_of_days(days_of_hours(given_shifts)) == normalised(given_shifts)


@given(st.text(max_size=60))
def test_any_text_is_hours_or_refused_with_words(text: str) -> None:
    try:
        found = parse_hours(text)
    except NotHours:
        return
    assert all(0 <= one.start < one.end <= 1440 for one in found)


@pytest.mark.parametrize(
    ("text", "formatted"),
    [
        ("", ""),
        ("mon-fri 09:00-17:30", "mon-fri 09:00-17:30"),
        ("Monday - Friday 9-17", "mon-fri 09:00-17:00"),
        ("mon/wed 9.30-12+13-17:45", "mon 09:30-12:00+13:00-17:45, wed 09:30-12:00+13:00-17:45"),
        ("fri 22:00-06:00", "fri 22:00-24:00, sat 00:00-06:00"),
        ("sat-mon 10–12", "mon 10:00-12:00, sat-sun 10:00-12:00"),
        ("mon 9-12, mon 12-17", "mon 09:00-17:00"),
    ],
)
def test_people_write_hours_in_many_ways(text: str, formatted: str) -> None:
    assert format_hours(parse_hours(text)) == formatted


@pytest.mark.parametrize("text", ["always", "mon 9", "mon 25-26", "mon 9:75-10", "xyz 9-10", "mon 9-9"])
def test_nonsense_is_answered_with_an_example(text: str) -> None:
    with pytest.raises(NotHours, match="mon-fri 09:00-17:30"):
        parse_hours(text)


def test_a_wrong_day_is_named() -> None:
    with pytest.raises(NotHours, match="Tuesday"):
        hours_of_days(["9-17", "nine to five", "", "", "", "", ""])


BERLIN = ZoneInfo("Europe/Berlin")
_moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def _is_open(hours: list[Shift], moment: datetime) -> bool:
    here = moment.astimezone(BERLIN)
    minute = here.hour * 60 + here.minute
    return any(one.weekday == here.weekday() and one.start <= minute < one.end for one in hours)


@given(shifts.filter(bool), _moments)
def test_it_opens_at_the_first_minute_that_is_within_the_hours(hours: list[Shift], moment: datetime) -> None:
    moment = moment.replace(second=0, microsecond=0)
    opens = open_from(hours, BERLIN, moment)
    assert opens >= moment
    if opens == moment:
        return
    steps = int((opens - moment).total_seconds() // 60)
    closed = (moment + timedelta(minutes=step) for step in range(0, steps, 7))
    # an hour that the clocks skip or have twice is not on the wall as the shift says
    assert sum(_is_open(hours, one) for one in closed) <= 60 / 7 + 1


@pytest.mark.parametrize(
    ("hours", "moment", "opens"),
    [
        ("", "2026-03-06 03:00", "2026-03-06 03:00"),
        ("mon-fri 8:00-20:00", "2026-03-06 12:00", "2026-03-06 12:00"),
        ("mon-fri 8:00-20:00", "2026-03-06 20:00", "2026-03-09 08:00"),
        ("fri 22:00-06:00", "2026-03-07 03:00", "2026-03-07 03:00"),
        ("sun 02:00-03:00", "2026-03-29 00:30", "2026-03-29 03:00"),  # clocks go from 2 to 3
        ("sat 8:00-9:00", "2026-03-07 09:00", "2026-03-14 08:00"),
    ],
)
def test_when_it_opens(hours: str, moment: str, opens: str) -> None:
    at, then = (datetime.fromisoformat(one).replace(tzinfo=BERLIN) for one in (moment, opens))
    assert open_from(parse_hours(hours), BERLIN, at) == then.astimezone(UTC)


@pytest.mark.parametrize(
    ("days", "moment", "opens"),
    [
        (["2026-03-09 Founding day"], "2026-03-06 21:00", "2026-03-10 08:00"),
        (["03-09..03-20"], "2026-03-06 21:00", "2026-03-23 08:00"),
        (["2026-03-09 10:00-12:00"], "2026-03-06 21:00", "2026-03-09 10:00"),
        (["2026-03-09 10:00-12:00"], "2026-03-09 11:00", "2026-03-09 11:00"),
        (["2026-03-09 10:00-12:00"], "2026-03-09 12:00", "2026-03-10 08:00"),
        (["2026-03-08 10:00-12:00"], "2026-03-06 21:00", "2026-03-08 10:00"),  # open on a Sunday
        (["12-24..01-06"], "2026-12-24 07:00", "2027-01-07 08:00"),
        (["2025-03-09"], "2026-03-06 21:00", "2026-03-09 08:00"),
        (["03-09", "2026-03-09 10:00-12:00"], "2026-03-06 21:00", "2026-03-09 10:00"),
    ],
)
def test_a_closed_day_opens_nothing(days: list[str], moment: str, opens: str) -> None:
    at, then = (datetime.fromisoformat(one).replace(tzinfo=BERLIN) for one in (moment, opens))
    closed = parse_closed_days(map(closed_day_line, days))
    assert open_from(parse_hours("mon-fri 8:00-20:00"), BERLIN, at, closed) == then.astimezone(UTC)
    assert open_from((), BERLIN, at, closed) == at


def test_where_everything_is_closed_it_opens_once_nobody_looks_further() -> None:
    at = datetime(2026, 3, 6, tzinfo=UTC)
    closed = ClosedDays(tuple(ClosedDay(month, day) for month in range(1, 13) for day in range(1, 32)))
    assert open_from(parse_hours("mon-fri 8:00-20:00"), BERLIN, at, closed) > at + timedelta(days=730)
