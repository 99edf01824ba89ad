"""Working hours, time zones, and the days clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.ladder.availability import Calendar, working_time
from routing.model.domain import Employee, Shift

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia"]
OFFICE = tuple(Shift(day, 9 * 60, 17 * 60) for day in range(5))
SPRING = datetime(2026, 3, 29, tzinfo=UTC)
AUTUMN = datetime(2026, 10, 25, tzinfo=UTC)

shifts = st.builds(
    lambda day, start, length: Shift(day, start, min(1440, start + length)),
    st.integers(0, 6),
    st.integers(0, 1439),
    st.integers(1, 1440),
)
people = st.builds(
    lambda number, own, zone: Employee(number, f"E{number}", shifts=tuple(own), timezone=zone),
    st.integers(1, 9),
    st.lists(shifts, max_size=6),
    st.sampled_from(ZONES),
)
CHANGES = [SPRING, AUTUMN, datetime(2026, 3, 8, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)]
moments = st.builds(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes), st.integers(0, 525_600)
) | st.builds(
    lambda base, minutes: base + timedelta(minutes=minutes),
    st.sampled_from(CHANGES),
    st.integers(-1440, 1440),
)


def plainly_on_duty(employee, now):
    """The definition, one person at a time."""
    if not employee.shifts:
        return True
    local = now.astimezone(ZoneInfo(employee.timezone))
    minute = local.hour * 60 + local.minute
    return any(s.weekday == local.weekday() and s.start <= minute < s.end for s in employee.shifts)


@given(st.lists(people, max_size=8), moments)
@settings(max_examples=200)
def test_duty_is_what_the_clock_on_the_wall_says(staff, now):
    calendar = Calendar(staff)
    assert calendar.on_duty(now).tolist() == [plainly_on_duty(one, now) for one in staff]


@given(people, moments)
@settings(max_examples=200)
def test_duty_lasts_until_it_ends(employee, now):
    calendar = Calendar([employee])
    until = calendar.off_duty_at(0, now)
    if not calendar.on_duty(now)[0] or until is None:
        return
    assert until > now
    assert (
        plainly_on_duty(employee, now + (until - now) / 2)
        or now.astimezone(until.tzinfo).utcoffset() != until.utcoffset()
    )
    assert not plainly_on_duty(employee, until.astimezone(UTC)) or until.fold


@given(st.lists(people, min_size=1, max_size=6), moments)
@settings(max_examples=200)
def test_the_next_duty_is_a_duty_and_none_is_missed(staff, now):
    calendar = Calendar(staff)
    moment = calendar.next_on_duty(np.arange(len(staff)), now)
    assert moment is not None
    assert moment >= now
    assert any(plainly_on_duty(one, moment) for one in staff)
    if moment > now:
        offsets = {
            now.astimezone(ZoneInfo(one.timezone)).utcoffset()
            == moment.astimezone(ZoneInfo(one.timezone)).utcoffset()
            for one in staff
        }
        for part in range(20):
            between = now + (moment - now) * part / 20
            assert (
                offsets == {False, True}
                or offsets == {False}
                or not any(plainly_on_duty(one, between) for one in staff)
            )


def test_office_hours_stay_on_the_wall_clock_when_clocks_change():
    jane = Employee(
        1, "Jane", shifts=tuple(Shift(day, 540, 1020) for day in range(7)), timezone="Europe/Berlin"
    )
    calendar = Calendar([jane])
    for date, before, after in ((28, 8, 8), (29, 7, 7)):
        start = datetime(2026, 3, date, before, 0, tzinfo=UTC)
        assert not calendar.on_duty(start - timedelta(minutes=1))[0]
        assert calendar.on_duty(datetime(2026, 3, date, after, 0, tzinfo=UTC))[0]


def test_a_shift_that_begins_in_the_skipped_hour_begins_after_it():
    early = Employee(1, "Early", shifts=(Shift(6, 150, 600),), timezone="Europe/Berlin")
    calendar = Calendar([early])
    moment = calendar.next_on_duty(np.array([0]), SPRING)
    assert moment is not None
    assert calendar.on_duty(moment)[0]
    assert datetime(2026, 3, 29, 1, 0, tzinfo=UTC) <= moment <= datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_a_shift_that_lies_wholly_in_the_skipped_hour_waits_a_week():
    ghost = Employee(1, "Ghost", shifts=(Shift(6, 130, 170),), timezone="Europe/Berlin")
    moment = Calendar([ghost]).next_on_duty(np.array([0]), SPRING)
    assert moment == datetime(2026, 4, 5, 0, 10, tzinfo=UTC)


def test_shifts_over_midnight_and_over_the_week_are_one_stretch():
    night = Employee(1, "Night", shifts=(Shift(6, 1320, 1440), Shift(0, 0, 360)), timezone="UTC")
    assert working_time(night) == [(6 * 1440 + 1320, 7 * 1440 + 360)]
    sunday = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)
    calendar = Calendar([night])
    assert calendar.off_duty_at(0, sunday) == datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
    assert calendar.on_duty(datetime(2026, 3, 2, 5, 59, tzinfo=UTC))[0]
    assert not calendar.on_duty(datetime(2026, 3, 2, 6, 0, tzinfo=UTC))[0]


def test_without_hours_somebody_is_always_on_duty():
    calendar = Calendar([Employee(1, "Any")])
    assert calendar.on_duty(SPRING)[0]
    assert calendar.off_duty_at(0, SPRING) is None


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc", "UTC\x00"])
def test_an_unknown_time_zone_is_named(zone):
    with pytest.raises(ValueError, match="time zone"):
        Calendar([Employee(1, "Jane", timezone=zone)])


@pytest.mark.parametrize("shift", [Shift(7, 0, 60), Shift(0, 60, 60), Shift(0, -1, 60), Shift(0, 0, 1441)])
def test_an_impossible_shift_is_named(shift):
    with pytest.raises(ValueError, match="impossible shift"):
        Calendar([Employee(1, "Jane", shifts=(shift,))])
