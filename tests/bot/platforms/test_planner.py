"""The publish planner: never above a bound, the urgent first, and a time for everybody else."""

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.planner import (
    LOOKING_SHARE,
    Budget,
    Spent,
    Waiting,
    Window,
    looks_left,
    plan,
)
from bot.platforms.x.traits import PRICES
from bot.platforms.x.traits import TRAITS as X

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
TEN_CENTS = Decimal("0.10")


def waiting(*ids: int, **changes: object) -> list[Waiting]:
    return [Waiting(one, NOW - timedelta(minutes=one), **changes) for one in ids]  # type: ignore[arg-type]


def test_without_bounds_everything_goes_the_longest_waiting_first() -> None:
    assert plan(waiting(1, 2, 3), Spent(), Budget(), NOW).now == (3, 2, 1)


def test_when_posts_run_short_threads_go_on_first_then_what_is_urgent_then_what_waited() -> None:
    old, begun, urgent, recent = (
        Waiting(1, NOW - timedelta(hours=5)),
        Waiting(2, NOW, continues=True),
        Waiting(3, NOW, priority=5),
        Waiting(4, NOW - timedelta(hours=1)),
    )
    budget = Budget((Window(3, QUARTER),))
    decided = plan([recent, old, urgent, begun], Spent(), budget, NOW)
    assert decided.now == (2, 3, 1)
    assert [(one.id, one.at) for one in decided.later] == [(4, NOW + QUARTER)]


def test_places_come_free_as_posts_leave_the_window() -> None:
    gone = [NOW - timedelta(minutes=14), NOW - timedelta(minutes=4), NOW - timedelta(hours=2)]
    decided = plan(waiting(1, 2, 3), Spent(gone), Budget((Window(2, QUARTER),)), NOW)
    assert decided.now == ()
    assert [one.at for one in decided.later] == [
        NOW + timedelta(minutes=1),
        NOW + timedelta(minutes=11),
        NOW + timedelta(minutes=16),
    ]
    assert decided.later[0].why == "The platform takes no more for now."


def test_when_the_days_money_is_spent_the_rest_waits_for_tomorrow() -> None:
    budget = Budget(per_day=Decimal("0.25"))
    decided = plan(waiting(1, 2, 3, 4, cost=TEN_CENTS), Spent(day=Decimal("0.05")), budget, NOW)
    assert decided.now == (4, 3)
    assert [one.at for one in decided.later] == [datetime(2026, 11, 23, tzinfo=UTC)] * 2
    assert "money" in decided.later[0].why


def test_when_the_months_money_is_spent_the_rest_waits_for_the_next() -> None:
    budget = Budget(per_day=Decimal(1), per_month=Decimal("9.05"))
    spent = Spent(day=Decimal(0), month=Decimal("8.95"))
    decided = plan(waiting(1, 2, cost=TEN_CENTS), spent, budget, NOW)
    assert (decided.now, decided.later[0].at) == ((2,), datetime(2026, 12, 1, tzinfo=UTC))


def test_a_cheap_reply_goes_where_a_dear_one_does_not_fit() -> None:
    dear = Waiting(1, NOW, priority=9, cost=Decimal("0.20"))
    cheap = Waiting(2, NOW, cost=Decimal("0.01"))
    decided = plan([dear, cheap], Spent(day=Decimal("0.85")), Budget(per_day=Decimal(1)), NOW)
    assert (decided.now, decided.later[0].id) == ((2,), 1)


def test_what_no_day_can_pay_waits_for_a_person_and_holds_up_nobody() -> None:
    decided = plan(
        [Waiting(1, NOW, cost=Decimal(2)), Waiting(2, NOW, cost=TEN_CENTS)],
        Spent(),
        Budget(per_day=Decimal(1)),
        NOW,
    )
    assert decided.now == (2,)
    assert decided.later[0].at is None
    assert "$2" in decided.later[0].why


