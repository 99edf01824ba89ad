"""Shares that add up, and what they are said to be."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.experts.evidence import PastQuestion
from routing.experts.experts import Experts
from routing.ladder.policy import ScoreWeights
from routing.ladder.score import score
from routing.model.domain import Employee, EmployeeState, Expertise, Load, PastAnswer, Question, Shift, Topic
from routing.model.topics import Taxonomy

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
TAXONOMY = Taxonomy([Topic("wifi", "Wi-Fi", ("router",)), Topic("tv", "TV", ("picture",))])
QUESTION = Question(1, "router is down", NOW)
JANE = Employee(1, "Jane", expertise=(Expertise("wifi", 3),))


def judged(employee=JANE, question=QUESTION, **more):
    return score(question, employee, NOW, taxonomy=TAXONOMY, **more)


def share(result, kind):
    return next((reason.share for reason in result.reasons if reason.kind == kind), 0.0)


@given(
    st.integers(1, 3),
    st.integers(0, 30),
    st.integers(0, 5),
    st.none() | st.integers(0, 10_000),
    st.none() | st.floats(0, 600),
    st.floats(0, 30),
    st.lists(st.integers(1, 3), max_size=3),
)
def test_the_shares_always_add_up(level, today, open_offers, ago, usual, typical, before):
    load = Load(open_offers, today, None if ago is None else NOW - timedelta(minutes=ago), usual)
    result = judged(
        replace(JANE, expertise=(Expertise("wifi", level),)),
        replace(QUESTION, answered_by=tuple(before)),
        load=load,
        typical_load=typical,
    )
    assert sum(reason.share for reason in result.reasons) == pytest.approx(result.value, abs=1e-9)
    assert all(reason.share != 0 for reason in result.reasons)
    assert [reason.share for reason in result.reasons] == sorted(
        (r.share for r in result.reasons), reverse=True
    )


def test_more_expertise_counts_more():
    values = [judged(replace(JANE, expertise=(Expertise("wifi", level),))).value for level in (1, 2, 3)]
    assert values == sorted(values)
    assert values[0] > judged(replace(JANE, expertise=())).value


def test_who_answered_this_customer_counts_more_the_latest_most():
    latest = judged(question=replace(QUESTION, answered_by=(1, 2)))
    earlier = judged(question=replace(QUESTION, answered_by=(2, 1)))
    assert share(latest, "customer") > share(earlier, "customer") > share(judged(), "customer")


def test_load_counts_against_somebody_in_both_directions():
    busy = judged(load=Load(offers_today=8), typical_load=4.0)
    idle = judged(load=Load(offers_today=1), typical_load=4.0)
    assert share(busy, "load") < 0 < share(idle, "load")


def test_soon_off_duty_counts_less():
    shifts = (Shift(0, 540, 1020),)
    long_left = judged(replace(JANE, shifts=shifts))
    short = score(QUESTION, replace(JANE, shifts=shifts), NOW.replace(hour=16, minute=50), taxonomy=TAXONOMY)
    assert share(short, "duty") < share(long_left, "duty")
    assert "on duty until 17:00" in [reason.text for reason in short.reasons]


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0.5, "1 minute"), (8, "8 minutes"), (75, "75 minutes"), (170, "3 hours")],
)
def test_answer_times_are_said_in_fitting_units(minutes, words):
    result = judged(load=Load(usual_minutes=minutes))
    assert f"usually answers within {words}" in [reason.text for reason in result.reasons]


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(minutes=1), "not asked for 1 minute"),
        (timedelta(minutes=50), "not asked for 50 minutes"),
        (timedelta(hours=5), "not asked for 5 hours"),
        (timedelta(days=3), "not asked for 3 days"),
        (None, "not asked before"),
    ],
)
def test_turns_are_said_in_fitting_units(ago, words):
    result = judged(load=Load(last_offered_at=None if ago is None else NOW - ago))
    assert words in [reason.text for reason in result.reasons]


def test_a_night_shift_says_the_day_it_ends():
    night = replace(JANE, shifts=(Shift(0, 540, 1440), Shift(1, 0, 360)))
    assert "on duty until Tuesday 06:00" in [reason.text for reason in judged(night).reasons]
    late = replace(JANE, shifts=(Shift(0, 540, 1440),))
    assert "on duty until midnight" in [reason.text for reason in judged(late).reasons]


def test_learned_evidence_is_measured_against_a_stranger():
    experts = Experts()
    for number in range(20):
        at = NOW - timedelta(hours=number + 1)
        past = PastQuestion(number + 10, at, "router is down", topics=("wifi",))
        experts.learn(past, PastAnswer(number + 10, 1, at, "reboot", ("wifi",)))
    plain = Employee(1, "Jane")
    learned = judged(plain, experts=experts)
    assert learned.value > judged(plain).value
    stranger = judged(replace(plain, id=77), experts=experts)
    assert stranger.value == pytest.approx(judged(replace(plain, id=77)).value)


def test_a_score_does_not_ask_whether_somebody_can_be_asked():
    assert judged(replace(JANE, state=EmployeeState.LEFT)).value == judged().value


def test_a_score_for_an_impossible_row_says_why():
    with pytest.raises(ValueError, match="Mars/Olympus"):
        judged(replace(JANE, timezone="Mars/Olympus"))


def test_weights_must_make_sense():
    with pytest.raises(ValueError, match="'load'"):
        ScoreWeights(load=-1)
    with pytest.raises(ValueError, match="usual_minutes"):
        ScoreWeights(usual_minutes=0)
