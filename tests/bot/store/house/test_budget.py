"""Nothing goes out above a budget; what waits says until when and why, and nothing is lost by waiting."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.platforms.planner import Budget, Window
from bot.platforms.x.traits import PRICES
from bot.posts import Ambiguous, Outgoing, Read, Refusal, Rejected, Retry
from bot.states import DeliveryState
from bot.steps.deliver import Deliver
from bot.store.conversations import deliveries
from bot.store.engine import Database
from bot.store.house import budgets, reading
from bot.store.house.budgets import Terms
from tests.conftest import FakeClock
from tests.outbox import Outbox

QUARTER = timedelta(minutes=15)


@pytest.fixture
def outbox(sqlite_database: Database, clock: FakeClock, tmp_path: Path) -> Iterator[Outbox]:
    clock.at = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
    return Outbox(sqlite_database, clock, tmp_path / "ledger")


def posts(number: int, span: timedelta = QUARTER) -> Terms:
    return Terms(Budget((Window(number, span),)))


def run(sender: Deliver, times: int = 5) -> None:
    for _ in range(times):
        if not sender.run():
            return


def test_no_more_go_out_than_the_window_lets_and_the_rest_says_until_when(outbox: Outbox) -> None:
    sender = outbox.sender(posts(2))
    for number in range(3):
        outbox.put(f"answer {number}")
    run(sender)
    assert sorted(outbox.texts()) == ["answer 0", "answer 1"]
    waiting = outbox.rows()[2]
    assert waiting.state == DeliveryState.READY
    assert waiting.due_at == outbox.clock() + QUARTER
    assert waiting.reason == "The platform takes no more for now."
    outbox.clock.advance(QUARTER - timedelta(seconds=1))
    run(sender)
    assert len(outbox.texts()) == 2
    outbox.clock.advance(timedelta(seconds=2))
    run(sender)
    assert outbox.texts()[2:] == ["answer 2"]
    assert outbox.rows()[2].reason is None


def test_the_urgent_and_begun_threads_go_first_even_when_they_come_later(outbox: Outbox) -> None:
    sender = outbox.sender(posts(1))
    outbox.put("one")
    run(sender)
    outbox.put("patient")
    run(sender)
    outbox.put("urgent", priority=5)
    run(sender)
    outbox.clock.advance(QUARTER + timedelta(seconds=1))
    run(sender)
    outbox.clock.advance(QUARTER + timedelta(seconds=1))
    run(sender)
    assert outbox.texts() == ["one", "urgent", "patient"]


def test_a_thread_that_has_begun_is_ended_before_another_begins(outbox: Outbox) -> None:
    sender = outbox.sender(posts(2))
    outbox.put("thread", parts=3)
    outbox.put("other")
    for _ in range(4):
        run(sender)
        outbox.clock.advance(QUARTER + timedelta(seconds=1))
    assert outbox.texts().index("thread 2") < 4
    assert sorted(outbox.texts()) == ["other", "thread 0", "thread 1", "thread 2"]
    order = [text for text in outbox.texts() if text.startswith("thread")]
    assert order == ["thread 0", "thread 1", "thread 2"]


def dollars(per_day: str | None, per_month: str | None = None) -> Terms:
    day = Decimal(per_day) if per_day else None
    return Terms(Budget((), day, Decimal(per_month) if per_month else None), PRICES)


def test_money_is_counted_at_sending_and_the_rest_waits_for_tomorrow(outbox: Outbox) -> None:
    sender = outbox.sender(dollars("0.035"))
    outbox.put("thread", parts=2)
    outbox.put("second")
    outbox.put("third")
    run(sender)  # three replies to mentions at $0.010; the thread's second part would be a post at $0.015
    begun, rest, second, third = outbox.rows()
    assert [row.cost_micros for row in (begun, second, third)] == [10_000] * 3
    assert (rest.state, rest.due_at) == (DeliveryState.READY, datetime(2026, 3, 5, tzinfo=UTC))
    assert rest.reason == "The money for the day or month is spent."
    outbox.clock.at = datetime(2026, 3, 5, 0, 0, 1, tzinfo=UTC)
    run(sender)
    assert outbox.rows()[1].state == DeliveryState.SENT
    assert outbox.rows()[1].cost_micros == 15_000


def test_what_may_have_gone_out_counts_as_spent(outbox: Outbox) -> None:
    def lose(_: Outgoing) -> None:
        raise Ambiguous("timed out")

    outbox.platform.fault = lose
    sender = outbox.sender(dollars("0.015"))
    outbox.put("first")
    run(sender)
    outbox.platform.fault = lambda _: None
    outbox.put("second")
    run(sender)
    assert [row.state for row in outbox.rows()] == [DeliveryState.UNKNOWN, DeliveryState.READY]
    assert outbox.texts() == ["first"]


@pytest.mark.parametrize(
    "error", [Retry("slow down"), Rejected("no", Refusal.NOT_PERMITTED, "https://x.com/intent")]
)
def test_what_was_surely_refused_costs_nothing(outbox: Outbox, error: Exception) -> None:
    publish = outbox.platform.publish
    errors = [error]

    def refuse(outgoing: Outgoing, timeout: float) -> Any:
        if errors:
            raise errors.pop()
        return publish(outgoing, timeout)

    outbox.platform.publish = refuse  # type: ignore[method-assign]
    sender = outbox.sender(dollars("0.010"))
    outbox.put("first")
    run(sender, 1)
    outbox.put("second", priority=9)
    run(sender)
    assert outbox.texts() == ["second"]


def test_a_post_that_no_day_can_pay_goes_to_a_person_with_a_link_to_no_one_elses_money(
    outbox: Outbox,
) -> None:
    sender = outbox.sender(dollars("0.05"))
    outbox.put("look at https://example.com/help")  # $0.200 with a link
    run(sender)
    [row] = outbox.rows()
    assert (row.state, row.code) == (DeliveryState.REJECTED, "too_dear")
    assert "Raise the budget" in (row.reason or "")
    assert outbox.texts() == []


def test_a_raised_budget_holds_at_once_after_a_restart(outbox: Outbox) -> None:
    run(outbox.sender(dollars("0.010")))
    outbox.put("first")
    outbox.put("second")
    run(outbox.sender(dollars("0.010")))
    assert outbox.texts() == ["first"]
    run(outbox.sender(dollars("0.020"), owner="restarted"))
    assert outbox.texts() == ["first", "second"]


def test_r8_a_reset_told_by_the_platform_holds_for_what_was_put_off_too(outbox: Outbox) -> None:
    sender = outbox.sender(posts(1, timedelta(seconds=30)))
    outbox.put("first")
    run(sender)
    outbox.put("second")
    run(sender)
    reset = outbox.clock() + timedelta(minutes=5)
    with outbox.database.write() as session:
        deliveries.postpone_platform(session, "x", reset)
    outbox.clock.advance(60)
    run(sender)
    assert outbox.texts() == ["first"]
    outbox.clock.advance(timedelta(minutes=5))
    run(sender)
    assert outbox.texts() == ["first", "second"]


def test_two_workers_together_keep_to_one_budget(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    outbox = Outbox(database, clock, tmp_path / "ledger")
    for number in range(12):
        outbox.put(f"answer {number}")
    senders = [outbox.sender(posts(5), owner=f"worker-{number}") for number in range(3)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(run, senders))
    assert len(outbox.texts()) == 5
    for sender in senders:
        sender.close()


def test_the_page_reads_what_is_spent_and_what_waits(outbox: Outbox) -> None:
    terms = Terms(Budget((Window(5, QUARTER),), Decimal("0.010"), Decimal(1)), PRICES)
    outbox.put("first")
    outbox.put("second")
    run(outbox.sender(terms))
    with outbox.database.read() as session:
        account = budgets.account(session, "x", terms, outbox.clock())
    assert [use.posts for use in account.uses] == [1]
    assert (account.day, account.month, account.waiting) == (Decimal("0.01"), Decimal("0.01"), 1)
    assert [row.payload["text"] for row in account.put_off] == ["second"]


def test_what_was_read_is_spent_too_and_answers_wait_for_tomorrow(outbox: Outbox) -> None:
    sender = outbox.sender(dollars("0.035"))
    with outbox.database.write() as session:
        reading.note(session, "x", {Read.POST: 5}, PRICES, outbox.clock())  # $0.025 of the $0.035
    outbox.put("first")
    outbox.put("second")
    run(sender)
    assert outbox.texts() == ["first"]
    assert outbox.rows()[1].reason == "The money for the day or month is spent."
    outbox.clock.at = datetime(2026, 3, 5, 0, 0, 1, tzinfo=UTC)
    run(sender)
    assert outbox.texts() == ["first", "second"]


def test_the_page_tells_what_of_it_was_for_reading(outbox: Outbox) -> None:
    terms = dollars("1.00", "10.00")
    with outbox.database.write() as session:
        reading.note(session, "x", {Read.OWN: 10, Read.USER: 3}, PRICES, outbox.clock())
    outbox.put("first")
    run(outbox.sender(terms))
    with outbox.database.read() as session:
        account = budgets.account(session, "x", terms, outbox.clock())
    assert (account.day, account.for_reading) == (Decimal("0.050"), Decimal("0.040"))
    assert {kind: one.number for kind, one in account.reading_month.items()} == {Read.OWN: 10, Read.USER: 3}
