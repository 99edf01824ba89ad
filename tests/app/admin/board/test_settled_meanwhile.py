"""Whoever decides by a page that is out of date reads what has happened, and undoes nobody's work."""

import pytest
from sqlmodel import select

from bot.states import AnswerState, EntryState
from bot.store.engine import Database
from bot.store.house import board_marks
from bot.store.tables.conversations import EntryRow, QuestionRow
from bot.store.tables.house import TextRow
from routing.model.domain import QuestionState
from tests.app.board_house import BoardHouse
from tests.conftest import FakeClock
from tests.forms import fields_of

GONE = "This does not wait any more: somebody has settled it meanwhile."
ANSWERED = "Somebody has answered this question meanwhile: look at the answer first."


@pytest.fixture
def desk(sqlite_database: Database, clock: FakeClock) -> BoardHouse:
    return BoardHouse(sqlite_database, clock, publish={"undo_window": 30})


@pytest.mark.parametrize(("deed", "fields"), [("assign", {}), ("snooze", {"hours": "4", "why": "later"})])
def test_nobody_looks_after_what_is_settled(desk: BoardHouse, deed: str, fields: dict[str, str]) -> None:
    question, answer, entry = desk.question(), desk.answer(), desk.entry(review="It is old.")
    text = desk.text()
    desk.browser.post(f"/admin/questions/{question}/dismiss", {"why": "spam"})
    desk.browser.post(f"/admin/answers/{answer}/drop", {"why": "wrong"})
    desk.browser.post(f"/admin/entries/{entry}/reviewed")
    desk.change(TextRow, text, published_at=desk.clock())
    settled = (("question", question), ("answer", answer), ("review", entry), ("text", text))
    for kind, number in settled:
        refused = desk.browser.post(f"/admin/board/{kind}/{number}/{deed}", fields)
        assert (refused.status_code, GONE in refused.text) == (409, True), kind
        with desk.house.database.read() as session:
            assert board_marks.of(session, kind, number) is None


def test_what_waits_as_another_kind_of_question_by_now_still_waits(desk: BoardHouse) -> None:
    """The ladder has gone on meanwhile: nobody took what was about to be too late."""
    question = desk.question()
    assert desk.browser.post(f"/admin/board/breaching/{question}/assign").status_code == 303


def test_what_is_put_off_can_still_be_given_to_somebody(desk: BoardHouse) -> None:
    entry = desk.entry(state=EntryState.HELD_BACK)
    desk.browser.post(f"/admin/board/held_back/{entry}/snooze", {"hours": "4", "why": "later"})
    assert desk.browser.post(f"/admin/board/held_back/{entry}/assign").status_code == 303
    assert desk.house.row(EntryRow, entry).state == EntryState.HELD_BACK


@pytest.mark.parametrize("deed", ["restore", "escalate", "close"])
def test_what_was_answered_meanwhile_is_not_decided_as_if_nobody_had(desk: BoardHouse, deed: str) -> None:
    question = desk.question("@brand no picture", state=QuestionState.OFFERED)
    page = desk.browser.get(f"/admin/questions/{question}").text
    seen = fields_of(page, f"/admin/questions/{question}/{deed}")
    desk.house.answer(question, desk.jane, "Hold the button.")

    refused = desk.browser.post(f"/admin/questions/{question}/{deed}", seen)
    assert (refused.status_code, ANSWERED in refused.text) == (409, True)
    assert desk.house.state_of(question) == QuestionState.ANSWERING

    now_seen = fields_of(
        desk.browser.get(f"/admin/questions/{question}").text, f"/admin/questions/{question}/{deed}"
    )
    assert desk.browser.post(f"/admin/questions/{question}/{deed}", now_seen).status_code == 303


def test_several_are_not_asked_again_of_which_one_was_answered_meanwhile(desk: BoardHouse) -> None:
    first, second = desk.question(), desk.question("@brand no sound")
    desk.house.answer(first, desk.jane, "Hold the button.")
    done = desk.browser.post(
        "/admin/board/bulk", {"deed": "again", f"pick-question-{first}": "1", f"pick-question-{second}": "1"}
    )
    assert "1 of 2 tried or asked again" in done.text
    assert ANSWERED in done.text
    with desk.house.database.read() as session:
        rounds = dict(session.exec(select(QuestionRow.id, QuestionRow.round)).all())
    assert rounds[second] == rounds[first] + 1


def test_who_comes_too_late_is_led_back_to_the_board_as_it_was(desk: BoardHouse) -> None:
    answer = desk.answer()
    desk.browser.post(f"/admin/answers/{answer}/approve")
    back = {"back": "/admin/board?kind=answer"}
    refused = desk.browser.post(f"/admin/answers/{answer}/drop", {**back, "why": "For another model."})
    assert refused.status_code == 409
    assert '<a href="/admin/board?kind=answer">' in refused.text
    assert 'name="why" value="For another model."' in refused.text
    assert '<input type="hidden" name="back" value="/admin/board?kind=answer">' in refused.text
    pressed = desk.browser.post(f"/admin/answers/{answer}/approve", back)
    assert "What you typed is still here" not in pressed.text
    elsewhere = desk.browser.post(f"/admin/answers/{answer}/approve", {"back": "https://evil.example/"})
    assert 'href="https://evil.example/"' not in elsewhere.text


def test_an_author_reads_that_somebody_in_charge_took_the_answer_back(desk: BoardHouse) -> None:
    question = desk.question("@brand no picture", state=QuestionState.OFFERED)
    answer = desk.house.answer(question, desk.jane, "Hold the button.")
    desk.browser.post(f"/admin/answers/{answer}/retract", {"why": "It is wrong."})
    assert desk.house.answer_row(answer).state == AnswerState.WITHDRAWN
    late = desk.house.browser(desk.jane).post(f"/desk/answers/{answer}/retract")
    assert late.status_code == 409
    assert "This answer has been taken back already" in late.text
