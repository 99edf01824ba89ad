"""Who is asked how it went, when, and where nobody is."""

import signal
from datetime import timedelta
from pathlib import Path

import pytest

from bot.actions.deliveries.last_look import TOO_LATE
from bot.platforms.planner import Budget, Window
from bot.platforms.registry import traits_of
from bot.platforms.x.traits import PRICES
from bot.posts import PlatformName, Visibility
from bot.states import AnswerState, DeliveryState
from bot.store.engine import Database
from bot.store.house.budgets import Terms
from bot.store.running import switches
from bot.store.tables.conversations import QuestionRow
from tests.conftest import FakeClock
from tests.mortals import Mortals
from tests.surveying import POINTS, Surveyed, Way

COST = PRICES.of("How did it go?", is_reply_to_mention=False)


def test_a_customer_whose_question_is_settled_is_asked_once_an_hour_later(
    database: Database, clock: FakeClock
) -> None:
    sam = Surveyed(database, clock)
    assert sam.ask(timedelta(minutes=50)) == 0
    assert sam.ask(timedelta(minutes=15)) == 1
    assert "from 1 (not at all) to 5 (very well)" in sam.asked.text
    assert sam.asked.in_reply_to == sam.opening.id
    assert "sam" not in sam.path
    assert (sam.ask(), len(sam.rows)) == (0, 1)
    assert sam.house.questions()[0].state == "settled"
    assert sam.house.answers()[-1].state == AnswerState.POINTED
    assert [one.title for one in sam.house.entries()] == ["My lamp stays dark"]


def test_nobody_is_asked_by_default(sqlite_database: Database, clock: FakeClock) -> None:
    assert Surveyed(sqlite_database, clock, "off").ask() == 0


def test_the_same_customer_is_left_alone_for_so_many_days(
    sqlite_database: Database, clock: FakeClock
) -> None:
    sam = Surveyed(sqlite_database, clock, survey={"rest_days": 30})
    sam.ask()
    again = sam.says("@brand my other lamp flickers")
    sam.says("Thanks, that was it!", sam.answers("Turn it a little further in.", again))
    assert sam.ask() == 0
    clock.advance(timedelta(days=31))
    third = sam.says("@brand my lamp hums")
    sam.says("Thanks, that was it!", sam.answers("Hold the dimmer for ten seconds.", third))
    assert sam.ask() == 1


def test_another_customer_is_asked_all_the_same(sqlite_database: Database, clock: FakeClock) -> None:
    sam = Surveyed(sqlite_database, clock)
    assert sam.ask() == 1
    kims = sam.house.post("kim", "@brand my lamp hums")
    sam.house.work()
    answered = sam.answers("Hold the dimmer for ten seconds.", kims)
    sam.house.post("kim", "Thanks, that was it!", answered)
    sam.house.work()
    assert sam.ask() == 1
    assert [one.customer_id for one in sam.rows] == ["sam", "kim"]


def test_whom_nobody_of_us_answered_is_not_asked_how_we_did(
    sqlite_database: Database, clock: FakeClock
) -> None:
    sam = Surveyed(sqlite_database, clock)
    with sqlite_database.write() as session:
        session.get_one(QuestionRow, sam.house.questions()[0].id).answered_at = None
    assert (sam.ask(), sam.rows) == (0, [])


def test_who_never_addressed_the_brand_is_not_asked(sqlite_database: Database, clock: FakeClock) -> None:
    sam = Surveyed(sqlite_database, clock)
    with sqlite_database.write() as session:
        session.get_one(QuestionRow, sam.house.questions()[0].id).unasked = True
    assert (sam.ask(), sam.rows) == (0, [])


@pytest.mark.parametrize("survey", [{"share": 0}, {"platforms": ["mastodon"]}])
def test_who_is_not_drawn_or_elsewhere_is_not_asked(
    sqlite_database: Database, clock: FakeClock, survey: dict[str, object]
) -> None:
    assert Surveyed(sqlite_database, clock, survey=survey).ask() == 0


def test_who_asks_again_meanwhile_is_not_asked(sqlite_database: Database, clock: FakeClock) -> None:
    sam = Surveyed(sqlite_database, clock)
    sam.house.steps.ask_customers.run()
    clock.advance(timedelta(hours=2))
    sam.house.steps.ask_customers.run()
    sam.house.post("sam", "That did not help, it still stays dark", sam.answer)
    sam.house.steps.intake.run()
    before = len(sam.house.by_brand())
    sam.house.work()
    assert len(sam.house.by_brand()) == before
    assert sam.house.questions()[0].state in ("open", "offered")
    assert sam.house.deliveries()[-1].state == DeliveryState.WITHDRAWN


