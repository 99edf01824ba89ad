"""Joining by oneself in a real browser: without script, open to everybody, in two directions of writing."""

import pytest

from bot.store.engine import Database
from tests.app.browsing import chromium, served, shuts_nobody_out
from tests.app.identity.test_joining import OpenHouse
from tests.conftest import FakeClock

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_somebody_joins_with_the_keyboard_alone(
    sqlite_database: Database, clock: FakeClock, language: str
) -> None:
    house = OpenHouse(sqlite_database, clock)
    with chromium() as browser, served(house.app) as site:
        context = browser.new_context(locale=language, reduced_motion="reduce")
        page = context.new_page()

        def look(what: str) -> None:
            for width in (1280, 360):
                page.set_viewport_size({"width": width, "height": 900})
                shuts_nobody_out(page, (what, width))

        page.goto(f"{site}/join")
        assert page.get_attribute("html", "dir") == ("rtl" if language == "ar" else "ltr")
        look("the page")
        page.fill("[name=email]", "lee@evil-acme.example")
        page.keyboard.press("Enter")
        page.wait_for_selector("[aria-invalid=true]")
        look("an address of others")
        page.fill("[name=email]", "lee@acme.example")
        page.keyboard.press("Enter")
        page.wait_for_selector("[role=status].notice")
        look("a mail on its way")
        link = f"{site}/join/{house.sent[-1].secret}"
        page.goto(link)
        look("the form")
        page.fill("[name=name]", "Lee Park")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{site}/desk/welcome")
        look("the guidelines")
        page.goto(link)
        look("a link that is over")
