"""Business hours, by the clock on the wall: what of a span of time lies within them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.figures.working_hours import WorkingHours
from routing.model.closed_days import ClosedDay, ClosedDays
from routing.model.domain import Shift

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = tuple(Shift(day, 9 * 60, 17 * 60) for day in range(5))
FRIDAY = datetime(2026, 3, 6, 15, 0, tzinfo=UTC)


def test_without_hours_every_moment_counts() -> None:
    assert WorkingHours(BERLIN).seconds(FRIDAY, FRIDAY + timedelta(days=9, seconds=3)) == 9 * 86_400 + 3


def test_a_weekend_does_not_count() -> None:
    hours = WorkingHours(BERLIN, OFFICE)  # it is four o'clock there
    assert hours.seconds(FRIDAY, FRIDAY + timedelta(days=3)) == 8 * 3_600
    assert hours.seconds(FRIDAY + timedelta(hours=2), FRIDAY + timedelta(days=2)) == 0


def test_what_ends_before_it_begins_is_nothing() -> None:
    assert WorkingHours(BERLIN, OFFICE).seconds(FRIDAY, FRIDAY - timedelta(hours=1)) == 0


def test_hours_that_overlap_count_once() -> None:
    twice = (Shift(4, 15 * 60, 17 * 60), Shift(4, 16 * 60, 18 * 60))
    assert WorkingHours(BERLIN, twice).seconds(FRIDAY, FRIDAY + timedelta(hours=5)) == 2 * 3_600


@pytest.mark.parametrize(
    ("night", "seconds"),
    [
        (datetime(2026, 3, 29, tzinfo=UTC), 3_600),  # from two to three is skipped
        (datetime(2026, 10, 25, tzinfo=UTC), 3 * 3_600),  # and comes twice
    ],
)
def test_the_clock_on_the_wall_decides_when_clocks_change(night: datetime, seconds: int) -> None:
    hours = WorkingHours(BERLIN, (Shift(6, 60, 180),))
    assert hours.seconds(night - timedelta(hours=9), night + timedelta(hours=9)) == seconds


ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia")
START = datetime(2011, 12, 28, tzinfo=UTC)
SHIFTS = st.builds(
    lambda day, start, length: Shift(day, start, min(start + length, 1_440)),
    st.integers(0, 6),
    st.integers(0, 1_439),
    st.integers(1, 900),
)


DAYS_OFF = st.lists(
    st.builds(
        lambda day, yearly, start, length: ClosedDay(
            day.month,
            day.day,
            None if yearly else day.year,
            ((start, min(start + length, 1_440)),) if length else (),
        ),
        st.sampled_from(
            [datetime(2011, 12, 28) + timedelta(days=one) for one in range(7)]  # noqa: DTZ001
            + [datetime(2026, 3, 27) + timedelta(days=one) for one in range(7)]  # noqa: DTZ001
            + [datetime(2026, 10, 31) + timedelta(days=one) for one in range(7)]  # noqa: DTZ001
        ),
        st.booleans(),
        st.integers(0, 1_439),
        st.sampled_from((0, 0, 60, 500)),
    ),
    max_size=6,
    unique_by=lambda one: (one.year, one.month, one.day),
)


@settings(max_examples=60)
@given(
    zone=st.sampled_from(ZONES),
    shifts=st.lists(SHIFTS, max_size=5),
    off=DAYS_OFF,
    start=st.sampled_from(
        (START, datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 10, 31, tzinfo=UTC))
    ).flatmap(lambda day: st.integers(0, 5_000).map(lambda minute: day + timedelta(minutes=minute))),
    length=st.integers(0, 6_000),
)
def test_it_is_what_a_walk_minute_by_minute_finds(
    zone: str, shifts: list[Shift], off: list[ClosedDay], start: datetime, length: int
) -> None:
    place, walked = ZoneInfo(zone), 0
    for minute in range(length):
        local = (start + timedelta(minutes=minute)).astimezone(place)
        at = local.hour * 60 + local.minute
        own = [one for one in off if (one.month, one.day) == (local.month, local.day)]
        own = [one for one in own if one.year == local.year] or [one for one in own if one.year is None]
        if own:
            walked += any(first <= at < last for first, last in own[0].spans)
        else:
            in_week = any(one.weekday == local.weekday() and one.start <= at < one.end for one in shifts)
            walked += not shifts or in_week
    hours = WorkingHours(place, tuple(shifts), ClosedDays(tuple(off)))
    assert hours.seconds(start, start + timedelta(minutes=length)) == walked * 60
