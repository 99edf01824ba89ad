"""The desk: an employee sees what they are asked and why, answers, passes, refers and takes back."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from bot.actions.people.details import details_of
from bot.roles import Role
from bot.states import AnswerState, TitleSource
from bot.store.engine import Database
from bot.store.tables.conversations import EntryRow, QuestionRow
from bot.store.tables.people import EmployeeRow, IdentityRow, LinkCodeRow
from routing.model.domain import OfferState, QuestionState
from tests.app.work_house import WorkHouse
from tests.conftest import FakeClock

TEN_SECONDS = "Hold the power button for ten seconds."


@pytest.fixture
def house(database: Database, clock: FakeClock) -> WorkHouse:
    built = WorkHouse(database, clock, publish={"undo_window": 30, "blocked_words": ["warranty"]})
    built.topic("tv", "TV & picture")
    return built


def test_offers_come_with_reasons_in_words_and_the_time_left(house: WorkHouse) -> None:
    jane, kim = house.employee("Jane"), house.employee("Kim")
    question = house.question("@brand no picture since the update")
    house.offer(question, jane, minutes=30)
    house.offer(question, kim)

    page = house.browser(jane).get("/desk").text

    assert "no picture since the update" in page
    assert "knows TV &amp; picture (level 3)" in page
    assert "(75 %)" in page
    assert "in 30 minutes" in page
    assert "1 other is being asked too" in page


def test_an_offer_that_has_run_out_is_not_shown(house: WorkHouse) -> None:
    jane = house.employee()
    house.offer(house.question(), jane, minutes=30)
    house.clock.advance(timedelta(minutes=31))
    assert "Nothing is waiting for you" in house.browser(jane).get("/desk").text


def test_an_answer_is_shown_as_it_will_be_before_it_is_published(house: WorkHouse) -> None:
    jane = house.employee("Jane Doe")
    question = house.question()
    house.offer(question, jane)
    browser = house.browser(jane)

    preview = browser.post(
        f"/desk/questions/{question}/answer", {"text": f"@sam {TEN_SECONDS} #chorus ask @eve"}
    )
    assert preview.status_code == 200
    assert f"{TEN_SECONDS} ask @\xa0eve ^Jane" in preview.text
    assert house.state_of(question) == QuestionState.OFFERED

    sent = browser.post(f"/desk/questions/{question}/answer", {"text": TEN_SECONDS, "step": "send"})
    assert sent.headers["location"] == "/desk/answers?done=answered"
    assert house.rings == 1
    house.clock.advance(31)
    house.deliver()
    assert [post.text for post in house.chorus.feed.page(author="brand")] == [f"{TEN_SECONDS} ^Jane"]
    assert house.offer_state(question, jane) == OfferState.ANSWERED


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Take the other cable, please.", "Somebody else&#39;s answer is out or on its way"),
        (TEN_SECONDS, "It says the same as the answer that is there already"),
        ("Your warranty is over.", "warranty"),
        ("Take the other cable, please.", None),
    ],
    ids=["second", "the same", "blocked", "first"],
)
def test_the_preview_says_beforehand_what_the_deed_decides(
    house: WorkHouse, text: str, words: str | None
) -> None:
    jane, kim = house.employee("Jane"), house.employee("Kim")
    question = house.question()
    address = f"/desk/questions/{question}/answer"
    if words is not None and text != "Your warranty is over.":
        house.browser(kim).post(address, {"text": TEN_SECONDS, "step": "send"})

    browser = house.browser(jane)
    preview = browser.post(address, {"text": text})
    done = browser.post(address, {"text": text, "step": "send"}).headers["location"]
    mine = browser.get("/desk/answers").text

    if words is None:
        assert "Publish this" in preview.text
        assert done.endswith("answered")
    else:
        assert words in preview.text
        assert words in mine
        assert done.endswith(("held", "dropped"))


def test_a_restated_title_is_the_entrys_in_our_own_words(house: WorkHouse) -> None:
    jane = house.employee()
    question = house.question("@brand my telly is dead, I am SO angry")
    fields = {"text": TEN_SECONDS, "title": "What to do when a TV does not start", "step": "send"}
    house.browser(jane).post(f"/desk/questions/{question}/answer", fields)
    house.clock.advance(31)
    house.deliver()

    with house.database.read() as session:
        entry = session.exec(select(EntryRow)).one()
    assert (entry.title, entry.title_source) == (
        "What to do when a TV does not start",
        TitleSource.EMPLOYEE,
    )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": " \0 "}, "Write the answer first"),
        ({"text": "x" * 15_001}, "At most 15,000"),
        ({"text": "ok", "title": "t" * 111}, "At most 110"),
        ({"text": "ok", "title": "Call Sam on +1 202 555 0143"}, "personal data"),
        ({"text": "ok", "title": "Why help@evil.com is asked"}, "belongs to evil.com"),
        ({"text": "ok", "title": "See evil.com for help"}, "leads to evil.com"),
    ],
)
def test_what_cannot_be_published_comes_back_with_what_was_typed(
    house: WorkHouse, fields: dict[str, str], words: str
) -> None:
    question = house.question()
    page = house.browser(house.employee()).post(
        f"/desk/questions/{question}/answer", {**fields, "step": "send"}
    )
    assert page.status_code == 422
    assert words in page.text
    assert house.state_of(question) == QuestionState.OFFERED


def test_what_the_guard_holds_is_said_before_and_after(house: WorkHouse) -> None:
    jane, question = house.employee(), house.question()
    browser, address = house.browser(jane), f"/desk/questions/{question}/answer"
    words = "is on the list of words"
    assert words in browser.post(address, {"text": "That voids the warranty."}).text
    held = browser.post(address, {"text": "That voids the warranty.", "step": "send"})
    assert held.headers["location"].endswith("done=held")
    assert words in browser.get("/desk/answers").text


def test_a_deleted_question_cannot_be_answered_any_more(house: WorkHouse) -> None:
    question = house.question(state="withdrawn")
    browser = house.browser(house.employee())
    assert browser.get(f"/desk/questions/{question}").status_code == 410
    fields = {"text": TEN_SECONDS, "step": "send"}
    answer = browser.post(f"/desk/questions/{question}/answer", fields)
    assert answer.status_code == 409
    assert "deleted this question" in answer.text


def test_passing_moves_the_question_on_at_once(house: WorkHouse) -> None:
    jane, question = house.employee(), house.question()
    house.offer(question, jane)
    house.browser(jane).post(f"/desk/questions/{question}/pass")
    assert house.offer_state(question, jane) == OfferState.PASSED
    assert house.row(QuestionRow, question).due_at == house.clock()


def test_passing_a_second_time_says_that_there_was_nothing_to_pass_on(house: WorkHouse) -> None:
    jane, question = house.employee(), house.question()
    house.offer(question, jane)
    browser = house.browser(jane)
    browser.post(f"/desk/questions/{question}/pass")
    again = browser.post(f"/desk/questions/{question}/pass").headers["location"]
    page = browser.get(again).text
    assert "nothing to pass on" in page
    assert "others are asked instead" not in page


def test_referring_needs_a_colleague_who_can_take_it(house: WorkHouse) -> None:
    jane, kim = house.employee("Jane"), house.employee("Kim", opted_in=False)
    question = house.question()
    house.offer(question, jane)
    browser, address = house.browser(jane), f"/desk/questions/{question}/refer"
    assert browser.post(address, {"colleague": str(kim)}).status_code == 422
    assert browser.post(address, {"colleague": "nobody"}).status_code == 422
    ann = house.employee("Ann")
    assert browser.post(address, {"colleague": str(ann)}).headers["location"] == "/desk?done=referred"
    assert house.offer_state(question, ann) == OfferState.OPEN
    assert "Jane thinks that you know this" in house.browser(ann).get("/desk").text


def test_s4_an_answer_can_be_taken_back_within_the_undo_window(house: WorkHouse) -> None:
    jane, question = house.employee(), house.question()
    answer = house.answer(question, jane, TEN_SECONDS)
    browser = house.browser(jane)
    assert "Take it back" in browser.get("/desk/answers").text

    assert browser.post(f"/desk/answers/{answer}/retract").status_code == 303

    assert house.answer_row(answer).state == AnswerState.WITHDRAWN
    assert house.state_of(question) == QuestionState.OPEN
    house.clock.advance(60)
    house.deliver()
    assert not house.chorus.feed.page(author="brand")


def test_what_is_out_cannot_be_taken_back_and_nobody_takes_back_what_is_not_theirs(house: WorkHouse) -> None:
    jane, question = house.employee("Jane"), house.question()
    answer = house.answer(question, jane, TEN_SECONDS)
    assert house.browser(house.employee("Eve")).post(f"/desk/answers/{answer}/retract").status_code == 404
    house.clock.advance(31)
    house.deliver()
    late = house.browser(jane).post(f"/desk/answers/{answer}/retract")
    assert late.status_code == 409
    assert "too late" in late.text


def test_the_profile_says_what_somebody_knows_and_when_they_work(house: WorkHouse) -> None:
    jane = house.employee()
    fields = {
        "topic-tv": "3",
        "day-0": "9-12, 13-17:30",
        "day-4": "22:00-06:00",
        "timezone": "Europe/Berlin",
        "languages": "en, de",
        "daily_cap": "10",
        "open_cap": "2",
    }
    browser = house.browser(jane)
    assert browser.post("/desk/profile", fields).headers["location"] == "/desk/profile?done=saved"
    with house.database.read() as session:
        details = details_of(session, session.get_one(EmployeeRow, jane))
    assert details.topics == {"tv": 3}
    assert details.hours == "mon 09:00-12:00+13:00-17:30, fri 22:00-24:00, sat 00:00-06:00"
    assert (details.timezone, details.languages, details.daily_cap) == ("Europe/Berlin", ("en", "de"), 10)
    assert 'value="09:00-12:00, 13:00-17:30"' in browser.get("/desk/profile").text


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"day-1": "always"}, "Tuesday"),
        ({"timezone": "Berlin"}, "no time zone"),
        ({"daily_cap": "many"}, "a number"),
        ({"topic-none": "2"}, "no topic"),
    ],
)
def test_a_wrong_profile_is_not_saved_and_says_why(
    house: WorkHouse, wrong: dict[str, str], words: str
) -> None:
    fields = {"timezone": "UTC", "daily_cap": "10", "open_cap": "2", **wrong}
    page = house.browser(house.employee()).post("/desk/profile", fields)
    assert page.status_code == 422
    assert words in page.text


def test_nobody_makes_themselves_more_than_they_are(house: WorkHouse) -> None:
    jane = house.employee()
    fields = {
        "timezone": "UTC",
        "daily_cap": "10",
        "open_cap": "2",
        "role": "admin",
        "email": "x@example.com",
    }
    house.browser(jane).post("/desk/profile", fields)
    row = house.row(EmployeeRow, jane)
    assert (row.role, row.email) == (Role.EMPLOYEE, "jane@example.com")


def test_a_pause_ends_on_the_day_that_was_said(house: WorkHouse) -> None:
    jane = house.employee()
    browser = house.browser(jane)
    assert browser.post("/desk/pause", {"until": "2026-03-01"}).status_code == 422
    assert browser.post("/desk/pause", {"until": "soon"}).status_code == 422
    assert browser.post("/desk/pause", {"until": "2026-03-09"}).status_code == 303
    assert "You are paused until 9 March 2026" in browser.get("/desk").text
    browser.post("/desk/resume")
    assert "You are paused" not in browser.get("/desk").text


def test_an_account_is_linked_by_posting_a_one_time_code_from_it(house: WorkHouse) -> None:
    jane = house.employee("Jane")
    browser = house.browser(jane)
    browser.post("/desk/link", {"platform": "local"})
    shown = re.search(r"@brand (chorus-[a-z0-9]{8})", browser.get("/desk/profile").text)
    assert shown is not None

    for author in ("jane_at_home", "eve"):  # the second comes too late: the code is used up
        posted = house.browser().request(
            "POST", "/local/posts", json={"author": author, "text": f"@brand {shown[1]}"}
        )
        assert posted.status_code == 201
        house.take_in()

    with house.database.read() as session:
        accounts = session.exec(select(IdentityRow)).all()
        codes = session.exec(select(LinkCodeRow)).all()
    assert [(one.employee_id, one.account_id, one.proof) for one in accounts] == [
        (jane, "jane_at_home", "code")
    ]
    assert all(one.used_at is not None for one in codes)
    browser.post(f"/desk/accounts/{accounts[0].id}/unlink")
    assert "No account is linked" in browser.get("/desk/profile").text


def test_only_the_latest_code_counts_and_only_for_an_hour(house: WorkHouse) -> None:
    jane = house.employee()
    browser = house.browser(jane)
    for _ in range(2):
        browser.post("/desk/link", {"platform": "local"})
    assert browser.get("/desk/profile").text.count("@brand chorus-") == 1
    house.clock.advance(timedelta(hours=1))
    assert "@brand chorus-" not in browser.get("/desk/profile").text
    assert browser.post("/desk/link", {"platform": "myspace"}).status_code == 422


def test_the_archives_suggestion_can_be_taken_over(house: WorkHouse) -> None:
    jane = house.employee()
    first = house.question("@brand tv stays black")
    house.answer(first, jane, TEN_SECONDS)
    house.clock.advance(31)
    house.deliver()
    second = house.question("@brand my tv is black", customer="kim")
    with house.database.write() as session:
        entry = session.exec(select(EntryRow)).one()
        question = session.get_one(QuestionRow, second)
        question.suggestions = [[entry.id, 0.83]]
        session.add(question)

    browser = house.browser(jane)
    address = f"/desk/questions/{second}"
    assert "83 % likely" in browser.get(address).text
    assert f">{TEN_SECONDS}</textarea>" in browser.get(f"{address}?adapt={entry.id}").text
    assert f">#{entry.id}</textarea>" in browser.get(f"{address}?repeat={entry.id}").text
    assert f"{TEN_SECONDS} ^Jane" in browser.post(f"{address}/answer", {"text": f"#{entry.id}"}).text
    assert "no entry 4711" in browser.post(f"{address}/answer", {"text": "#4711"}).text


def test_s5_markup_in_a_question_stays_text(house: WorkHouse) -> None:
    jane = house.employee("<b>Jane</b>")
    polyglot = "@brand <script>alert(1)</script> \"onmouseover='x' javascript:alert(1)"
    question = house.question(polyglot)
    house.offer(question, jane)
    browser = house.browser(jane)
    for path in ("/desk", "/desk/open", f"/desk/questions/{question}"):
        page = browser.get(path).text
        assert "<script>alert" not in page
        assert "<b>Jane" not in page


def test_a_second_answer_is_announced_as_one_that_waits(house: WorkHouse) -> None:
    jane, kim = house.employee("Jane"), house.employee("Kim")
    question = house.question()
    house.answer(question, jane, TEN_SECONDS)
    browser = house.browser(kim)
    assert "There is an answer already" in browser.get(f"/desk/questions/{question}").text
    sent = browser.post(
        f"/desk/questions/{question}/answer", {"text": "Reset it in the menu instead.", "step": "send"}
    )
    assert sent.headers["location"].endswith("done=held")
    again = browser.post(f"/desk/questions/{question}/answer", {"text": TEN_SECONDS, "step": "send"})
    assert again.headers["location"].endswith("done=dropped")
