"""More than usual is noticed, said once, and explained; few people and busy hours are no surge."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.matters.rhythm import HOUR, WeeklyRhythm
from routing.matters.surges import MINUTE, Surge, SurgePolicy, SurgeWatch, tail

DAY = 24 * HOUR


def grown(days: int = 30, every: float = HOUR) -> tuple[SurgeWatch, float]:
    """A watch over a matter 1 that somebody new asks about every hour, and the end of that time."""
    watch = SurgeWatch()
    now = 1.0
    while now < days * DAY:
        watch.count(1, f"person at {now}", now)
        watch.calmed(now)
        now += every
    assert watch.raised == ()
    return watch, now


def crowd(watch: SurgeWatch, now: float, people: int, minutes: float, matter: int = 1) -> list[Surge]:
    said = [
        watch.count(matter, f"crowd {number} at {now}", now + number * minutes * MINUTE / people)
        for number in range(people)
    ]
    return [surge for surge in said if surge is not None]


def test_a_surge_is_noticed_once_and_explained() -> None:
    watch, now = grown()
    said = crowd(watch, now, 60, 20)
    assert len(said) == 1
    assert said[0].people >= 4
    assert said[0].at < now + 5 * MINUTE
    assert watch.raised == (1,)
    assert str(Surge(1, now, 63, 20.0, 2.2)) == "63 people in 20 minutes, usually 2"
    assert str(Surge(1, now, 6, 180.0, 0.4)) == "6 people in 3 hours, usually less than one"


def test_a_surge_that_goes_on_is_not_said_again_and_ends_when_it_falls_back() -> None:
    watch, now = grown()
    said = [surge for part in range(12) for surge in crowd(watch, now + part * 1800, 60, 30)]
    assert len(said) == 1
    assert watch.calmed(now + 6 * HOUR) == ()
    assert watch.calmed(now + 7.5 * HOUR) == (1,)
    assert watch.calmed(now + 7.6 * HOUR) == ()
    assert watch.count(1, "one more", now + 7.7 * HOUR) is None


def test_a_second_surge_after_the_first_is_said() -> None:
    watch, now = grown()
    crowd(watch, now, 60, 20)
    watch.calmed(now + 3 * HOUR)
    assert len(crowd(watch, now + DAY, 60, 20)) == 1


def test_one_person_who_asks_again_and_again_is_no_surge() -> None:
    watch, now = grown()
    assert all(watch.count(1, "the same", now + number) is None for number in range(200))


def test_the_usual_number_is_no_surge_however_often_it_comes() -> None:
    watch, now = grown(every=5 * MINUTE)
    assert crowd(watch, now, 24, 120) == []


def test_a_new_matter_of_a_handful_of_people_in_minutes_is_one() -> None:
    watch, now = grown(every=5 * MINUTE)
    said = crowd(watch, now, 6, 6, matter=2)
    assert len(said) == 1
    assert said[0].usual < 1


def test_three_people_are_never_one() -> None:
    watch, now = grown(every=5 * MINUTE)
    assert crowd(watch, now, 3, 0.1, matter=2) == []


def test_a_matter_that_becomes_larger_for_good_becomes_usual() -> None:
    watch, now = grown()
    for number in range(28 * 24 * 6):
        at = now + number * 10 * MINUTE
        watch.count(1, f"more {number}", at)
        watch.calmed(at)
    assert watch.raised == ()


def test_one_great_day_does_not_hide_the_next() -> None:
    """Given an outage with a thousand people, when sixty ask a week later, then it is said."""
    watch, now = grown()
    crowd(watch, now, 1000, 120)
    for hour in range(1, 7 * 24):
        watch.count(1, f"later {hour}", now + hour * HOUR + 2 * HOUR)
        watch.calmed(now + hour * HOUR + 2 * HOUR)
    assert watch.raised == ()
    assert len(crowd(watch, now + 7 * DAY + 3 * HOUR, 60, 20)) == 1


def test_a_busy_hour_of_the_house_is_expected() -> None:
    """Given a house that is busy at nine, when a small matter is too, then that is nothing unusual."""
    watch = SurgeWatch()
    said = []
    for day in range(60):
        for hour in range(24):
            for number in range(12 if hour == 9 else 1):
                at = day * DAY + hour * HOUR + number * 290 + 1
                watch.calmed(at)
                for matter in range(1, 6):
                    surge = watch.count(matter, f"{at}", at)
                    said += [surge] if surge is not None and day > 30 else []
    assert said == []


def test_merged_matters_count_together_and_the_gone_are_gone() -> None:
    watch, now = grown()
    crowd(watch, now, 3, 0.5, matter=2)
    crowd(watch, now + MINUTE, 3, 0.5, matter=3)
    watch.merge(2, 3)
    assert watch.count(2, "the seventh", now + 2 * MINUTE) is not None
    watch.forget(2)
    assert watch.raised == ()
    watch.merge(1, 99)


@given(st.integers(0, 1000), st.integers(0, 300))
@settings(max_examples=20)
def test_a_restart_makes_no_difference(seed: int, before: int) -> None:
    drawn = random.Random(seed)
    asked, now = [], 1.0
    for number in range(400):
        now += drawn.expovariate(1.0) * (30 if 250 < number < 330 else 1500)
        asked.append((drawn.choice([1, 1, 1, 2]), number % 350, now))
    watch = SurgeWatch()
    said = [(watch.count(*one), watch.calmed(one[2])) for one in asked[:before]]
    rhythm = WeeklyRhythm(watch.rhythm.counts, watch.rhythm.profile, watch.rhythm.begun, watch.rhythm.until)
    again = SurgeWatch(rhythm=rhythm)
    again.restore(watch.saved())
    assert again.raised == watch.raised
    assert len(said) == before
    for one in asked[before:]:
        assert again.count(*one) == watch.count(*one)
        assert again.calmed(one[2]) == watch.calmed(one[2])
    assert again.saved() == watch.saved()


def test_fewer_false_alarms_allowed_means_more_people_needed() -> None:
    needed = []
    for allowed in (0.01, 1.0, 100.0):
        watch = SurgeWatch(SurgePolicy(false_alarms=allowed))
        for number in range(30 * 24):
            watch.count(1, f"p{number}", 1 + number * HOUR)
        now = 1 + 30 * DAY
        said = [watch.count(1, f"c{n}", now + n) is not None for n in range(60)]
        needed.append(said.index(True))
    assert needed == sorted(needed, reverse=True)
    assert needed[0] > needed[-1]


@given(st.integers(1, 30), st.floats(0.01, 20), st.floats(0.5, 100))
def test_the_tail_is_that_of_the_negative_binomial(people: int, usual: float, shape: float) -> None:
    """Given a rate that is Gamma distributed, then the chance is the mean of the Poisson ones."""
    from math import exp, lgamma, log

    def log_chance(number: int) -> float:
        share = usual / (usual + shape)
        ways = lgamma(shape + number) - lgamma(shape) - lgamma(number + 1)
        return ways + shape * log(1 - share) + number * log(share)

    expected = 1 - sum(exp(log_chance(number)) for number in range(people))
    assert tail(people, usual, shape) == pytest.approx(max(expected, 0), abs=1e-9)


def test_nobody_is_always_to_be_expected() -> None:
    assert tail(0, 1.0, 1.0) == 1.0
    assert tail(3, 0.0, 1.0) == 0.0
