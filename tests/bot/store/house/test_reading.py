"""What reading costs is added up by day and kind, and looking again keeps to its part of the money."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

from bot.platforms.planner import Budget, day_of, month_of
from bot.platforms.x.traits import PRICES
from bot.posts import Read
from bot.store.engine import Database
from bot.store.house import budgets, reading
from bot.store.house.budgets import Terms
from tests.conftest import FakeClock


def note(database: Database, reads: dict[Read, int], platform: str = "x") -> None:
    with database.write() as session:
        reading.note(session, platform, reads, PRICES, database.now(session))


def test_reads_add_up_by_kind_and_cost_what_the_prices_say(database: Database, clock: FakeClock) -> None:
    note(database, {Read.OWN: 10, Read.USER: 2, Read.POST: 0})
    note(database, {Read.OWN: 5, Read.AGAIN: 4})
    note(database, {Read.OWN: 99}, "another")
    with database.read() as session:
        found = reading.amounts(session, "x", day_of(clock()))
        assert {kind: (one.number, one.dollars) for kind, one in found.items()} == {
            Read.OWN: (15, Decimal("0.015")),
            Read.USER: (2, Decimal("0.020")),
            Read.AGAIN: (4, Decimal("0.020")),
        }
        assert reading.dollars(session, "x", day_of(clock())) == Decimal("0.055")


def test_a_day_begins_anew_and_the_month_goes_on(database: Database, clock: FakeClock) -> None:
    note(database, {Read.POST: 10})
    clock.advance(timedelta(days=1))
    note(database, {Read.POST: 1})
    with database.read() as session:
        assert reading.dollars(session, "x", day_of(clock())) == Decimal("0.005")
        assert reading.dollars(session, "x", month_of(clock())) == Decimal("0.055")


def test_several_processes_add_to_one_sum(database: Database, clock: FakeClock) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: note(database, {Read.POST: 1, Read.USER: 1}), range(40)))
    with database.read() as session:
        found = reading.amounts(session, "x", day_of(clock()))
    assert [found[kind].number for kind in (Read.POST, Read.USER)] == [40, 40]


def terms(per_day: str | None, per_month: str | None = None) -> Terms:
    day, month = (Decimal(one) if one else None for one in (per_day, per_month))
    return Terms(Budget((), day, month), PRICES)


def looks(database: Database, what: Terms) -> int | None:
    with database.read() as session:
        return budgets.looks(session, "x", what, database.now(session))


def test_looking_again_takes_a_quarter_of_the_money_at_most(database: Database, clock: FakeClock) -> None:
    assert looks(database, terms("1.00")) == 50
    note(database, {Read.AGAIN: 20})
    assert looks(database, terms("1.00")) == 30
    note(database, {Read.AGAIN: 30})
    assert looks(database, terms("1.00")) == 0
    assert looks(database, terms(None)) is None
    assert looks(database, Terms(Budget())) is None
    clock.advance(timedelta(days=1))
    assert looks(database, terms("1.00")) == 50
    assert looks(database, terms("1.00", "1.10")) == 5


def test_looking_again_never_takes_money_that_is_not_there(database: Database, clock: FakeClock) -> None:
    note(database, {Read.USER: 98})
    assert looks(database, terms("1.00")) == 4
    note(database, {Read.USER: 20})
    assert looks(database, terms("1.00")) == 0
