"""My answers, announcements and colleagues at the desk: lists that grow come in pages and can be narrowed."""

import re
from datetime import timedelta

import pytest

from bot.states import AnnouncementState, AnswerState
from bot.store import rows
from bot.store.engine import Database
from bot.store.tables.announcements import AnnouncementRow
from bot.store.tables.conversations import AnswerRow, QuestionRow
from bot.store.tables.house import ChallengeRow, ChallengeState
from bot.store.tables.people import EmployeeRow
from routing.model.domain import OfferState
from tests.app.work_house import WorkHouse
from tests.conftest import FakeClock

LONG = "Hold the power button for ten seconds, then wait until the light turns green. " * 12
LARGEST = 100_000


@pytest.fixture
def house(database: Database, clock: FakeClock) -> WorkHouse:
    built = WorkHouse(database, clock)
    built.topic("tv", "TV & picture")
    return built


def _given(house: WorkHouse, jane: int, number: int, **values: object) -> list[int]:
    """Answers of hers that are out."""
    questions = [house.question() for _ in range(number)]
    with house.chorus.database.write() as session:
        found = [
            AnswerRow(
                question_id=question,
                employee_id=jane,
                via="desk",
                text=f"{LONG}{place}",
                state=AnswerState.PUBLISHED,
                written_at=house.clock(),
                **values,
            )
            for place, question in enumerate(questions)
        ]
        rows.keep(session, *found)
        return [one.id for one in found]


def _shown(page: str) -> list[int]:
    return [int(one) for one in re.findall(r'<li data-key="(\d+)">', page)]


def _further(page: str, label: str) -> str | None:
    found = re.search(rf'aria-label="{label}">(?:(?!</nav>).)*rel="next" href="([^"]+)"', page, re.DOTALL)
    return found[1].replace("&amp;", "&") if found else None


def test_my_answers_come_in_pages_that_stay_small_and_leave_none_out(house: WorkHouse) -> None:
    jane = house.employee("Jane")
    given = _given(house, jane, 60)
    browser, address, seen = house.browser(jane), "/desk/answers", []
    while address:
        page = browser.get(address)
        assert len(page.content) < LARGEST
        seen += _shown(page.text)
        address = _further(page.text, "My answers") or ""
        if len(seen) == 25:  # what comes in meanwhile moves nothing of the pages behind
            _given(house, jane, 1)
    assert seen == given[::-1]


def test_my_answers_are_narrowed_by_what_became_of_them_and_by_words(house: WorkHouse) -> None:
    jane = house.employee("Jane")
    first, *_ = _given(house, jane, 3)
    held = house.answer(house.question("@brand where is my 50% parcel?"), jane, "It is on its way.")
    browser = house.browser(jane)

    assert _shown(browser.get("/desk/answers?state=queued").text) == [held]
    assert _shown(browser.get("/desk/answers?words=green.%200").text) == [first]
    assert _shown(browser.get("/desk/answers?words=MY%2050%25").text) == [held]
    assert _shown(browser.get("/desk/answers?state=nothing").text)[0] == held
    none = browser.get("/desk/answers?state=failed").text
    assert "Nothing is here." in none
    assert 'value="failed" selected' in none
    assert "You have not answered anything yet" not in none


def test_the_narrowing_stays_from_page_to_page(house: WorkHouse) -> None:
    jane = house.employee("Jane")
    _given(house, jane, 26)
    page = house.browser(jane).get("/desk/answers?state=published&words=green").text
    assert (_further(page, "My answers") or "").startswith(
        "/desk/answers?state=published&words=green&before="
    )


