"""What a customer replies to the question how it went counts, and opens nothing."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.actions import erase
from bot.posts import Visibility
from bot.store.engine import Database
from bot.store.privacy import erasure, personal_record
from bot.store.tables.conversations import PostRow
from bot.store.tables.figures import SurveyRow
from routing.model.domain import QuestionState
from tests.conftest import FakeClock
from tests.surveying import Surveyed


@pytest.fixture
def sam(sqlite_database: Database, clock: FakeClock) -> Surveyed:
    made = Surveyed(sqlite_database, clock)
    made.ask()
    return made


def test_a_number_in_reply_counts_and_opens_nothing(database: Database, clock: FakeClock) -> None:
    sam = Surveyed(database, clock)
    sam.ask()
    sam.says("@brand 2. It took too long", sam.asked)
    assert (sam.row.score, sam.row.post_id) == (2, sam.house.posts()[-1].id)
    assert sam.row.waits_since == clock()
    assert [one.state for one in sam.house.questions()] == [QuestionState.SETTLED]
    assert sam.house.questions()[0].satisfied is True
    assert sam.house.posts()[-1].verdict == "aside"
    sam.says("4", sam.asked)
    assert (sam.row.score, sam.row.waits_since) == (4, None)
    with database.read() as session:
        told = personal_record.of_customer(session, erasure.customer(session, "local", "sam"))
    assert [(one["score"], one["kind"]) for one in told["said_of_how_it_went"]] == [(4, "csat")]
    with database.write() as session:
        erase.erase_customer(session, erasure.customer(session, "local", "sam"), clock())
    assert sam.rows == []


def test_a_score_that_asks_something_too_is_also_a_question(sam: Surveyed) -> None:
    sam.says("5, but how do I dim my lamp?", sam.asked)
    assert sam.row.score == 5
    assert any(one.state in ("open", "offered") for one in sam.house.questions())


def test_what_is_no_score_is_handled_as_ever(sam: Surveyed) -> None:
    sam.says("That did not help, it still stays dark", sam.asked)
    assert sam.row.score is None
    assert sam.house.questions()[0].state in ("open", "offered")


def test_a_number_that_replies_to_something_else_is_no_score(sam: Surveyed) -> None:
    sam.says("3", sam.answer)
    assert sam.row.score is None


def test_somebody_elses_number_is_no_score(sam: Surveyed) -> None:
    sam.house.post("kim", "1", sam.asked)
    sam.house.work()
    assert sam.row.score is None


def test_a_number_that_not_everybody_may_read_is_no_score(sam: Surveyed) -> None:
    sam.house.clock.advance(60)
    sam.house.post("sam", "1", sam.asked, visibility=Visibility.PRIVATE)
    sam.house.work()
    assert sam.row.score is None


def test_forgetting_one_customer_leaves_what_others_said(sam: Surveyed, clock: FakeClock) -> None:
    kims = sam.house.post("kim", "@brand my lamp hums")
    sam.house.work()
    sam.house.post("kim", "Thanks, that was it!", sam.answers("Hold the dimmer for ten seconds.", kims))
    sam.house.work()
    sam.ask()
    sam.house.post("kim", "5", sam.asked)
    sam.house.work()
    with sam.house.database.write() as session:
        for number, one in enumerate(session.exec(select(SurveyRow)).all()):
            one.comment = f"said {number}"
        told = personal_record.of_customer(session, erasure.customer(session, "local", "kim"))
        assert [one["comment"] for one in told["said_of_how_it_went"]] == ["said 1"]
        erase.erase_customer(session, erasure.customer(session, "local", "sam"), clock())
    assert [(one.customer_id, one.score, one.comment) for one in sam.rows] == [("kim", 5, "said 1")]


def test_an_edited_reply_says_what_it_says_now_and_a_deleted_one_nothing(sam: Surveyed) -> None:
    reply = sam.says("5", sam.asked)
    sam.house.edit(reply, "1")
    sam.house.work()
    assert sam.row.score == 1
    sam.house.edit(reply, "I am not sure")
    sam.house.work()
    assert (sam.row.score, sam.row.waits_since) == (None, None)
    second = sam.says("2", sam.asked)
    sam.house.delete(second)
    sam.house.work()
    assert (sam.row.score, sam.row.post_id) == (None, None)


def test_after_its_time_a_number_is_no_score_any_more(sam: Surveyed, clock: FakeClock) -> None:
    clock.advance(timedelta(days=15))
    sam.says("5", sam.asked)
    assert sam.row.score is None


def test_nothing_is_left_of_a_question_that_is_gone(sam: Surveyed) -> None:
    browser = sam.house.browser()
    browser.post(sam.path, {"score": "1", "comment": "Too slow"})
    assert sam.row.comment == "Too slow"
    sam.house.delete(sam.opening)
    sam.house.work()
    assert (sam.row.comment, sam.row.waits_since) == ("", None)
    assert browser.get(sam.path).status_code == 410
    assert not [one for one in sam.house.rows(PostRow) if one.verdict == "question"]
