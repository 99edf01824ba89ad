"""The signed-in pages and what is not public: what can be answered, and who reads what."""

from typing import Any

import pytest
from sqlmodel import select

from bot.roles import Role
from bot.states import AnswerState, PostKind, PostState, Via
from bot.store.engine import Database
from bot.store.tables.conversations import AnswerRow, PostRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from routing.model.domain import QuestionState
from tests.app.work_house import WorkHouse
from tests.conftest import FakeClock

SECRET = "between you and me: take the other cable"


@pytest.fixture
def house(database: Database, clock: FakeClock) -> WorkHouse:
    built = WorkHouse(database, clock)
    built.topic("tv", "TV & picture")
    return built


def beside(house: WorkHouse, question: int, **columns: Any) -> None:
    """Change the post that opened a question."""
    with house.database.write() as session:
        post = session.exec(select(PostRow).where(PostRow.question_id == question)).one()
        for name, value in columns.items():
            setattr(post, name, value)
        session.add(post)


def tagged(house: WorkHouse, employee: int, visibility: str, text: str = SECRET) -> int:
    """A tagged post of somebody that nobody has matched yet; its id."""
    with house.database.write() as session:
        post = PostRow(
            platform="local",
            external_id=f"t{employee}",
            author_id="jane",
            author_handle="jane",
            text=text,
            visibility=visibility,
            received_at=house.clock(),
            state=PostState.DONE,
            verdict=PostKind.UNMATCHED,
            employee_id=employee,
        )
        session.add(post)
        session.flush()
        return post.id


def answer_privately(house: WorkHouse, question: int, employee: int) -> int:
    """A tagged reply that not everybody may read; the answer's id."""
    post = tagged(house, employee, "followers")
    with house.database.write() as session:
        row = session.get_one(PostRow, post)
        asked, author = session.get_one(QuestionRow, question), session.get_one(EmployeeRow, employee)
        taken = house.chorus.answering.take(
            session, asked, author, row.text, via=Via.POST, now=house.clock(), post=row
        )
        row.verdict = PostKind.ANSWER
        session.add(row)
        return taken.id


def test_s23_the_desk_does_not_answer_a_private_question_and_loses_nothing_typed(house: WorkHouse) -> None:
    jane, question = house.employee(), house.question("@brand my order is wrong", state="escalated")
    beside(house, question, visibility="private")
    browser, address = house.browser(jane), f"/desk/questions/{question}"

    page = browser.get(address).text
    assert "Answer by hand" in page
    assert 'name="text@answer"' not in page, "nobody is led to write in vain"

    for step in ("preview", "send"):
        answer = browser.post(f"{address}/answer", {"text": "Send us the number.", "step": step})
        assert answer.status_code == (409 if step == "send" else 200)
        assert "Answer by hand" in answer.text
        assert "Send us the number." in answer.text
        assert "Publish this" not in answer.text
    with house.database.read() as session:
        assert session.exec(select(AnswerRow)).all() == []
    assert house.state_of(question) == QuestionState.ESCALATED


def test_s23_words_not_written_in_public_are_their_authors_alone(house: WorkHouse) -> None:
    jane, mei = house.employee("Jane"), house.employee("Mei Tan", role=Role.ADMIN)
    question = house.question()
    answer = answer_privately(house, question, jane)

    for path in ("/admin/answers", f"/admin/questions/{question}", f"/desk/questions/{question}"):
        page = house.browser(mei).get(path).text
        assert SECRET not in page, path
        assert "for its author alone" in page, path
    assert f"/admin/answers/{answer}/approve" not in house.browser(mei).get("/admin/answers").text
    mine = house.browser(jane).get("/desk/answers").text
    assert SECRET in mine
    assert "again in public" in mine


