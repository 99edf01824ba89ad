"""Keys at the desk in a real browser: they press what stands there; where somebody types they are letters."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlmodel import select

from app.wiring.publish_subscribe import ChangeBroker
from bot.live import news
from bot.store.engine import Database
from bot.store.tables.conversations import AnswerRow
from routing.model.domain import OfferState
from tests.app.browsing import chromium, served, shuts_nobody_out
from tests.app.work_house import WorkHouse
from tests.conftest import FakeClock

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

WORDS = "Hold the power button for ten seconds, then wait."


@pytest.fixture
def house(sqlite_database: Database, clock: FakeClock) -> WorkHouse:
    built = WorkHouse(sqlite_database, clock, publish={"undo_window": 30})
    built.topic("tv", "TV & picture")
    return built


@pytest.fixture
def questions(house: WorkHouse) -> list[int]:
    return [house.question(f"@brand the screen number {n} stays black") for n in range(3)]


@pytest.fixture
def jane(house: WorkHouse, questions: list[int]) -> int:
    employee = house.employee("Jane Doe")
    for question in questions:
        house.offer(question, employee)
    return employee


Open = Callable[[int], Any]


@pytest.fixture
def window(house: WorkHouse) -> Iterator[Open]:
    """Opens a window of somebody's."""
    house.give(live=ChangeBroker(partial(news, house.database), interval=0.05))
    with chromium() as browser, served(house.app) as address:

        def opened(who: int) -> Any:
            context = browser.new_context(base_url=address, reduced_motion="reduce")
            ((name, value),) = house.browser(who).cookies.items()
            context.add_cookies([{"name": name, "value": value, "url": address}])
            return context.new_page()

        yield opened


@pytest.fixture
def page(window: Open, jane: int) -> Any:
    return window(jane)


def _row(page: Any) -> str:
    return str(page.evaluate("document.activeElement.dataset.key ?? ''"))


def _answers(house: WorkHouse) -> list[str]:
    with house.database.read() as session:
        return [one.text for one in session.exec(select(AnswerRow))]


def test_a_list_is_gone_through_and_a_question_answered_without_the_mouse(
    house: WorkHouse, page: Any, questions: list[int]
) -> None:
    page.goto("/desk")
    shown = [str(one.get_attribute("data-key")) for one in page.query_selector_all("[data-row]")]
    assert sorted(map(int, shown)) == questions
    walked = []
    for key in "jjk":
        page.keyboard.press(key)
        walked.append(_row(page))
    assert walked == [shown[0], shown[1], shown[0]]

    page.keyboard.press("r")
    page.wait_for_url(f"**/desk/questions/{shown[0]}")
    expect(page.locator("#f-text")).to_be_focused()
    page.keyboard.type(WORDS + " ?/jpre")
    expect(page.locator("#f-text")).to_have_value(WORDS + " ?/jpre")
    assert _answers(house) == []

    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/desk/answers?done=answered")
    assert _answers(house) == [WORDS + " ?/jpre"]


def test_nothing_is_sent_by_keys_where_nothing_is_typed(
    house: WorkHouse, page: Any, questions: list[int]
) -> None:
    page.goto(f"/desk/questions/{questions[0]}")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("r")
    page.keyboard.press("Control+Enter")
    page.keyboard.type("Wait.")
    assert page.url.endswith(f"/desk/questions/{questions[0]}")
    assert page.locator("#answer button[value=send]").count() == 0
    assert _answers(house) == []


def test_a_question_is_passed_on_and_referred(house: WorkHouse, page: Any, jane: int) -> None:
    house.employee("Kim Lee")
    page.goto("/desk")
    page.keyboard.press("p")  # no question has the focus
    page.keyboard.press("j")
    first = _row(page)
    page.keyboard.press("p")
    page.wait_for_url("**/desk?done=*")
    assert house.offer_state(int(first), jane) == OfferState.PASSED
    assert page.locator("[data-row]").count() == 2
    assert _row(page) not in ("", first)  # whoever works by keyboard goes on at what stands in its place

    page.keyboard.press("e")
    page.wait_for_url("**/desk/questions/*")
    expect(page.locator("#f-colleague")).to_be_focused()
    page.locator("h1").click()
    page.keyboard.press("p")
    page.wait_for_url("**/desk?done=*")
    assert page.locator("[data-row]").count() == 1


