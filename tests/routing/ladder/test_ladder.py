"""The ladder's settings and its patience."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.ladder.policy import Policy, Rung, patience, patience_ends, people
from routing.model.domain import Offer, OfferState

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
NAN = float("nan")
FIVE = Rung(3, timedelta(minutes=5))


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("rungs", ()),
        ("rungs", (Rung(0, timedelta(minutes=1)),)),
        ("rungs", (Rung(1, timedelta(0)),)),
        ("linger", -0.1),
        ("confidence", 1.0),
        ("confidence", NAN),
        ("patience_range", (2.0, 3.0)),
        ("wait_for_duty", timedelta(minutes=-1)),
        ("wait_for_more", timedelta(minutes=-1)),
        ("retry", timedelta(0)),
        ("most_load", 0.5),
        ("explore_rate", 1.5),
        ("newcomer_within", timedelta(0)),
        ("forgotten_after", timedelta(0)),
        ("generalists", 0),
        ("knows_from", 0.0),
        ("hurry_people", 0.5),
        ("hurry_patience", 0.0),
        ("long_wait", timedelta(0)),
        ("wide_reach", 0),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(setting, value):
    with pytest.raises(ValueError, match=setting):
        Policy(**{setting: value})


def test_a_demonstration_runs_the_same_ladder_faster():
    fast = Policy().faster(60)
    assert [rung.people for rung in fast.rungs] == [3, 6, 50]
    assert fast.rungs[0].patience == timedelta(seconds=5)
    assert fast.retry == timedelta(seconds=2)
    with pytest.raises(ValueError, match="above 0"):
        Policy().faster(0)


def test_nothing_measured_leaves_the_patience_as_it_is():
    assert patience(FIVE, [NAN, NAN], Policy(), hurried=False) == FIVE.patience
    assert patience(FIVE, [], Policy(), hurried=True) == FIVE.patience * 0.6


def test_the_patience_is_when_one_of_them_has_answered_with_the_stated_confidence():
    policy = Policy(confidence=0.75, patience_range=(0.01, 100.0))
    assert patience(FIVE, [4.0], policy, hurried=False) == pytest.approx(
        timedelta(minutes=8), abs=timedelta(milliseconds=1)
    )
    assert patience(FIVE, [4.0, 4.0], policy, hurried=False) == pytest.approx(
        timedelta(minutes=4), abs=timedelta(milliseconds=1)
    )


@given(st.lists(st.floats(0, 10_000) | st.just(NAN), max_size=8), st.booleans())
def test_patience_stays_in_its_range(minutes, hurried):
    policy = Policy()
    factor = patience(FIVE, minutes, policy, hurried=hurried) / FIVE.patience
    scale = policy.hurry_patience if hurried else 1.0
    assert 0.5 * scale - 1e-6 <= factor <= 2.0 * scale + 1e-6


def test_a_hurried_rung_asks_more_people():
    assert people(FIVE, Policy(), hurried=True) == 5
    assert people(FIVE, Policy(), hurried=False) == 3


def test_only_open_offers_are_waited_for():
    offer = Offer(1, 1, NOW, NOW + timedelta(minutes=10), state=OfferState.OPEN)
    passed = Offer(1, 2, NOW, NOW + timedelta(minutes=30), state=OfferState.PASSED)
    assert patience_ends([offer, passed], Policy(), NOW) == NOW + timedelta(minutes=5)
    assert patience_ends([passed], Policy(), NOW) is None
    assert patience_ends([offer], Policy(), NOW + timedelta(minutes=5)) is None