def test_s23_no_person_in_charge_has_private_words_published(house: WorkHouse) -> None:
    jane, mei = house.employee("Jane"), house.employee("Mei Tan", role=Role.ADMIN)
    answer = answer_privately(house, house.question(), jane)
    for place in ("addition", "correction"):
        done = house.browser(mei).post(f"/admin/answers/{answer}/approve", {"place": place})
        assert done.status_code == 409
    house.deliver()
    assert not house.chorus.feed.page(author="brand")
    assert house.answer_row(answer).state == AnswerState.HELD
    dropped = house.browser(mei).post(f"/admin/answers/{answer}/drop", {"why": "It was said since."})
    assert dropped.status_code == 303


def test_s23_a_private_post_without_a_question_is_neither_shown_nor_published_by_matching(
    house: WorkHouse,
) -> None:
    jane, mei = house.employee("Jane"), house.employee("Mei Tan", role=Role.ADMIN)
    question, post = house.question(), tagged(house, jane, "private")
    browser = house.browser(mei)
    page = browser.get("/admin/answers").text
    assert SECRET not in page
    assert f"/admin/posts/{post}/match" not in page
    assert f"/admin/posts/{post}/set-aside" in page
    browser.post(f"/admin/posts/{post}/match", {"question": str(question)})
    house.deliver()
    assert not house.chorus.feed.page(author="brand")


def test_s23_nobody_is_asked_anew_about_a_private_question(house: WorkHouse) -> None:
    mei = house.employee("Mei Tan", role=Role.ADMIN)
    question = house.question(state="escalated")
    beside(house, question, visibility="followers")
    answer = house.browser(mei).post(f"/admin/questions/{question}/restore")
    assert answer.status_code == 409
    assert "Answer by hand" in answer.text
    assert house.state_of(question) == QuestionState.ESCALATED


def test_s24_who_is_offered_a_question_sees_warning_choices_and_pictures(house: WorkHouse) -> None:
    jane, mei = house.employee("Jane"), house.employee("Mei Tan", role=Role.ADMIN)
    text = "TV trouble\n\n@brand which one fits?\n\n• TV model A1\n• TV model B2"
    question = house.question(text)
    house.offer(question, jane)
    beside(
        house,
        question,
        warning="TV trouble",
        choices=["TV model A1", "TV model B2"],
        pictures=["the wall <b>mount</b>", ""],
    )
    pages = [
        house.browser(jane).get(f"/desk/questions/{question}").text,
        house.browser(mei).get(f"/admin/questions/{question}").text,
    ]
    for page in pages:
        assert "Content warning: <strong><bdi>TV trouble</bdi></strong>" in page
        assert page.count("TV trouble") == 1
        assert "TV model A1" in page
        assert "TV model B2" in page
        assert "Picture: <bdi>the wall &lt;b&gt;mount&lt;/b&gt;</bdi>" in page
        assert "A picture without a description" in page


def test_s24_a_question_is_found_by_what_its_pictures_show(house: WorkHouse) -> None:
    mei = house.employee("Mei Tan", role=Role.ADMIN)
    beside(house, house.question("@brand what is this?"), pictures=['a "blinking" lämp'])
    house.question("@brand something else entirely", customer="kim")
    for words in ("lämp", '"blinking"'):
        page = house.browser(mei).request("GET", f"/admin/questions?words={words}").text
        assert "what is this?" in page
        assert "something else entirely" not in page


def test_s24_the_preview_names_the_warning_that_the_reply_is_folded_behind(house: WorkHouse) -> None:
    jane, question = house.employee(), house.question("TV trouble\n\n@brand no picture")
    beside(house, question, warning="TV trouble")
    page = house.browser(jane).post(f"/desk/questions/{question}/answer", {"text": "Try it again."}).text
    assert "folded behind: <strong><bdi>TV trouble</bdi></strong>" in page


def test_a_number_of_no_question_is_not_called_a_deleted_one(house: WorkHouse) -> None:
    answer = house.browser(house.employee()).get("/desk/questions/4711")
    assert answer.status_code == 404
    assert "There is no question 4711" in answer.text
