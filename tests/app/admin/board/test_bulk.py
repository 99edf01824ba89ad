"""Several lines at once: each is decided on its own, and the summary says what went and what not."""

import re
import threading

import pytest

from bot.roles import Role
from bot.states import AnswerState, DeliveryState, EntryState, PostKind, PostState
from bot.store.engine import Database
from bot.store.queries.board.listing import BOARD_PAGE
from bot.store.tables.conversations import AnswerRow, DeliveryRow, EntryRow, PostRow, QuestionRow
from bot.store.tables.house import BoardMarkRow
from routing.model.domain import QuestionState
from tests.app.board_house import BoardHouse
from tests.browser import Browser
from tests.conftest import FakeClock


@pytest.fixture
def desk(database: Database, clock: FakeClock) -> BoardHouse:
    return BoardHouse(database, clock)


def bulk(desk: BoardHouse, deed: str, *keys: str, **fields: str) -> str:
    answer = desk.browser.post(
        "/admin/board/bulk", {"deed": deed, **{f"pick-{key}": "1" for key in keys}, **fields}
    )
    assert answer.status_code == 200, answer.text
    return answer.text


def test_the_page_offers_a_box_for_every_line_that_can_be_chosen(desk: BoardHouse) -> None:
    question, answer = desk.question(), desk.answer()
    page = desk.board()
    assert f'form="page" name="pick-question-{question}@bulk"' in page
    assert f'form="page" name="pick-answer-{answer}@bulk"' in page
    assert 'formaction="/admin/board/bulk?of=bulk"' in page


def test_what_cannot_be_done_to_one_stops_none_of_the_others(desk: BoardHouse) -> None:
    first, second, gone = desk.question(), desk.question(), desk.question(state=QuestionState.ANSWERED)
    answer = desk.answer()
    page = bulk(
        desk,
        "dismiss",
        *(f"question-{one}" for one in (first, gone, second)),
        f"answer-{answer}",
        "question-99999",
        why="spam",
        back="/admin/board?kind=question",
    )
    assert "2 of 5 dismissed" in page
    assert "an answer is out already" in page
    assert "This cannot be done to lines of this kind." in page
    assert "There is no such question." in page
    assert 'href="/admin/board?kind=question"' in page
    states = [desk.house.state_of(one) for one in (first, second, gone)]
    assert states == [QuestionState.DISMISSED, QuestionState.DISMISSED, QuestionState.ANSWERED]
    assert desk.house.row(QuestionRow, first).note == "spam"
    assert desk.audited() == [
        ("question.dismiss", f"question {first}"),
        ("question.dismiss", f"question {second}"),
    ]


def test_each_deed_does_to_each_kind_what_its_own_page_does(desk: BoardHouse) -> None:
    asked, held, dropped = desk.question(), desk.answer(), desk.answer()
    refused, given_up = desk.message(DeliveryState.REJECTED), desk.message(DeliveryState.REJECTED)
    unmatched = desk.post(verdict=PostKind.UNMATCHED, employee_id=desk.jane)
    tried = desk.post(state=PostState.QUARANTINED, attempts=3)
    seen = desk.post(state=PostState.QUARANTINED)
    reviewed, shown = desk.entry(review="It is old."), desk.entry(state=EntryState.HELD_BACK)

    bulk(desk, "again", f"question-{asked}", f"message-{refused}", f"post-{tried}")
    bulk(desk, "approve", f"answer-{held}", f"held_back-{shown}")
    bulk(desk, "drop", f"answer-{dropped}", f"message-{given_up}", why="It is wrong.")
    bulk(desk, "dismiss", f"unmatched-{unmatched}", f"post-{seen}", f"review-{reviewed}")

    house = desk.house
    assert house.state_of(asked) == QuestionState.OPEN
    assert house.row(DeliveryRow, refused).state == DeliveryState.READY
    assert house.row(PostRow, tried).state == PostState.NEW
    assert house.answer_row(held).state == AnswerState.QUEUED
    assert house.row(EntryRow, shown).state == EntryState.PUBLIC
    assert house.answer_row(dropped).state == AnswerState.DROPPED
    assert house.row(DeliveryRow, given_up).state == DeliveryState.WITHDRAWN
    assert house.row(PostRow, unmatched).verdict == PostKind.NOT_FOR_US
    assert house.row(PostRow, seen).state == PostState.DONE
    assert house.row(EntryRow, reviewed).review is None
    assert len(desk.audited()) == 10


