"""What a fix has changed: whole weeks alone, on either side."""

from datetime import UTC, datetime, timedelta

import pytest

from routing.matters.effect import effect_of, weeks_after, weeks_before

FIXED = datetime(2026, 3, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(("days", "weeks"), [(0, 0), (6.9, 0), (7, 1), (27, 3), (400, 4)])
def test_before_a_fix_only_weeks_count_in_which_people_asked_already(days: float, weeks: int) -> None:
    found = weeks_before(FIXED, FIXED - days * DAY)
    assert len(found) == weeks
    assert found[:1] == ((FIXED - 7 * DAY, FIXED),)[:weeks]


def test_the_first_question_may_have_come_after_the_fix() -> None:
    assert weeks_before(FIXED, FIXED + DAY) == ()


@pytest.mark.parametrize(("days", "weeks"), [(0, 0), (6.9, 0), (7, 1), (13.9, 1), (28, 4), (400, 4)])
def test_after_a_fix_only_weeks_count_that_are_over(days: float, weeks: int) -> None:
    now = FIXED + days * DAY
    found = weeks_after(FIXED, now)
    assert len(found) == weeks
    assert all(ends <= now for _, ends in found)


def test_the_latest_weeks_tell_what_has_become_of_it() -> None:
    assert weeks_after(FIXED, FIXED + 60 * DAY)[-1] == (FIXED + 49 * DAY, FIXED + 56 * DAY)


def test_without_a_whole_week_nothing_is_claimed() -> None:
    young = effect_of(FIXED, [41, 39], [])
    assert (young.before, young.after, young.is_less) == (40, None, False)
    assert young.first_over == FIXED + 7 * DAY
    assert not effect_of(FIXED, [], [3]).is_less


def test_less_is_said_where_it_is_less() -> None:
    assert effect_of(FIXED, [41], [3]).is_less
    assert not effect_of(FIXED, [3], [3]).is_less
