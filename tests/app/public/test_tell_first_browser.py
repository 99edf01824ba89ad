"""Being told first in a real browser, from the form to the last button, on a narrow screen without script."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.store.engine import Database
from tests.app.browsing import chromium, served, shuts_nobody_out
from tests.app.public.test_tell_first import FirstHouse
from tests.conftest import FakeClock
from tests.mail_server import MailServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_a_customer_is_told_first_and_stops_it(
    sqlite_database: Database, clock: FakeClock, mails: MailServer
) -> None:
    house = FirstHouse(sqlite_database, clock, mails)
    with chromium() as launched, served(house.app) as address:
        context = launched.new_context(
            viewport={"width": 360, "height": 800}, locale="en", bypass_csp=True, reduced_motion="reduce"
        )
        page = context.new_page()

        def looks(what: str) -> None:
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, what
            shuts_nobody_out(page, what)

        page.goto(f"{address}/announcements")
        looks("the page of announcements")
        page.get_by_label("Your e-mail address").fill("nonsense@")
        page.evaluate("document.querySelector('main form').noValidate = true")
        page.get_by_role("button", name="Tell me first").click()
        looks("what is wrong")
        page.get_by_label("Your e-mail address").fill("kim@example.com")
        page.get_by_label("Language of the mails").select_option("de")
        page.get_by_role("button", name="Tell me first").click()
        page.get_by_text("A mail is on its way").wait_for()
        looks("it is on its way")
        link = house.link()
        page.goto(address + link)
        looks("the button that confirms")
        page.get_by_role("button", name="Yes, tell me first").click()
        page.get_by_text("From now on you are told first").wait_for()
        looks("confirmed")
        page.goto(address + link)
        looks("used up")
        with ThreadPoolExecutor(1) as beside:  # the browser has a loop of its own in this thread
            beside.submit(house.announces).result()
        stop = str(mails.mails[-1]["List-Unsubscribe"]).strip("<>").partition("/announcements")[2]
        page.goto(f"{address}/announcements{stop}")
        looks("the button that stops")
        page.get_by_role("button", name="Stop these mails").click()
        page.get_by_text("we have forgotten your address").wait_for()
        looks("stopped")
