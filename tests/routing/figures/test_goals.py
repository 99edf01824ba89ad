"""Goals: which questions had their response in time, and when a goal counts as missed."""

from dataclasses import replace

import pytest

from routing.figures.columns import table_of
from routing.figures.goals import ENOUGH, GoalMeasure, GoalStanding, GoalTarget, is_missed, standing
from routing.figures.history import Flag
from routing.figures.survey import SurveyKind, survey_code
from tests.routing.figures.test_summary import FACT

HOUR = GoalTarget("", 0.8, 3_600, in_hours=False)


def test_in_time_late_and_still_to_come() -> None:
    facts = [
        replace(FACT, id=1, first_response=3_600, first_response_working=60),
        replace(FACT, id=2, first_response=3_601, first_response_working=61),
        replace(FACT, id=3, asked=1_000, flags=Flag.WAITING),  # has waited for too long
        replace(FACT, id=4, asked=9_000, flags=Flag.WAITING),  # has not
        replace(FACT, id=5, asked=1_000, flags=Flag.SETTLED),  # wants nothing any more
    ]
    table = table_of(facts)
    assert standing(table, HOUR, lambda since: 10_000 - since) == GoalStanding(1, 2)
    in_hours = GoalTarget("", 0.8, 60, in_hours=True)
    assert standing(table, in_hours, lambda _since: 30) == GoalStanding(1, 1)


def test_a_topics_goal_is_about_that_topic() -> None:
    asked = replace(FACT, first_response=5)
    table = table_of([replace(asked, id=1, topic="tv"), replace(asked, id=2, topic="wifi")])
    assert standing(table, replace(HOUR, topic="tv"), lambda _: 0) == GoalStanding(1, 0)
    assert standing(table, replace(HOUR, topic="nobody asked"), lambda _: 0) == GoalStanding(0, 0)


@pytest.mark.parametrize(
    ("in_time", "late", "was_missed", "missed"),
    [
        (79, 21, False, True),
        (80, 20, False, False),
        (80, 20, True, True),  # it has to come a point above
        (81, 19, True, False),
        (0, ENOUGH - 1, False, False),
        (0, ENOUGH, False, True),
    ],
)
def test_a_goal_is_missed_until_it_is_clearly_met(
    in_time: int, late: int, was_missed: bool, missed: bool
) -> None:
    assert is_missed(GoalStanding(in_time, late), HOUR, was_missed=was_missed) is missed


def test_a_goal_of_all_can_be_met_again() -> None:
    assert not is_missed(GoalStanding(10, 0), replace(HOUR, share=1.0), was_missed=True)


def content(kind: SurveyKind, scores: list[int | None]) -> GoalStanding:
    said = [replace(FACT, id=n, survey=survey_code(kind, score)) for n, score in enumerate(scores, 1)]
    target = replace(HOUR, measure=GoalMeasure(kind.value))
    return standing(table_of([*said, replace(FACT, id=99)]), target, lambda _: 0)


def test_a_goal_for_the_csat_is_about_those_who_said_something() -> None:
    found = content(SurveyKind.CSAT, [None, *[5] * 4, *[4] * 2, *[3] * 2, 1, 2])
    assert (found.in_time, found.late, found.share) == (6, 4, 0.6)
    assert content(SurveyKind.CSAT, [5] * 9).share is None


def test_a_goal_for_the_nps_is_promoters_less_detractors() -> None:
    found = content(SurveyKind.NPS, [None, *[10] * 3, 9, *[8] * 2, 7, *[6] * 2, 0])
    assert (found.in_time, found.late, found.neither) == (4, 3, 3)
    assert found.share == pytest.approx(0.1)
    target = GoalTarget("", 0.1, 0, in_hours=False, measure=GoalMeasure.NPS)
    assert not is_missed(found, target, was_missed=False)
    assert is_missed(found, target, was_missed=True), "it has to come a point above"
    assert content(SurveyKind.NPS, [0] * 10).share == -1


def test_a_goal_for_the_satisfied_is_about_those_who_said_whether_it_helped() -> None:
    flags = [*[Flag.SATISFIED] * 3, *[Flag.UNSATISFIED] * 2, Flag.SETTLED, Flag.WAITING]
    table = table_of([replace(FACT, id=n, flags=flag) for n, flag in enumerate(flags, 1)])
    target = replace(HOUR, measure=GoalMeasure.SATISFIED)
    assert standing(table, target, lambda _: 10**6).share == 0.6