@given(
    posts=st.integers(1, 5),
    span=st.integers(1, 60),
    per_day=st.none() | st.integers(1, 40),
    gone=st.lists(st.integers(0, 120), max_size=12),
    costs=st.lists(st.sampled_from([0, 1, 2, 20]), max_size=15),
)
def test_no_bound_is_ever_broken_and_everyone_has_an_answer(
    posts: int, span: int, per_day: int | None, gone: list[int], costs: list[int]
) -> None:
    window = Window(posts, timedelta(minutes=span))
    budget = Budget((window,), per_day=None if per_day is None else Decimal(per_day))
    times = [NOW - timedelta(minutes=one) for one in gone]
    queue = [Waiting(number, NOW, cost=Decimal(cost)) for number, cost in enumerate(costs)]
    decided = plan(queue, Spent(times, day=Decimal(3)), budget, NOW)
    assert sorted([*decided.now, *(one.id for one in decided.later)]) == list(range(len(costs)))
    inside = [one for one in times if one > NOW - window.span]
    if decided.now:
        assert len(inside) + len(decided.now) <= posts
        if per_day is not None:
            paid = sum(costs[one] for one in decided.now)
            assert paid == 0 or paid + 3 <= per_day
    assert all(one.at is None or one.at > NOW for one in decided.later)


def test_a_plan_comes_true_when_its_times_are_kept() -> None:
    budget = Budget((Window(2, QUARTER), Window(3, timedelta(hours=1))))
    queue, sent, now = waiting(1, 2, 3, 4, 5, 6, 7), [], NOW
    promised = {one.id: one.at for one in plan(queue, Spent(), budget, NOW).later}
    while queue:
        decided = plan(queue, Spent(sent), budget, now)
        for one in decided.now:
            assert promised.get(one, NOW) == now
        sent += [now] * len(decided.now)
        queue = [one for one in queue if one.id not in decided.now]
        now = min((one.at for one in decided.later if one.at), default=now)


def test_ten_thousand_waiting_are_planned_in_no_time() -> None:
    budget = Budget((Window(50, QUARTER),), per_day=Decimal(1), per_month=Decimal(20))
    queue = [Waiting(number, NOW, cost=Decimal("0.010")) for number in range(10_000)]
    begun = time.process_time()
    decided = plan(queue, Spent(), budget, NOW)
    assert time.process_time() - begun < 2
    assert len(decided.now) == 50


@pytest.mark.parametrize(
    ("text", "is_reply", "price"),
    [
        ("Hold the button", True, "0.010"),
        ("Hold the button", False, "0.015"),
        ("See https://example.com", True, "0.200"),
        ("See example.com/help", False, "0.200"),
    ],
)
def test_an_address_makes_a_post_dear(text: str, is_reply: bool, price: str) -> None:
    assert PRICES.of(text, is_reply_to_mention=is_reply) == Decimal(price)


def test_a_window_lets_something_through() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Window(0, QUARTER)
    assert X.budget.windows[0].posts < 100


CENTS = st.integers(0, 400).map(lambda cents: Decimal(cents) / 100)


@given(CENTS, CENTS, CENTS, CENTS, CENTS, CENTS)
def test_looking_again_takes_neither_money_that_is_not_there_nor_more_than_its_part(
    per_day: Decimal, per_month: Decimal, day: Decimal, month: Decimal, today: Decimal, so_far: Decimal
) -> None:
    price, budget = PRICES.read_post, Budget((), per_day, per_month)
    number = looks_left(budget, price, Spent((), day, month), Spent((), today, so_far))
    assert number is not None
    if number:
        assert day + number * price <= per_day
        assert month + number * price <= per_month
        assert today + number * price <= per_day * LOOKING_SHARE
        assert so_far + number * price <= per_month * LOOKING_SHARE


def test_without_a_bound_or_a_price_any_number_may_be_looked_at() -> None:
    assert looks_left(Budget(), PRICES.read_post, Spent(), Spent()) is None
    assert looks_left(Budget((), Decimal(1)), Decimal(0), Spent(), Spent()) is None
