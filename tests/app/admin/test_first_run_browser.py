"""The first run in a real browser, without any script, and open to everybody on every screen."""

from typing import Any

import pytest

from bot.actions.people import first_person
from bot.store.engine import Database
from tests.app.browsing import chromium, served, shuts_nobody_out
from tests.app.work_house import WorkHouse
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


def press(page: Any, words: str) -> None:
    page.click(f"button:has-text('{words}') >> visible=true")


def style() -> Any:
    from app.web.html import STATIC

    return STATIC / "chorus.css"
