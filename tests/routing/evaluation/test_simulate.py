"""What a policy would do: fairness, newcomers, and settings that can be compared."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from routing.evaluation.simulate import Arrival, Behaviour, World, simulate
from routing.experts.evidence import PastQuestion
from routing.experts.experts import Experts
from routing.ladder.policy import Policy, Rung
from routing.model.domain import Employee, Expertise, PastAnswer, Question, Shift, Topic
from routing.model.topics import Taxonomy

BEGIN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)  # a Monday
TAXONOMY = Taxonomy([Topic("wifi", "Wi-Fi", ("router",)), Topic("tv", "TV", ("picture",))])
MINUTES = np.quantile(np.random.default_rng(7).lognormal(np.log(6), 1.0, 2000), np.linspace(0, 1, 501))
LONG_DAY = tuple(Shift(day, 0, 1440) for day in range(7))


def experts_in(topic, count, first=1, **more):
    return tuple(
        Employee(
            first + n, f"E{first + n}", expertise=(Expertise(topic, 2),), daily_cap=200, open_cap=10, **more
        )
        for n in range(count)
    )


def arrivals(count, every=timedelta(minutes=3), topic="wifi", text="my router is slow"):
    return tuple(Arrival(Question(n + 1, text, BEGIN + n * every), (topic,)) for n in range(count))


def world(employees, questions, **more):
    return World(employees, TAXONOMY, questions, Behaviour(MINUTES), **more)


def test_forty_equal_experts_share_the_load_within_half_of_the_mean():
    figures = simulate(world(experts_in("wifi", 40), arrivals(600)), Policy())
    assert figures.questions == 600
    assert figures.load_max_over_mean <= 1.5


def test_the_load_stays_shared_when_the_model_learns_who_answers():
    questions = arrivals(150, every=timedelta(minutes=60))
    figures = simulate(world(experts_in("wifi", 40), questions, experts=Experts), Policy())
    assert figures.load_max_over_mean <= 1.5


def test_a_newcomer_gets_a_first_offer_within_a_day():
    office = tuple(Shift(day, 540, 1020) for day in range(5))
    old = experts_in("wifi", 20, shifts=office)
    joined = BEGIN + timedelta(hours=3)
    new = Employee(
        99, "New", expertise=(Expertise("wifi", 1),), shifts=office, joined_at=joined, paused_until=joined
    )
    questions = arrivals(200, every=timedelta(minutes=15))
    figures = simulate(world((*old, new), questions, newcomers=frozenset({99})), Policy())
    assert figures.newcomers_asked == 1
    assert figures.newcomer_hours <= 24


def test_a_newcomer_is_found_even_behind_a_model_full_of_others():
    def taught():
        experts = Experts()
        for n in range(100):
            at = BEGIN - timedelta(hours=n + 1)
            past = PastQuestion(10_000 + n, at, "my router is slow", topics=("wifi",))
            experts.learn(past, PastAnswer(10_000 + n, 1 + n % 5, at, "reboot", ("wifi",)))
        return experts

    joined = BEGIN + timedelta(hours=1)
    new = Employee(99, "New", expertise=(Expertise("wifi", 1),), joined_at=joined, paused_until=joined)
    figures = simulate(
        world(
            (*experts_in("wifi", 20), new),
            arrivals(100, every=timedelta(minutes=10)),
            experts=taught,
            newcomers=frozenset({99}),
        ),
        Policy(),
    )
    assert figures.newcomers_asked == 1
    assert figures.newcomer_hours <= 24


def test_asking_more_people_answers_sooner_and_costs_more_offers():
    questions = arrivals(150, every=timedelta(minutes=10))
    one = Policy(rungs=(Rung(1, timedelta(minutes=5)), Rung(2, timedelta(minutes=10))))
    many = Policy(rungs=(Rung(10, timedelta(minutes=15)),))
    few, broad = (simulate(world(experts_in("wifi", 40), questions), policy) for policy in (one, many))
    assert broad.within_10_minutes > few.within_10_minutes
    assert broad.offers_per_question > few.offers_per_question


def test_every_question_ends_and_is_counted_once():
    office = tuple(Shift(day, 540, 1020) for day in range(5))
    staff = (*experts_in("wifi", 3, shifts=office), *experts_in("tv", 2, first=50))
    figures = simulate(world(staff, arrivals(120, every=timedelta(minutes=20))), Policy())
    assert figures.questions == 120
    assert 0 < figures.answered <= 1
    assert figures.offers_per_answer == pytest.approx(figures.offers_per_question / figures.answered)


def test_the_same_world_gives_the_same_figures():
    small = world(experts_in("wifi", 5), arrivals(40))
    assert simulate(small, Policy()) == simulate(small, Policy())


def test_who_is_able_answers_more_than_who_is_not():
    questions = arrivals(100)
    able = tuple(replace(one, able=frozenset({1, 2, 3})) for one in questions)
    staff = experts_in("wifi", 3)
    assert (
        simulate(world(staff, able), Policy()).answered > simulate(world(staff, questions), Policy()).answered
    )


def test_an_empty_world_has_empty_figures():
    figures = simulate(world((), ()), Policy())
    assert (figures.questions, figures.answered, figures.load_max) == (0, 0.0, 0)
