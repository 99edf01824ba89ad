"""What a matter costs: answers and passes of people, and how long its customers waited."""

from datetime import timedelta

import pytest

from bot.store.engine import Database
from bot.store.matters.costs import MatterCost, costs
from bot.store.tables.conversations import OfferRow, QuestionRow
from routing.model.domain import OfferState
from tests.conftest import FakeClock
from tests.outage import Outage


@pytest.fixture
def outage(database: Database, clock: FakeClock) -> Outage:
    return Outage(database, clock)


def cost_of(outage: Outage, matter: int = 1, since: timedelta | None = None) -> MatterCost:
    now = outage.clock()
    with outage.database.read() as session:
        return costs(
            session, [matter, 99], now, minutes_an_answer=5, since=None if since is None else now - since
        )[matter]


def test_answers_passes_and_waits_are_what_it_costs(outage: Outage) -> None:
    """Given one answered after an hour and one who waits for two: three hours of waiting, one answer."""
    outage.asks("sam")
    asked = outage.feed.read(None, 10)[0]
    outage.clock.advance(timedelta(hours=1))
    outage.post("jane", "Sign out, wait a minute and sign in again: that helps. #chorus", asked)
    outage.work()
    outage.asks("kim")
    outage.clock.advance(timedelta(hours=2))
    with outage.database.write() as session:
        session.get_one(OfferRow, 2).state = OfferState.PASSED
    found = cost_of(outage)
    assert (found.answers, found.passes, found.questions, found.waiting) == (1, 1, 2, 1)
    assert found.work == timedelta(minutes=6)
    assert found.waited / timedelta(hours=1) == pytest.approx(3, abs=0.05)
    assert found.wait * 2 == found.waited


def test_what_was_asked_before_does_not_count_from_a_moment_on(outage: Outage) -> None:
    outage.asks("sam")
    outage.clock.advance(timedelta(days=8))
    outage.asks("kim")
    assert cost_of(outage, since=timedelta(days=7)).questions == 1
    assert cost_of(outage).questions == 2


def test_what_the_brand_said_to_everybody_costs_no_time_and_ends_the_wait(outage: Outage) -> None:
    outage.asks("sam")
    outage.says()
    outage.clock.advance(timedelta(days=3))
    found = cost_of(outage)
    assert (found.answers, found.work, found.waiting) == (0, timedelta(), 0)
    assert found.waited < timedelta(minutes=10)


def test_who_was_dismissed_or_gone_waits_for_nothing(outage: Outage) -> None:
    outage.asks("sam")
    with outage.database.write() as session:
        session.get_one(QuestionRow, 1).state = "dismissed"
    assert cost_of(outage) == MatterCost(minutes_an_answer=5)


def test_a_matter_that_is_not_there_costs_nothing(outage: Outage) -> None:
    assert cost_of(outage, 99).work == timedelta()
    with outage.database.read() as session:
        assert costs(session, [], outage.clock(), minutes_an_answer=5) == {}
