"""The first run in a real browser, without any script, and open to everybody on every screen."""

import socket
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from app.identity.auth import new_login_link
from bot.actions.people import first_person
from bot.roles import Role
from bot.store.engine import Database
from bot.store.tables.people import EmployeeRow
from tests.app.browsing import chromium, needs_chromium, served, shuts_nobody_out
from tests.app.work_house import WorkHouse
from tests.bot.platforms.mastodon.mastodon_server import running_mastodon
from tests.conftest import FakeClock

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

WIDTHS = (1280, 360)


@pytest.fixture
def house(sqlite_database: Database, clock: FakeClock) -> WorkHouse:
    return WorkHouse(sqlite_database, clock)


def test_the_first_run_goes_the_whole_way_without_script(house: WorkHouse) -> None:
    with house.database.write() as session:
        secret = first_person.offer_link(session, house.clock())
    with chromium() as browser, served(house.app) as site:
        page = browser.new_context(java_script_enabled=False).new_page()
        looking = browser.new_context(reduced_motion="reduce").new_page()  # no colour on its way

        def look(what: str) -> None:
            """Judge the page as it stands, in a window that scripts run in (the judge is one)."""
            looking.context.clear_cookies()
            looking.context.add_cookies(page.context.cookies())
            for width in WIDTHS:
                looking.set_viewport_size({"width": width, "height": 900})
                looking.set_content(page.content())
                looking.add_style_tag(path=str(style()))
                shuts_nobody_out(looking, (what, width))
                assert looking.evaluate("document.documentElement.scrollWidth") <= width, (what, width)

        page.goto(f"{site}/setup/{secret}")
        look("the link")
        page.fill("[name=name]", "Ada Admin")
        page.fill("[name=email]", "ada@example.com")
        page.fill("[name=account]", "ada")
        press(page, "Take charge")
        look("what is wrong")
        page.fill("[name=account]", "local:ada")
        press(page, "Take charge")
        assert page.url == f"{site}/admin/first-run"
        look("the list")
        page.click("text=The brand's name and tag")
        page.fill("[name=brand_name]", "Otter & Ohm")
        page.fill("[name=tag]", "#otter")
        press(page, "Look at it first")
        look("the brand")
        press(page, "Save and put into force")
        assert "Otter & Ohm" in page.title()
        look("a brand with a former tag")
        page.goto(f"{site}/admin/first-run/topics")
        page.fill("[name=lines]", "TV (tv)\n画面")
        press(page, "Add them")
        look("a topic to mend")
        page.fill("[name=lines]", "TV (tv)")
        press(page, "Add them")
        page.goto(f"{site}/admin/first-run/people")
        page.fill("[name=people]", "name,email\nJane Doe,jane@example.com\nBo,bo\n")
        press(page, "Look at it first")
        look("a list to mend")
        page.fill("[name=people]", "name,email\nJane Doe,jane@example.com\n")
        press(page, "Add everybody")
        assert "1 person is in" in page.inner_text("h1")
        look("links")
        page.goto(f"{site}/admin/first-run/question")
        press(page, "Ask")
        house.work()
        page.reload()
        look("a question on its way")
        assert page.locator("text=answer it at your desk").count() == 1
        page.goto(f"{site}/admin")
        look("the overview")
        press(page, "Put this list away")
        assert page.locator("text=First steps").count() == 0


TOLD = (
    "my lamp flickers all the time",
    "the lamp flickers when I dim it",
    "why does my lamp flicker",
    "Lamp flickers again",
    "where is my delivery?",
    "my delivery has not come",
    "delivery is late again",
    "delivery late since Monday",
)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_topics_that_are_proposed_and_the_button_that_connects_lead_on(
    sqlite_database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    needs_chromium()
    port = free_port()
    site = f"http://127.0.0.1:{port}"
    with running_mastodon(tmp_path) as server, ExitStack() as ending:
        at_work = {"base_url": server.base_url, "allow_loopback": True}
        house = WorkHouse(sqlite_database, clock, base_url=site, mastodon=at_work)
        mastodon = server.adapter(server.person("old"))
        ending.callback(mastodon.close)
        house.chorus.platforms["mastodon"] = mastodon
        ada = house.employee("Ada Admin", role=Role.ADMIN)
        with house.database.write() as session:
            first_person.open_checklist(session, house.clock())
            link = new_login_link(session, house.chorus.settings, session.get_one(EmployeeRow, ada), clock())
        for number, words in enumerate(TOLD):
            house.question(f"@brand {words}", state="escalated", customer=f"c{number}")
        brand = server.person("brand")
        with chromium() as browser, served(house.app, port):
            page = browser.new_context(java_script_enabled=False).new_page()
            page.goto(link)
            press(page, "Sign in as")
            page.goto(f"{site}/admin/first-run/topics")
            page.click("text=Propose some from the questions here")
            chosen = page.locator("input[name^=chosen-]")
            assert chosen.count() == 2
            for number in range(chosen.count()):
                chosen.nth(number).check()
            press(page, "Add them")
            assert page.url == f"{site}/admin/first-run?done=added"
            page.goto(f"{site}/admin/topics")
            assert page.locator("text=Delivery").count()
            page.goto(f"{site}/admin/connections")
            press(page, "Sign the brand in at Mastodon")
            page.wait_for_url(f"{server.base_url}/oauth/authorize**")
            page.click(f"button[value={brand.username}]")
            page.wait_for_url(f"{site}/admin/connections?done=connected")
            assert page.inner_text("[aria-labelledby=on-mastodon] h2 .badge") == "works"
            page.click("main >> text=First steps")
            done = page.locator("li:has(.is-good) strong").all_inner_texts()
            assert done == ["The brand's name and tag", "Topics", "The brand's account"]


def press(page: Any, words: str) -> None:
    page.click(f"button:has-text('{words}') >> visible=true")


def style() -> Any:
    from app.web.html import STATIC

    return STATIC / "chorus.css"
