"""Open pages in a real browser: many tabs, lost connections, ended sessions, what somebody has in hand."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from sqlmodel import delete, select

from app.wiring.publish_subscribe import ChangeBroker, Member, Told
from bot.live import news
from bot.roles import Role
from bot.states import ChangeKind, PostState
from bot.store import changes
from bot.store.engine import Database
from bot.store.tables.conversations import PostRow
from bot.store.tables.people import SessionRow
from tests.app.browsing import chromium, served
from tests.app.work_house import WorkHouse
from tests.conftest import FakeClock

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

PATIENCE = 15_000
"""Milliseconds within which an open page has to show what happened."""
HELD = "See https://elsewhere.example for how to do step {}."
"""An answer that waits for a person, for it links to another site."""


class CountedLive(ChangeBroker):
    """Knows how many listen, and how many times somebody began to."""

    listening = 0
    begun = 0

    async def follow(
        self, names: Mapping[str, str], since: int = 0, member: Member | None = None
    ) -> AsyncIterator[Told]:
        self.listening += 1
        self.begun += 1
        try:
            async for one in super().follow(names, since, member):
                yield one
        finally:
            self.listening -= 1


@dataclass
class Site:
    """A served house at work, and a browser."""

    house: WorkHouse
    address: str
    browser: Any
    live: CountedLive

    def at(self, employee: int, **how: Any) -> Any:
        """A context of the browser in which somebody is signed in."""
        context = self.browser.new_context(**how)
        context.set_default_timeout(PATIENCE)
        self.sign_in(context, employee)
        return context

    def sign_in(self, context: Any, employee: int) -> None:
        ((name, value),) = self.house.browser(employee).cookies.items()
        context.add_cookies([{"name": name, "value": value, "url": self.address}])

    def open(self, context: Any, path: str) -> Any:
        page = context.new_page()
        page.goto(self.address + path)
        return page

    def post(self, employee: int, path: str, fields: dict[str, str]) -> None:
        """What somebody sends from another machine."""
        cookies = self.house.browser(employee).cookies
        answer = httpx.post(self.address + path, data=fields, cookies=cookies)
        assert answer.status_code == 303, answer.text

    def restart(self) -> None:
        """What is served next is another process."""
        self.house.give(live=ChangeBroker(partial(news, self.house.database), interval=0.05))

    def news(self) -> None:
        """Something has changed at work."""
        with self.house.database.write() as session:
            changes.append(session, ChangeKind.WORK, 0, self.house.clock())

    def held(self, steps: int) -> list[int]:
        """Answers that wait for a decision, each to a question of its own."""
        jane = self.house.employee("Jane Doe")
        return [
            self.house.answer(self.house.question(f"@brand how do I do step {n}?"), jane, HELD.format(n))
            for n in range(steps)
        ]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as launched:
        yield launched


@pytest.fixture
def site(sqlite_database: Database, clock: FakeClock, browser: Any) -> Iterator[Site]:
    house = WorkHouse(sqlite_database, clock, publish={"undo_window": 30})
    live = CountedLive(partial(news, sqlite_database), 0.05, gather=0.2, beat=1.0)
    house.give(live=live)
    with served(house.app) as address:
        yield Site(house, address, browser, live)
    for context in browser.contexts:
        context.close()


def test_eight_tabs_of_one_browser_open_and_all_hear_of_what_happens(site: Site) -> None:
    jane = site.house.employee()
    context = site.at(jane)
    tabs = [site.open(context, "/desk") for _ in range(8)]
    _until(tabs[7], lambda: site.live.listening == 1)

    site.house.offer(site.house.question("@brand is anybody there?"), jane)
    site.news()
    for tab in tabs:
        tab.get_by_role("link", name="is anybody there?").first.wait_for()

    tabs[0].close()  # the one that listened for all
    tabs[1].close()
    site.house.offer(site.house.question("@brand and now?", customer="kim"), jane)
    site.news()
    for tab in tabs[2:]:
        tab.get_by_role("link", name="and now?").first.wait_for()
    _until(tabs[7], lambda: site.live.listening == 1)


def test_tabs_on_different_pages_share_what_they_can(site: Site) -> None:
    context = site.at(site.house.employee("Mei Tan", role=Role.ADMIN))
    paths = ("/desk", "/desk/open", "/desk/answers", "/admin", "/admin/answers", "/admin/questions", "/local")
    tabs = [site.open(context, path) for path in paths]
    assert [tab.title() != "" for tab in tabs] == [True] * len(paths)
    _until(tabs[0], lambda: site.live.listening == 2)  # work, and the feed


def test_each_tab_asks_for_its_own_alone_and_hears_of_it_over_the_one_connection(site: Site) -> None:
    jane, kim = site.house.employee(), site.house.employee("Kim Lee")
    first, second = site.house.question(), site.house.question("@brand and now?", customer="kim")
    context = site.at(jane)
    tabs = [site.open(context, f"/desk/questions/{one}") for one in (first, second)]
    asked: list[str] = []
    for tab in tabs:
        tab.on("request", lambda one: "chorus-live" in one.headers and asked.append(one.url))
    site.house.answer(second, kim, "Restart it twice.")
    tabs[1].get_by_text("Restart it twice.").wait_for()
    assert {url.rpartition("/")[2] for url in asked} == {str(second)}

    tabs[0].close()  # the one that listened for both
    site.house.answer(second, site.house.employee("Mei Tan"), "Then wait a minute.")
    tabs[1].get_by_text("Then wait a minute.").wait_for()
    _until(tabs[1], lambda: site.live.listening == 1)


def test_without_locks_a_page_listens_only_while_it_can_be_seen(site: Site) -> None:
    jane = site.house.employee()
    context = site.at(jane)
    context.add_init_script("Object.defineProperty(navigator, 'locks', { value: undefined })")
    turn = """hidden => {
        Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
    }"""
    tabs = []
    for _ in range(8):  # one is looked at, the others wait behind it
        tabs.append(site.open(context, "/desk"))
        for behind in tabs[:-1]:
            behind.evaluate(turn, True)
    _until(tabs[0], lambda: site.live.listening == 1)

    site.house.offer(site.house.question("@brand is anybody there?"), jane)
    site.news()
    tabs[-1].get_by_role("link", name="is anybody there?").first.wait_for()
    assert tabs[0].get_by_role("link", name="is anybody there?").count() == 0
    tabs[-1].evaluate(turn, True)
    tabs[0].evaluate(turn, False)
    tabs[0].get_by_role("link", name="is anybody there?").first.wait_for()


def test_a_page_that_lost_its_connection_says_so_and_recovers(site: Site) -> None:
    jane, mei = site.house.employee(), site.house.employee("Mei Tan", role=Role.ADMIN)
    site.restart()
    with served(site.house.app) as other:
        context = site.browser.new_context()
        context.set_default_timeout(30_000)
        ((name, value),) = site.house.browser(jane).cookies.items()
        context.add_cookies([{"name": name, "value": value, "url": other}])
        page = context.new_page()
        page.goto(f"{other}/desk/questions/{site.house.question()}")
        answer_box(page).fill("Half an ans")
        port = urlsplit(other).port
    says = page.locator("#live-status[role=status]")
    says.get_by_text("The connection is lost").wait_for()
    assert "what you have typed stays here" in says.inner_text()

    question = page.url.rpartition("/")[2]
    site.house.answer(int(question), mei, "Somebody was faster meanwhile.")
    site.restart()
    with served(site.house.app, port or 0):
        says.get_by_text("Connected again").wait_for()
        page.get_by_text("Somebody was faster meanwhile.").wait_for()
        assert answer_box(page).input_value() == "Half an ans"


def test_a_page_whose_session_ended_says_so_with_what_to_do_and_recovers(site: Site) -> None:
    jane = site.house.employee()
    context = site.at(jane)
    question = site.house.question()
    page = site.open(context, f"/desk/questions/{question}")
    answer_box(page).fill("Half an answer")
    with site.house.database.write() as session:
        session.execute(delete(SessionRow))
    site.news()

    says = page.locator("#live-status")
    says.get_by_text("You are signed out").wait_for()
    link = says.get_by_role("link", name="Sign in (opens a new tab)")
    assert link.get_attribute("href") == f"/sign-in?to=%2Fdesk%2Fquestions%2F{question}"
    with context.expect_page() as opened:
        link.click()
    assert opened.value.get_by_label("Your e-mail address at work").is_visible()
    opened.value.close()

    page.get_by_role(
        "button", name="See what it becomes"
    ).click()  # whoever did not look sends it all the same
    assert page.get_by_label("Your text").input_value() == "Half an answer"
    site.sign_in(context, jane)
    page.get_by_role("button", name="Send it again").click()
    assert "Half an answer ^Jane" in page.locator("#preview").inner_text()


def test_signing_in_again_in_another_tab_is_noticed(site: Site) -> None:
    jane = site.house.employee()
    context = site.at(jane)
    page = site.open(context, "/desk")
    with site.house.database.write() as session:
        session.execute(delete(SessionRow))
    site.news()
    page.locator("#live-status").get_by_text("You are signed out").wait_for()
    site.sign_in(context, jane)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # back from the other tab
    page.locator("#live-status").get_by_text("Connected again").wait_for()


def test_an_update_takes_nothing_from_whoever_is_at_work_on_the_page(site: Site) -> None:
    mei = site.house.employee("Mei Tan", role=Role.ADMIN)
    first, second, third = site.held(3)
    page = site.open(site.at(mei), "/admin/answers")
    mine = page.locator(f"#answer-{second}")
    mine.get_by_label("Or drop it, because").fill("It is for another model.")  # typed, then left
    others = page.locator(f"#answer-{third}").get_by_label("Or drop it, because")
    others.press_sequentially("Because it")
    others.evaluate("one => one.setSelectionRange(3, 5)")
    top = others.bounding_box()["y"]

    site.post(mei, f"/admin/answers/{first}/drop", {"why": "No."})
    site.house.answer(site.house.question("@brand and step 9?"), site.house.employee("Kim"), HELD.format(9))
    site.news()
    page.get_by_text(HELD.format(9)).wait_for()

    page.locator(f"#answer-{first}").wait_for(state="detached")
    assert mine.get_by_label("Or drop it, because").input_value() == "It is for another model."
    assert others.input_value() == "Because it"
    assert others.evaluate("one => one === document.activeElement")
    assert others.evaluate("one => [one.selectionStart, one.selectionEnd]") == [3, 5]
    assert abs(others.bounding_box()["y"] - top) < 2
    page.keyboard.type("XY")
    assert others.input_value() == "BecXYse it"


def test_what_a_colleague_decided_meanwhile_stays_for_whoever_is_typing_there(site: Site) -> None:
    mei = site.house.employee("Mei Tan", role=Role.ADMIN)
    first, second = site.held(2)
    page = site.open(site.at(mei), "/admin/answers")
    mine = page.locator(f"#answer-{first}")
    mine.get_by_label("Or drop it, because").fill("It is for another model.")
    page.get_by_role("heading", name="Held answers").click()

    for answer in (first, second):
        site.post(mei, f"/admin/answers/{answer}/drop", {"why": "No."})
    site.news()
    mine.get_by_text("This has been decided or has changed meanwhile").wait_for()
    page.locator(f"#answer-{second}").wait_for(state="detached")
    assert mine.get_by_label("Or drop it, because").input_value() == "It is for another model."

    mine.get_by_role("button", name="Drop").click()
    assert "That cannot be done any more" in page.get_by_role("heading", level=1).inner_text()
    assert page.get_by_label("Because").input_value() == "It is for another model."


def test_a_choice_means_the_same_after_an_update(site: Site) -> None:
    mei = site.house.employee("Mei Tan", role=Role.ADMIN)
    site.house.employee("Jane Doe", handle="jane")
    old = site.house.question("@brand the old one?")
    posted = {"author": "jane", "text": "Reset it. #chorus"}
    assert httpx.post(f"{site.address}/local/posts", json=posted).status_code == 201
    page = site.open(site.at(mei), "/admin/answers")
    _until(page, lambda: _waits(site))
    site.house.take_in()
    page.reload()
    choice = page.get_by_label("It answers", exact=True)
    choice.select_option(str(old))

    site.house.question("@brand a newer one, which stands above it?", customer="kim")
    site.news()
    page.locator("option", has_text="a newer one").wait_for(state="attached")
    assert choice.input_value() == str(old)


def test_what_somebody_opened_stays_open_and_what_they_closed_stays_closed(site: Site) -> None:
    jane = site.house.employee()
    for number in range(2):
        site.house.offer(site.house.question(f"@brand question {number}?", customer=f"c{number}"), jane)
    page = site.open(site.at(jane), "/desk")
    reasons = page.locator("#offers details")
    reasons.nth(0).locator("summary").click()
    reasons.nth(1).locator("summary").click()

    site.house.offer(site.house.question("@brand question 3?"), jane)
    site.news()
    page.get_by_role("link", name="question 3?").first.wait_for()
    opened = [page.locator(f"#offers [data-key='{n}'] details").evaluate("one => one.open") for n in (1, 2)]
    assert opened == [False, True]


def test_whoever_works_by_keyboard_goes_on_where_the_list_is(site: Site) -> None:
    mei = site.house.employee("Mei Tan", role=Role.ADMIN)
    first, _ = site.held(2)
    page = site.open(site.at(mei), "/admin/answers")
    page.locator(f"#answer-{first}").get_by_role("button", name="Publish it").focus()
    site.post(mei, f"/admin/answers/{first}/drop", {"why": "No."})
    site.news()
    page.locator(f"#answer-{first}").wait_for(state="detached")
    assert page.evaluate("document.activeElement.id") == "held"


def test_two_people_see_each_others_deeds_at_once(site: Site) -> None:
    mei = site.house.employee("Mei Tan", role=Role.ADMIN)
    jane, kim = site.house.employee("Jane Doe"), site.house.employee("Kim Lee")
    question = site.house.question("@brand how do I do this?")
    page_of_question = f"/desk/questions/{question}"
    charge, desk, other = site.at(mei), site.at(jane), site.at(kim)
    overview, held, detail = (
        site.open(charge, path) for path in ("/admin", "/admin/answers", f"/admin/questions/{question}")
    )
    watching = site.open(other, page_of_question)
    at_work, mine = site.open(desk, page_of_question), site.open(desk, "/desk/answers")

    # Jane's answer links elsewhere, so it waits for somebody in charge
    answer_box(at_work).fill(HELD.format(1))
    at_work.get_by_role("button", name="See what it becomes").click()
    at_work.get_by_role("button", name="Hand in").click()
    held.get_by_text(HELD.format(1)).wait_for()
    overview.get_by_role("heading", name="1 thing waits for a person").wait_for()
    watching.locator("#talk").get_by_text("waits for a person").wait_for()
    mine.get_by_text("waits for a person").wait_for()

    # Mei drops it
    held.get_by_label("Or drop it, because").fill("It is for another model.")
    held.get_by_role("button", name="Drop").click()
    mine.get_by_text("It is for another model.").wait_for()
    overview.get_by_role("heading", name="Nothing waits for a person").wait_for()

    # Kim's answer is in its undo window
    answer_box(watching).fill("Hold the power button for ten seconds.")
    watching.get_by_role("button", name="See what it becomes").click()
    watching.get_by_role("button", name="Publish this").click()
    watching.get_by_text("Your answer is on its way").wait_for()
    detail.locator("#question").get_by_text("queued").wait_for()
    at_work.goto(site.address + page_of_question)
    at_work.get_by_text("There is an answer already").wait_for()

    # and taken back
    watching.get_by_role("button", name="Take it back").click()
    at_work.get_by_text("There is an answer already").wait_for(state="detached")
    detail.get_by_role("list", name="Conversation").get_by_text("withdrawn").wait_for()

    # Mei takes the question over, and stops publishing
    detail.get_by_role("button", name="Take over").click()
    overview.get_by_role("heading", name="1 thing waits for a person").wait_for()
    second = site.open(site.at(mei), "/admin")
    second.get_by_label("Why").fill("Somebody else has our password.")
    second.get_by_role("button", name="Stop publishing").click()
    overview.get_by_role("heading", name="Publishing is paused").wait_for()


def test_nothing_of_this_breaks_the_rules_for_scripts(site: Site) -> None:
    context = site.at(site.house.employee("Mei Tan", role=Role.ADMIN))
    complaints: list[str] = []
    context.on("console", lambda message: complaints.append(message.text))
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    for path in ("/desk", "/admin", "/admin/answers", "/local"):
        site.open(context, path)
    site.news()
    site.open(context, "/desk/open").wait_for_timeout(500)
    assert complaints == []


def _waits(site: Site) -> bool:
    """Whether a post has come in that nobody has looked at yet."""
    with site.house.database.read() as session:
        return session.exec(select(PostRow).where(PostRow.state == PostState.NEW)).first() is not None


def answer_box(page: Any) -> Any:
    return page.get_by_role("textbox", name="In your own words", exact=True)


def _until(page: Any, holds: Any) -> None:
    """Wait, without keeping the browser from going on, until something holds."""
    for _ in range(100):
        if holds():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it never held")
