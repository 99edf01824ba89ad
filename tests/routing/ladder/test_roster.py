"""The employees as columns."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.ladder.roster import Roster, Workload
from routing.model.domain import Employee, EmployeeState, Expertise, ExpertiseSource, Load, Shift, TopicWeight

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def test_only_who_takes_part_is_in():
    roster = Roster([Employee(n, state.value, state=state) for n, state in enumerate(EmployeeState)])
    assert [one.state for one in roster.employees] == [EmployeeState.ACTIVE, EmployeeState.PAUSED]


def test_a_row_that_cannot_be_is_left_out_and_named():
    roster = Roster(
        [
            Employee(1, "Jane", timezone="Mars/Olympus"),
            Employee(2, "Joe", shifts=(Shift(9, 0, 60),)),
            Employee(3, "Ann"),
        ]
    )
    assert roster.ids.tolist() == [3]
    assert ["Jane" in roster.problems[0], "Joe" in roster.problems[1]] == [True, True]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("de", [True, False, True]),
        ("DE-at", [True, False, True]),
        ("fr", [False, False, True]),
        (None, [True] * 3),
        ("und", [True] * 3),
    ],
)
def test_languages_by_their_first_part_and_none_means_any(language, expected):
    roster = Roster(
        [Employee(1, "A", languages=("de",)), Employee(2, "B", languages=("en-GB",)), Employee(3, "C")]
    )
    assert roster.speaks(language).tolist() == expected


def test_coverage_weighs_topics_and_takes_the_best_level_of_each():
    people = [
        Employee(1, "A", expertise=(Expertise("wifi", 3), Expertise("tv", 3))),
        Employee(2, "B", expertise=(Expertise("wifi", 3),)),
        Employee(3, "C", expertise=(Expertise("tv", 1), Expertise("tv", 2, ExpertiseSource.ENDORSED))),
        Employee(4, "D"),
    ]
    topics = (TopicWeight("wifi", 0.6), TopicWeight("tv", 0.2))
    assert Roster(people).coverage(topics, {}).tolist() == pytest.approx([1.0, 0.75, 0.25 * 2 / 3, 0.0])


def test_a_broader_topic_covers_half_and_is_not_counted_twice():
    people = [
        Employee(1, "A", expertise=(Expertise("tv", 3),)),
        Employee(2, "B", expertise=(Expertise("smart-tv", 3),)),
    ]
    topics = (TopicWeight("smart-tv", 0.6), TopicWeight("tv", 0.24))
    coverage = Roster(people).coverage(topics, {"smart-tv": ("tv",), "tv": ()})
    assert coverage.tolist() == pytest.approx([0.5, 1.0])


@given(st.integers(-5, 9))
def test_a_level_out_of_range_counts_as_the_nearest(level):
    level_of = Roster([Employee(1, "A", expertise=(Expertise("wifi", level),))]).level("wifi")[0]
    assert level_of == pytest.approx(min(max(level, 0), 3) / 3)


def test_a_pause_ends_by_itself_where_it_has_an_end():
    paused = EmployeeState.PAUSED
    roster = Roster(
        [
            Employee(1, "A", state=paused, paused_until=NOW),
            Employee(2, "B", state=paused, paused_until=NOW + timedelta(seconds=1)),
            Employee(3, "C", state=paused),
            Employee(4, "D", paused_until=NOW + timedelta(days=1)),
            Employee(5, "E"),
        ]
    )
    assert roster.available(NOW).tolist() == [True, False, False, False, True]


def test_loads_of_this_roster_are_taken_as_they_are_and_others_converted():
    roster, other = Roster([Employee(1, "A")]), Roster([Employee(1, "A")])
    workload = Workload(roster, {1: Load(1, 2)})
    assert Workload.of(roster, workload) is workload
    converted = Workload.of(other, workload)
    assert converted is not workload
    assert converted[1] == Load(1, 2)


def test_caps_are_exclusive():
    roster = Roster([Employee(n, "A", daily_cap=2, open_cap=1) for n in (1, 2, 3)])
    workload = Workload(roster, {1: Load(0, 1), 2: Load(0, 2), 3: Load(1, 1)})
    assert workload.free().tolist() == [True, False, False]
    assert workload.under_daily_cap().tolist() == [True, False, True]


def test_an_empty_roster_answers_with_empty_columns():
    roster = Roster([])
    assert len(roster) == 0
    assert roster.available(NOW).tolist() == []
    assert roster.calendar.next_on_duty(np.array([], dtype=np.int64), NOW) is None
