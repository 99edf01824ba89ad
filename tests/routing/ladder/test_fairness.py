"""Lots, bounds and the place kept for newcomers."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.ladder.fairness import hash_uniform, within_fair_load
from routing.ladder.policy import Policy
from routing.ladder.roster import Roster, Workload
from routing.ladder.route import route
from routing.model.domain import Employee, Expertise, Load, Question, Topic
from routing.model.topics import Taxonomy

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
TAXONOMY = Taxonomy([Topic("wifi", "Wi-Fi", ("router",))])
OLD = {n: Load(last_offered_at=NOW - timedelta(minutes=n)) for n in range(1, 21)}


def staff(*new):
    old = [Employee(n, f"E{n}", expertise=(Expertise("wifi", 3),)) for n in range(1, 21)]
    return Roster([*old, *new])


def newcomer(number=99, waited=timedelta(0)):
    return Employee(number, "New", expertise=(Expertise("wifi", 1),), joined_at=NOW - waited)


def asked(question_id, roster, loads=None):
    question = Question(question_id, "router", NOW)
    routing = route(question, roster, Policy(), NOW, taxonomy=TAXONOMY, loads=OLD if loads is None else loads)
    return [offer.employee_id for offer in routing.offers]


@given(st.integers(-(2**62), 2**62), st.lists(st.integers(-(2**62), 2**62), min_size=1, max_size=20))
def test_lots_are_repeatable_numbers_from_0_to_1(question_id, people):
    ids = np.array(people, dtype=np.int64)
    lots = hash_uniform(question_id, ids)
    assert ((lots >= 0) & (lots < 1)).all()
    assert (lots == hash_uniform(question_id, ids)).all()
    assert lots[0] == hash_uniform(question_id, ids[:1])[0]


def test_lots_are_even():
    lots = np.array([hash_uniform(question, np.arange(1, 101)) for question in range(200)])
    assert abs(lots.mean() - 0.5) < 0.01
    assert abs(np.histogram(lots, 10, (0, 1))[0] / lots.size - 0.1).max() < 0.01
    assert abs(np.corrcoef(lots[:, 0], lots[:, 1])[0, 1]) < 0.2


def test_a_stated_share_of_questions_keeps_a_place_for_who_just_joined():
    roster = staff(newcomer())
    share = sum(99 in asked(number, roster) for number in range(500)) / 500
    assert share == pytest.approx(Policy().explore_rate, abs=0.04)


def test_the_share_grows_with_the_wait_until_the_place_is_certain():
    waited = staff(newcomer(waited=timedelta(hours=1)))
    assert sum(99 in asked(number, waited) for number in range(200)) == pytest.approx(100, abs=30)
    overdue = staff(newcomer(waited=timedelta(hours=2)))
    assert all(99 in asked(number, overdue) for number in range(50))


def test_who_can_still_be_in_time_goes_before_who_was_forgotten():
    forgotten = newcomer(98, waited=timedelta(days=300))
    roster = staff(forgotten, newcomer(99, waited=timedelta(hours=13)))
    assert all(99 in asked(number, roster) for number in range(20))


def test_the_forgotten_are_asked_again():
    loads = {**OLD, 99: Load(last_offered_at=NOW - timedelta(days=15))}
    assert all(99 in asked(number, staff(newcomer()), loads) for number in range(20))


def test_newcomers_do_not_take_every_place():
    roster = staff(*(newcomer(n, timedelta(days=1)) for n in range(50, 60)))
    assert sum(number >= 50 for number in asked(1, roster)) == 1


def test_the_reason_of_a_kept_place_is_told_and_adds_nothing():
    question = Question(1, "router", NOW)
    roster = staff(newcomer(waited=timedelta(hours=13)))
    offer = route(question, roster, Policy(), NOW, taxonomy=TAXONOMY, loads=OLD).offers[-1]
    assert offer.employee_id == 99
    assert offer.reasons[-1].kind == "newcomer"
    assert sum(reason.share for reason in offer.reasons) == pytest.approx(offer.score)


def test_nobody_far_above_the_others_is_asked_while_enough_others_can_be():
    today = np.array([10, 2, 2, 2, 2])
    assert within_fair_load(today, 3, 1.3).tolist() == [False, True, True, True, True]
    assert within_fair_load(today, 5, 1.3).all()
    assert within_fair_load(np.zeros(4, dtype=np.int64), 4, 1.0).all()


def test_a_workload_counts_along():
    roster = staff()
    workload = Workload(roster, {1: Load(2, 3, NOW, 4.5), 12345: Load(1, 1)})
    assert workload[1] == Load(2, 3, NOW, 4.5)
    assert workload[2] == Load()
    workload.add(1, NOW + timedelta(minutes=1))
    assert workload[1] == Load(3, 4, NOW + timedelta(minutes=1), 4.5)
    workload.close(1)
    workload.close(12345)
    workload.begin_day(np.array([0]))
    assert workload[1] == Load(2, 0, NOW + timedelta(minutes=1), 4.5)
    assert len(workload) == 20
    assert set(workload) == set(range(1, 21))