def test_what_is_private_or_deleted_is_never_asked_about(sqlite_database: Database, clock: FakeClock) -> None:
    sam = Surveyed(sqlite_database, clock)
    sam.house.edit(sam.opening, visibility=Visibility.PRIVATE)
    sam.house.work()
    assert (sam.ask(), sam.rows) == (0, [])
    sam.house.delete(sam.opening)
    sam.house.work()
    assert sam.ask() == 0


def test_one_that_was_asked_about_and_deleted_stays_unsaid(
    sqlite_database: Database, clock: FakeClock
) -> None:
    sam = Surveyed(sqlite_database, clock)
    clock.advance(timedelta(hours=2))
    sam.house.steps.ask_customers.run()
    before = len(sam.house.by_brand())
    sam.house.delete(sam.opening)
    sam.house.work()
    assert len(sam.house.by_brand()) == before


def pause(sam: Surveyed, *, on: bool) -> None:
    with sam.house.database.write() as session:
        switches.put(session, switches.PAUSED, on, by="mei", now=sam.house.clock())


def test_while_publishing_is_paused_nobody_is_asked_and_afterwards_once(
    database: Database, clock: FakeClock
) -> None:
    sam = Surveyed(database, clock)
    pause(sam, on=True)
    assert sam.ask() == 0
    assert sam.house.deliveries()[-1].state == DeliveryState.READY
    pause(sam, on=False)
    assert [sam.ask(), sam.ask()] == [1, 0]


def test_who_could_not_be_asked_for_a_day_is_not_asked_any_more(database: Database, clock: FakeClock) -> None:
    sam = Surveyed(database, clock)
    pause(sam, on=True)
    sam.ask()
    clock.advance(timedelta(hours=25))
    pause(sam, on=False)
    assert sam.ask() == 0
    assert sam.house.deliveries()[-1].state == DeliveryState.WITHDRAWN
    assert sam.house.deliveries()[-1].reason == TOO_LATE
    assert sam.house.questions()[0].state == "settled"


def test_what_the_budget_does_not_bear_waits_for_it(database: Database, clock: FakeClock) -> None:
    sam = Surveyed(database, clock)
    deliver = sam.house.steps.deliver
    deliver.terms = {"local": Terms(Budget((), COST / 2), PRICES)}
    assert sam.ask() == 0
    assert (len(sam.rows), sam.house.deliveries()[-1].state) == (1, DeliveryState.REJECTED)
    assert sam.house.questions()[0].state == "settled"


def test_what_the_pace_does_not_bear_goes_out_later(database: Database, clock: FakeClock) -> None:
    sam = Surveyed(database, clock)
    sam.house.steps.deliver.terms = {"local": Terms(Budget((Window(1, timedelta(hours=3)),)))}
    other = sam.says("@brand my other lamp flickers")
    sam.answers("Turn it a little further in.", other)
    assert sam.ask() == 0, "the answer took the place"
    assert sam.house.deliveries()[-1].state == DeliveryState.READY
    assert sam.ask(timedelta(hours=2)) == 1


def test_after_a_day_nobody_is_asked_any_more(sqlite_database: Database, clock: FakeClock) -> None:
    sam = Surveyed(sqlite_database, clock)
    assert sam.ask(timedelta(days=2)) == 0


def test_where_an_app_may_answer_once_only_the_answer_was_it() -> None:
    assert [name for name in PlatformName if traits_of(name).one_reply] == [PlatformName.X]


@pytest.mark.parametrize("point", POINTS)
def test_r01_a_process_killed_anywhere_asks_once(
    mortals: Mortals, database_url: str, tmp_path: Path, point: str
) -> None:
    ledger = tmp_path / "ledger"
    before = Way(database_url, ledger)
    before.settle()
    said = len(before.platform.accepted())
    before.close()
    died = mortals.run("tests.surveying", database_url, ledger, point)
    assert died == -signal.SIGKILL, "the point was never reached"
    after = Way(database_url, ledger)
    after.clock.advance(timedelta(hours=2, minutes=10))
    after.work(6)
    asked = after.platform.accepted()[said:]
    assert len(asked) == 1
    assert "How well did we help you?" in asked[0][0]
    assert {row.state for row in after.deliveries()} == {DeliveryState.SENT}
    after.close()
