"""Figures as people read them."""

import pytest

from app.admin.figures.charts import HEIGHT, WIDTH, bars, line
from app.admin.figures.wording import compared, written
from routing.figures.measures import MEASURES, Unit
from routing.figures.summary import Figures

BY_NAME = {one.name: one for one in MEASURES}


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (None, Unit.SECONDS, "–"),
        (0, Unit.SECONDS, "0 s"),
        (59.6, Unit.SECONDS, "1 min"),
        (270, Unit.SECONDS, "4 min 30 s"),
        (3_600, Unit.SECONDS, "1 h"),
        (7_500, Unit.SECONDS, "2 h 5 min"),
        (273_600, Unit.SECONDS, "3 d 4 h"),
        (0.3333, Unit.SHARE, "33.3 %"),
        (1.0, Unit.SHARE, "100 %"),
        (12_345, Unit.NUMBER, "12,345"),
        (2.404, Unit.RATIO, "2.40"),
    ],
)
def test_a_number_is_written_for_people(value: float | None, unit: Unit, words: str) -> None:
    assert written(value, unit) == words


@pytest.mark.parametrize(
    ("name", "now", "before", "change", "judgement"),
    [
        ("questions", 12, 10, "+20 %", ""),
        ("satisfied", 12, 10, "+20 %", "better"),
        ("doubled", 12, 10, "+20 %", "worse"),
        ("doubled", 1_000, 1_001, "", ""),
        ("satisfied", 3, 0, "", ""),
        ("first_response_median_s", 30.0, 60.0, "-50 %", "better"),
        ("first_response_median_s", 30.0, None, "", ""),
    ],
)
def test_a_change_says_whether_it_is_for_the_better(
    name: str, now: float, before: float | None, change: str, judgement: str
) -> None:
    found = compared(BY_NAME[name], Figures(**{name: now}), Figures(**{name: before}))  # type: ignore[arg-type]
    assert (found.change, found.judgement) == (change, judgement)


def test_shares_are_compared_in_points() -> None:
    now, before = Figures(questions=10, answered=8), Figures(questions=10, answered=5)
    assert compared(BY_NAME["answered_share"], now, before).change == "+30.0 points"


def test_bars_stay_in_their_box_and_stand_on_the_ground() -> None:
    chart = bars(["a", "b", "c"], [10, 0, 5], [5, 0, 5], "{whole} asked, {part} answered")
    assert chart.greatest == 10
    for bar in (*chart.whole, *chart.part):
        assert bar.x >= 0
        assert bar.x + bar.width <= WIDTH
        assert bar.y + bar.height == pytest.approx(HEIGHT)
    assert chart.whole[0].height == pytest.approx(2 * chart.part[0].height)
    assert chart.whole[0].title == "a: 10 asked, 5 answered"
    assert all(bar.height == 0 for bar in bars(["a"], [0], [0], "").whole)


def test_a_line_is_broken_where_nothing_is_known() -> None:
    chart = line(["a", "b", "c", "d"], [1.0, 2.0, None, 4.0], ["1 s", "2 s", "–", "4 s"])
    assert len(chart.lines) == 1
    assert len(chart.dots) == 3
    assert chart.greatest == 4.0
    assert line([], [], []).dots == ()
