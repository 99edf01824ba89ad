"""Who looks after something, what is put off until when and by whom, and filters that people keep."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.actions import leaving
from bot.roles import Role
from bot.store.engine import Database
from bot.store.house import board_marks
from bot.store.privacy import erasure, personal_record
from bot.store.queries.board.lines import BoardKind
from bot.store.tables.house import BoardMarkRow, KeptFilterRow
from bot.store.tables.people import EmployeeRow
from routing.model.domain import OfferState
from tests.app.board_house import BoardHouse
from tests.conftest import FakeClock


@pytest.fixture
def desk(database: Database, clock: FakeClock) -> BoardHouse:
    return BoardHouse(database, clock)


def test_what_is_put_off_leaves_the_board_until_its_moment_and_says_by_whom_and_why(desk: BoardHouse) -> None:
    question = desk.question()
    done = desk.browser.post(
        f"/admin/board/question/{question}/snooze",
        {"hours": "4", "why": "Waits for the vendor", "back": "/admin/board"},
    )
    assert done.headers["location"] == "/admin/board?done=put_off"
    assert desk.standing() == []
    page = desk.board("put_off=yes")
    assert "Waits for the vendor" in page
    assert "Mei Tan" in page
    assert desk.audited() == [("board.snooze", f"question {question}")]
    desk.clock.advance(4 * 3600 + 1)
    assert desk.standing() == [f"question-{question}"]
    assert desk.standing("put_off=yes") == []


def test_a_moment_is_one_of_the_clock_of_whoever_puts_it_off(desk: BoardHouse) -> None:
    question = desk.question()
    desk.change(EmployeeRow, desk.mei, timezone="Asia/Tokyo")
    at = (desk.clock() + timedelta(days=2)).strftime("%Y-%m-%dT09:30")
    desk.browser.post(f"/admin/board/question/{question}/snooze", {"until": at, "why": "later"})
    until = desk.house.row(BoardMarkRow, ("question", question)).snoozed_until
    assert until.strftime("%H:%M") == "00:30"


@pytest.mark.parametrize(
    "fields",
    [
        {"hours": "4"},
        {"why": "later"},
        {"hours": "0", "why": "later"},
        {"hours": "9999", "why": "later"},
        {"hours": "-1", "why": "later"},
        {"until": "2001-01-01T00:00", "why": "later"},
        {"until": "tomorrow", "why": "later"},
    ],
)
def test_putting_off_needs_a_moment_and_a_reason(desk: BoardHouse, fields: dict[str, str]) -> None:
    question = desk.question()
    refused = desk.browser.post(f"/admin/board/question/{question}/snooze", fields)
    assert refused.status_code == 422
    assert desk.standing() == [f"question-{question}"]
    assert desk.audited() == []


def test_what_is_put_off_can_come_back_before(desk: BoardHouse) -> None:
    held = desk.answer()
    desk.browser.post(f"/admin/board/answer/{held}/snooze", {"hours": "4", "why": "later"})
    assert f'action="/admin/board/answer/{held}/wake"' in desk.board("put_off=yes")
    desk.browser.post(f"/admin/board/answer/{held}/wake")
    assert desk.standing() == [f"answer-{held}"]
    assert [action for action, _ in desk.audited()] == ["board.snooze", "board.wake"]


def test_a_question_that_is_given_to_a_colleague_is_put_in_front_of_them(desk: BoardHouse) -> None:
    question = desk.question()
    given = desk.browser.post(f"/admin/board/question/{question}/assign", {"to": "JANE@example.com "})
    assert given.status_code == 303, given.text
    assert desk.house.offer_state(question, desk.jane) == OfferState.OPEN
    assert desk.standing(f"person={desk.jane}") == [f"question-{question}"]
    assert desk.audited() == [("board.assign", f"question {question}")]


def test_other_things_are_given_to_those_who_may_decide_only(desk: BoardHouse) -> None:
    held = desk.answer()
    refused = desk.browser.post(f"/admin/board/answer/{held}/assign", {"to": "jane@example.com"})
    assert refused.status_code == 422
    assert "may not decide about this" in refused.text
    desk.house.employee("Bo Lee", role=Role.MODERATOR)
    assert (
        desk.browser.post(f"/admin/board/answer/{held}/assign", {"to": "bo@example.com"}).status_code == 303
    )
    assert "Bo Lee" in desk.board()
    assert desk.browser.post(f"/admin/board/answer/{held}/assign", {"to": "who@x.org"}).status_code == 422


@pytest.mark.parametrize("act", ["assign", "snooze", "wake"])
@pytest.mark.parametrize("what", ["question/4711", "connection/1", "nothing/1"])
def test_what_is_not_there_is_not_marked(desk: BoardHouse, act: str, what: str) -> None:
    refused = desk.browser.post(f"/admin/board/{what}/{act}", {"hours": "4", "why": "later"})
    assert refused.status_code in (404, 409, 422)
    with desk.house.database.read() as session:
        assert session.exec(select(BoardMarkRow)).all() == []


def test_putting_off_and_looking_after_leave_each_other_alone(desk: BoardHouse) -> None:
    question = desk.question()
    desk.browser.post(f"/admin/board/question/{question}/assign")
    desk.browser.post(f"/admin/board/question/{question}/snooze", {"hours": "4", "why": "later"})
    desk.browser.post(f"/admin/board/question/{question}/assign")
    mark = desk.house.row(BoardMarkRow, ("question", question))
    assert (mark.assigned_to, mark.why) == (desk.mei, "later")
    assert desk.standing("person=me") == []
    assert desk.standing("person=me&put_off=yes") == [f"question-{question}"]


def test_a_filter_is_kept_under_a_name_by_its_owner_and_goes_again(desk: BoardHouse) -> None:
    fields = {"name": " Urgent  TV ", "query": "kind=question&topic=tv&after=qn4&done=kept", "back": ""}
    assert desk.browser.post("/admin/board/filters", fields).status_code == 303
    page = desk.board("kind=question&topic=tv")
    assert 'href="/admin/board?kind=question&amp;topic=tv" aria-current="page"' in page
    assert "Urgent TV" in page
    other = desk.house.browser(desk.house.employee("Bo Lee", role=Role.ADMIN))
    assert "Urgent TV" not in other.get("/admin/board").text
    with desk.house.database.read() as session:
        kept = session.exec(select(KeptFilterRow)).one()
    assert other.post(f"/admin/board/filters/{kept.id}/forget").status_code == 404
    assert desk.browser.post(f"/admin/board/filters/{kept.id}/forget").status_code == 303
    assert "Urgent TV" not in desk.board()


def test_a_filter_of_the_same_name_is_replaced_and_there_are_not_too_many(desk: BoardHouse) -> None:
    for number in range(20):
        desk.browser.post("/admin/board/filters", {"name": f"f{number}", "query": "kind=question"})
    assert desk.browser.post("/admin/board/filters", {"name": "one more"}).status_code == 409
    assert desk.browser.post("/admin/board/filters", {"name": "f3", "query": "topic=tv"}).status_code == 303
    assert desk.browser.post("/admin/board/filters", {"name": " "}).status_code == 422
    with desk.house.database.read() as session:
        kept = {row.name: row.query for row in board_marks.filters_of(session, desk.mei)}
    assert (len(kept), kept["f3"]) == (20, "topic=tv")


def test_whoever_leaves_looks_after_nothing_and_whoever_is_erased_said_nothing(desk: BoardHouse) -> None:
    first, second = desk.question(), desk.question()
    bo = desk.house.employee("Bo Lee", role=Role.MODERATOR)
    browser = desk.house.browser(bo)
    browser.post(f"/admin/board/question/{first}/assign")
    browser.post(f"/admin/board/question/{second}/snooze", {"hours": "4", "why": "my cousin asks"})
    browser.post("/admin/board/filters", {"name": "mine", "query": "person=me"})
    with desk.house.database.write() as session:
        employee = session.get_one(EmployeeRow, bo)
        told = personal_record.of_employee(session, employee)
        assert len(told["looked_after_on_the_board"]) == 2
        assert [one["name"] for one in told["filters_of_the_board"]] == ["mine"]
        leaving.leave(session, employee, desk.clock())
        erasure.forget_employee(session, employee, "a former employee")
    assert desk.house.row(BoardMarkRow, ("question", first)).assigned_to is None
    mark = desk.house.row(BoardMarkRow, ("question", second))
    assert (mark.why, mark.snoozed_by) == ("", None)
    with desk.house.database.read() as session:
        assert session.exec(select(KeptFilterRow)).all() == []


def test_marks_that_nobody_touches_go_in_time_unless_they_still_put_something_off(desk: BoardHouse) -> None:
    database, now = desk.house.database, desk.clock()
    with database.write() as session:
        board_marks.assign(session, BoardKind.ANSWER, 1, desk.mei, desk.mei, now - board_marks.KEPT * 2)
        board_marks.snooze(
            session, BoardKind.ANSWER, 2, now + timedelta(days=1), desk.mei, "x", now - board_marks.KEPT * 2
        )
        board_marks.assign(session, BoardKind.ANSWER, 3, desk.mei, desk.mei, now)
    with database.read() as session:
        assert sorted(row.row_id for row in session.exec(select(BoardMarkRow)).all()) == [2, 3]