def test_a_note_is_written_and_seen_by_a_colleague_who_has_the_page_open(
    house: WorkHouse, page: Any, window: Open, questions: list[int]
) -> None:
    beside = window(house.employee("Kim Lee"))
    beside.goto(f"/desk/questions/{questions[0]}")
    beside.fill("#f-text", "What Kim has begun")

    page.goto(f"/desk/questions/{questions[0]}")
    page.fill("#f-text", WORDS)
    page.locator("h1").click()
    page.keyboard.press("n")
    expect(page.locator("#f-note")).to_be_focused()
    page.keyboard.type("Ask @Kim, she knows c n p")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".note .said")).to_have_text("Ask @Kim, she knows c n p")
    expect(page.locator("#f-text")).to_have_value(WORDS)
    shuts_nobody_out(page, "a note")
    page.set_viewport_size({"width": 360, "height": 800})
    shuts_nobody_out(page, "a note on a telephone")

    expect(beside.locator(".note .said")).to_have_text("Ask @Kim, she knows c n p")
    expect(beside.locator("#f-text")).to_have_value("What Kim has begun")
    assert _answers(house) == []


def test_a_question_is_taken_for_oneself_and_a_colleague_sees_it_without_losing_a_word(
    house: WorkHouse, page: Any, window: Open, questions: list[int], jane: int
) -> None:
    kim = house.employee("Kim Lee")
    house.offer(questions[0], kim)
    beside = window(kim)
    beside.goto(f"/desk/questions/{questions[0]}")
    beside.fill("#f-text", "What Kim has begun")

    page.goto("/desk")
    page.locator(f"[data-key='{questions[0]}'] h2 a").focus()
    page.keyboard.press("c")
    page.wait_for_url("**/desk/questions/*?done=claimed")
    expect(page.locator("#help h2").first).to_have_text("You are on it")
    shuts_nobody_out(page, "taken")
    assert house.offer_state(questions[0], kim) == OfferState.RESTING

    expect(beside.locator("#help h2").first).to_have_text("Jane Doe is on it")
    expect(beside.locator("#f-text")).to_have_value("What Kim has begun")
    assert beside.locator("[data-claims]").count() == 0
    shuts_nobody_out(beside, "taken by somebody else")
    beside.goto("/desk")
    expect(beside.locator("#offers")).to_contain_text("Jane Doe is on it")
    beside.set_viewport_size({"width": 360, "height": 800})
    shuts_nobody_out(beside, "what rests, on a telephone")

    page.locator("h1").click()
    page.keyboard.press("p")
    page.wait_for_url("**/desk?done=passed")
    expect(beside.locator("#offers")).not_to_contain_text("Jane Doe is on it")
    assert house.offer_state(questions[0], kim) == OfferState.OPEN


def test_whoever_takes_it_while_typing_is_on_its_page_and_loading_it_again_takes_nothing(
    house: WorkHouse, page: Any, questions: list[int]
) -> None:
    page.goto(f"/desk/questions/{questions[0]}")
    page.fill("#f-text", WORDS)
    page.click("[data-claims]")
    expect(page.locator("#help h2").first).to_have_text("You are on it")
    expect(page.locator("#f-text")).to_have_value(WORDS)
    assert page.url.endswith(f"/desk/questions/{questions[0]}?done=claimed")
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.method))
    page.reload()
    expect(page.locator("#help h2").first).to_have_text("You are on it")
    assert "POST" not in sent


def test_a_note_typed_after_the_preview_is_there_after_the_answer(
    house: WorkHouse, page: Any, questions: list[int]
) -> None:
    page.goto(f"/desk/questions/{questions[0]}")
    page.fill("#f-text", WORDS)
    page.click("button[value=preview]")
    page.fill("#f-note", "Not sent yet")
    page.click("button[value=send]")
    expect(page.locator("#f-note")).to_have_value("Not sent yet")
    assert _answers(house) == [WORDS]


def test_the_archive_is_searched_and_all_keys_are_shown(page: Any) -> None:
    page.goto("/desk/open")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    shuts_nobody_out(page, "the keys")
    page.keyboard.press("j")
    assert _row(page) == ""  # what lies behind is left alone
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.click("#show-keys")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator("h1").click()
    page.keyboard.press("/")
    page.wait_for_url("**/search#q")
    expect(page.locator("#q")).to_be_focused()


def test_whoever_switches_them_off_presses_nothing(house: WorkHouse, page: Any, jane: int) -> None:
    page.goto("/desk/profile")
    page.check("[name^='shortcuts@'][value=no]")
    page.locator("[data-form='/desk/profile'] button.is-primary").click()
    page.wait_for_url("**/desk/profile?done=saved")
    assert page.is_checked("[name^='shortcuts@'][value=no]")
    page.goto("/desk")
    for key in "j?p/":
        page.keyboard.press(key)
    assert page.locator("#keys, #show-keys").count() == 0
    assert (_row(page), page.url.rpartition("/")[2]) == ("", "desk")