def test_what_i_said_is_wrong_has_pages_of_its_own(house: WorkHouse) -> None:
    jane, eve = house.employee("Jane"), house.employee("Eve")
    answers = _given(house, eve, 12)
    with house.chorus.database.write() as session:
        for one in answers:
            row = ChallengeRow(
                answer_id=one,
                challenger_id=jane,
                wrong=f"No. {one}",
                state=ChallengeState.WAITING,
                made_at=house.clock(),
            )
            rows.keep(session, row)
    browser = house.browser(jane)
    first = browser.get("/desk/answers").text
    following = _further(first, "What I said is wrong")
    assert following is not None
    second = browser.get(following).text
    assert first.count('data-key="challenge-') == 10
    assert second.count('data-key="challenge-') == 2
    assert _further(second, "What I said is wrong") is None


def test_what_i_proposed_comes_in_pages(house: WorkHouse) -> None:
    jane = house.employee("Jane")
    with house.chorus.database.write() as session:
        for number in range(55):
            row = AnnouncementRow(
                text=f"News {number}",
                proposed_by=jane,
                created_at=house.clock(),
                changed_at=house.clock(),
                state=AnnouncementState.PROPOSED,
            )
            rows.keep(session, row)
    browser = house.browser(jane)
    first = browser.get("/desk/announcements").text
    following = _further(first, "Proposed by me")
    assert following is not None
    assert (len(_shown(first)), len(_shown(browser.get(following).text))) == (50, 5)


def test_announcements_for_everybody_come_in_pages(house: WorkHouse) -> None:
    with house.chorus.database.write() as session:
        for number in range(25):
            at = house.clock() + timedelta(minutes=number // 2)  # two of them at one moment
            row = AnnouncementRow(
                text=f"News {number}", created_at=at, changed_at=at, published_at=at, state="published"
            )
            rows.keep(session, row)
    browser = house.browser(house.employee())
    first = browser.get("/announcements").text
    second = browser.get(_further(first, "Announcements") or "").text
    said = [int(one) for one in re.findall(r"News (\d+)", first + second)]
    assert said == list(range(24, -1, -1))


def test_a_question_is_referred_to_somebody_who_is_not_shown_by_name_or_address(house: WorkHouse) -> None:
    jane, zoe = house.employee("Jane"), house.employee("Zoe Zimmer")
    for number in range(60):
        house.employee(f"Ann{number:02}")
    question = house.question()
    house.offer(question, jane)
    browser = house.browser(jane)
    page = browser.get(f"/desk/questions/{question}").text
    assert "Zoe Zimmer" not in page
    assert max(one.count("<option") for one in page.split("<select")) < 60

    refer = f"/desk/questions/{question}/refer"
    assert browser.post(refer, {"other": "Nobody Known"}).status_code == 422
    assert browser.post(refer, {"other": "zoe  zimmer"}).headers["location"] == "/desk?done=referred"
    assert house.offer_state(question, zoe) == OfferState.OPEN


def test_of_two_people_with_one_name_the_address_says_who(house: WorkHouse) -> None:
    jane = house.employee("Jane")
    tim = house.employee("Tim")
    house.employee("Kim")
    with house.chorus.database.write() as session:
        rows.one(session, EmployeeRow, tim).name = "Kim"
    question = house.question()
    house.offer(question, jane)
    browser, refer = house.browser(jane), f"/desk/questions/{question}/refer"
    answer = browser.post(refer, {"other": "Kim"})
    assert (answer.status_code, "type the mail address" in answer.text) == (422, True)
    assert browser.post(refer, {"other": "Tim@example.com"}).status_code == 303
    assert house.offer_state(question, tim) == OfferState.OPEN


def test_whoever_knows_the_topic_is_shown_first(house: WorkHouse) -> None:
    jane = house.employee("Jane")
    for number in range(60):
        house.employee(f"Ann{number:02}")
    house.employee("Zoe", topics={"tv": 2})
    question = house.question()
    house.offer(question, jane)
    with house.chorus.database.write() as session:
        rows.one(session, QuestionRow, question).topics = [["tv", 0.8]]
    page = house.browser(jane).get(f"/desk/questions/{question}").text
    assert page.index(">Zoe") < page.index(">Ann00")