def test_topics_people_and_waiting_are_changed_together_too(desk: BoardHouse) -> None:
    first, second, held = desk.question(), desk.question(), desk.answer()
    keys = [f"question-{first}", f"question-{second}"]
    assert "2 of 2 given another topic" in bulk(desk, "topic", *keys, topic="wifi")
    assert desk.house.row(QuestionRow, first).main_topic == "wifi"
    assert "There is no such topic" in bulk(desk, "topic", *keys, topic="nowhere")
    assert desk.house.row(QuestionRow, second).main_topic == "wifi"
    assert "Choose the topic" in bulk(desk, "topic", *keys)
    assert "1 of 1 given to somebody" in bulk(desk, "assign", f"answer-{held}")
    assert "Say in a few words why" in bulk(desk, "snooze", f"answer-{held}", hours="4")
    assert "1 of 1 put off" in bulk(desk, "snooze", f"answer-{held}", hours="4", why="Ann is away")
    assert f"answer-{held}" not in desk.standing()
    mark = desk.house.row(BoardMarkRow, ("answer", held))
    assert (mark.assigned_to, mark.why) == (desk.mei, "Ann is away")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"deed": "dismiss"}, "Nothing is chosen"),
        ({"deed": "burn", "pick-question-1": "1"}, "Choose what is to be done"),
        ({"deed": "dismiss", **{f"pick-question-{n}": "1" for n in range(1, BOARD_PAGE + 2)}}, "At most"),
    ],
)
def test_what_makes_no_sense_is_refused(desk: BoardHouse, fields: dict[str, str], said: str) -> None:
    answer = desk.browser.post("/admin/board/bulk", fields)
    assert (answer.status_code, said in answer.text) == (422, True)


@pytest.mark.parametrize("key", ["question-x", "nothing-4", "question-", "connection-mastodon", "-", "q-²"])
def test_a_line_that_somebody_made_up_is_refused_alone(desk: BoardHouse, key: str) -> None:
    real = desk.question()
    assert "1 of 2 dismissed" in bulk(desk, "dismiss", key, f"question-{real}")


def test_of_two_who_decide_about_the_same_lines_each_line_is_decided_once(desk: BoardHouse) -> None:
    questions = [desk.question() for _ in range(6)]
    keys = [f"question-{one}" for one in questions]
    other = desk.house.browser(desk.house.employee("Bo Lee", role=Role.MODERATOR))
    pages: list[str] = []

    def decide(browser: Browser) -> None:
        fields = {"deed": "dismiss", **{f"pick-{key}": "1" for key in keys}}
        pages.append(browser.post("/admin/board/bulk", fields).text)

    threads = [threading.Thread(target=decide, args=(one,)) for one in (desk.browser, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = [subject for action, subject in desk.audited() if action == "question.dismiss"]
    assert sorted(done) == sorted(f"question {one}" for one in questions)
    went = [int(count) for page in pages for count in re.findall(r"<h1[^>]*>(\d+) of ", page)]
    assert sum(went) == len(questions)


def test_an_answer_of_the_board_is_published_once(desk: BoardHouse) -> None:
    held = desk.answer()
    bulk(desk, "approve", f"answer-{held}")
    assert "does not wait for a decision any more" in bulk(desk, "approve", f"answer-{held}")
    desk.house.deliver()
    assert desk.house.row(AnswerRow, held).state == AnswerState.PUBLISHED
