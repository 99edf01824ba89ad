"""Hours in which nobody is there are told as stretches."""

from datetime import UTC, datetime, timedelta

from routing.ladder.coverage import Gap, gaps, people_by_hour, there
from routing.ladder.roster import Roster

NINE = datetime(2026, 3, 4, 9, tzinfo=UTC)
HOURS = [NINE + timedelta(hours=number) for number in range(6)]


def test_hours_without_anybody_that_follow_each_other_are_one_gap() -> None:
    assert gaps([1, 0, 0, 2, 0, 3], HOURS) == [Gap(HOURS[1], HOURS[3]), Gap(HOURS[4], HOURS[5])]
    assert gaps([0] * 6, HOURS) == [Gap(NINE, NINE + timedelta(hours=6))]
    assert gaps([1] * 6, HOURS) == []


def test_hours_that_do_not_follow_each_other_are_gaps_of_their_own() -> None:
    apart = [NINE, NINE + timedelta(days=1)]
    assert len(gaps([0, 0], apart)) == 2


def test_without_people_or_hours_nobody_is_there() -> None:
    roster = Roster(())
    assert people_by_hour(roster, "tv", there(roster, HOURS)) == (0,) * 6
    assert people_by_hour(roster, "tv", there(roster, [])) == ()
