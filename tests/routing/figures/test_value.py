"""What answering in public is worth: the formula, by an example that can be followed by hand."""

from routing.figures.summary import Figures
from routing.figures.value import ValueRates, value_of

RATES = ValueRates(
    calls_avoided=0.5, call_cost=6.0, hour_cost=30.0, minutes_an_answer=5.0, minutes_an_offer=0.5
)


def test_the_formula() -> None:
    found = value_of(Figures(settled_in_public=90, responses=100, offers=200), 30, RATES)
    assert (found.calls, found.calls_money) == (60.0, 360.0)  # (90 + 30) * 0.5, at 6 each
    assert (found.hours, found.hours_money) == (10.0, 300.0)  # 100 * 5 + 200 * 0.5 minutes, at 30 an hour
    assert found.saved == 60.0


def test_of_nothing_nothing_is_left_over() -> None:
    assert value_of(Figures(), 0, RATES).saved == 0
