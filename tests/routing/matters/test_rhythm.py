"""The house's week: busy hours count more, and what is not known yet is taken as even."""

import pytest

from routing.matters.rhythm import HOUR, WeeklyRhythm

DAY = 24 * HOUR
WEEK = 7 * DAY


def busy_mornings(weeks: int) -> WeeklyRhythm:
    rhythm = WeeklyRhythm()
    for day in range(7 * weeks):
        for hour in range(24):
            for minute in range(20 if hour == 9 else 1):
                rhythm.count(day * DAY + hour * HOUR + 60 * minute + 1)
    return rhythm


def test_in_a_new_house_all_hours_are_alike() -> None:
    assert WeeklyRhythm().exposure(5.5 * HOUR, 29.5 * HOUR) == pytest.approx(24)


def test_a_busy_hour_is_many_mean_ones_and_a_week_is_a_week() -> None:
    rhythm = busy_mornings(6)
    begin = 100 * WEEK
    assert rhythm.exposure(begin + 9 * HOUR, begin + 10 * HOUR) > 8 * rhythm.exposure(begin, begin + HOUR)
    assert rhythm.exposure(begin + 9.5 * HOUR, begin + WEEK + 9.5 * HOUR) == pytest.approx(168)


def test_single_questions_hardly_bend_the_week() -> None:
    rhythm = WeeklyRhythm()
    rhythm.count(9 * HOUR)
    rhythm.count(DAY)
    assert rhythm.exposure(WEEK + 9 * HOUR, WEEK + 10 * HOUR) == pytest.approx(1, abs=0.5)


def test_a_weekday_can_differ_from_the_others() -> None:
    rhythm = WeeklyRhythm()
    for week in range(8):
        for number in range(200):
            rhythm.count(week * WEEK + 2 * DAY + 12 * HOUR + number)
            rhythm.count(week * WEEK + 3 * DAY + 12 * HOUR + number / 10)
    on_the_day = rhythm.exposure(8 * WEEK + 2 * DAY + 12 * HOUR, 8 * WEEK + 2 * DAY + 13 * HOUR)
    on_another = rhythm.exposure(8 * WEEK + 5 * DAY + 12 * HOUR, 8 * WEEK + 5 * DAY + 13 * HOUR)
    assert on_the_day > 3 * on_another


def test_it_knows_how_many_questions_a_month_brings() -> None:
    assert busy_mornings(1).a_month == pytest.approx(43 * 30, rel=0.1)
    assert busy_mornings(12).a_month == pytest.approx(43 * 30, rel=0.1)


def test_it_goes_on_from_what_was_kept() -> None:
    rhythm = busy_mornings(2)
    kept = WeeklyRhythm(rhythm.counts, rhythm.profile, rhythm.begun, rhythm.until)
    begin = 3 * WEEK + 9 * HOUR
    assert kept.exposure(begin, begin + HOUR) == rhythm.exposure(begin, begin + HOUR)
    assert kept.a_month == rhythm.a_month
