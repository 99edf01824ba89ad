"""The public pages in a real browser: what the few lines of script add, and that nobody is shut out."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from app.wiring.publish_subscribe import ChangeBroker
from bot.live import news
from bot.store.engine import Database
from bot.store.tables.conversations import EntryRow
from tests.app.archive_house import ArchiveHouse
from tests.app.browsing import chromium, served, shuts_nobody_out

pytestmark = pytest.mark.browser


@pytest.fixture
def site(sqlite_database: Database) -> Iterator[tuple[ArchiveHouse, str]]:
    """A served archive with a few entries, and its address."""
    built = ArchiveHouse(sqlite_database)
    built.give(live=ChangeBroker(partial(news, sqlite_database), interval=0.05))
    built.shelf.topic("tv", "TV & picture", "Screens of all kinds")
    first = built.shelf.entry(topic="tv", asked_count=3, language="en")
    built.shelf.answer(first, "On older sets it is the button on the back.", kind="correction")
    built.shelf.former(built.shelf.lead_of(first), "Hold the power button for five seconds.")
    built.shelf.entry(
        "Where is my parcel?", "On its way.", quotation=None, withheld="It holds personal data."
    )
    with served(built.app) as address:
        yield built, address


@pytest.fixture
def browser() -> Iterator[Any]:
    with chromium() as launched:
        yield launched


def test_the_pages_shut_nobody_out(site: tuple[ArchiveHouse, str], browser: Any) -> None:
    _, address = site
    lists = ("/", "/search?q=picture", "/search?q=zzz", "/topics", "/topics/tv")
    looks = [
        ("light", 1280, (*lists, "/q/1", "/q/2", "/about", "/staff?account=brand", "/nothing")),
        ("dark", 360, ("/", "/search?q=picture", "/q/1", "/topics")),
    ]
    for scheme, width, paths in looks:
        viewport = {"width": width, "height": 900}
        context = browser.new_context(viewport=viewport, color_scheme=scheme, bypass_csp=True)
        page = context.new_page()
        for path in paths:
            page.goto(address + path)
            shuts_nobody_out(page, (path, scheme, width))
        context.close()


def test_the_pages_shut_nobody_out_in_any_direction(site: tuple[ArchiveHouse, str], browser: Any) -> None:
    _, address = site
    for code in ("ar", "ja", "de"):
        context = browser.new_context(
            viewport={"width": 360, "height": 900}, locale=code, bypass_csp=True, reduced_motion="reduce"
        )
        page = context.new_page()
        for path in (
            "/",
            "/search?q=picture",
            "/search?q=zzz",
            "/topics/tv",
            "/q/1",
            "/about",
            "/staff?account=no",
            "/nothing",
        ):
            page.goto(address + path)
            assert page.locator("html").get_attribute("lang") == code
            shuts_nobody_out(page, (path, code))
        page.goto(address + "/q/1")
        assert page.locator(".answer .said").first.evaluate("one => getComputedStyle(one).direction") == "ltr"
        context.close()


def test_results_come_while_somebody_types_and_new_answers_while_they_watch(
    site: tuple[ArchiveHouse, str], browser: Any
) -> None:
    built, address = site
    page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(address + "/")

    page.get_by_role("searchbox").press_sequentially("picture")
    page.locator("#results mark").first.wait_for()
    assert "Why is there no picture?" in page.locator("#results").inner_text()

    built.shelf.entry("How long is the warranty?", "Two years.", minutes_ago=0)
    page.locator("#latest .is-fresh", has_text="How long is the warranty?").wait_for()
    assert complaints == []


def test_everything_works_without_script(site: tuple[ArchiveHouse, str], browser: Any) -> None:
    built, address = site
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(address + "/")

    page.get_by_role("searchbox").fill("picture")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Why is there no picture?").click()
    page.get_by_role("button", name="Yes").click()
    assert "good to know that this helped" in page.get_by_role("status").inner_text()
    page.get_by_text("Report a problem").click()
    page.get_by_label("It is out of date").check()
    page.get_by_role("button", name="Send the report").click()
    assert "A person will look at it" in page.get_by_role("status").inner_text()
    with built.database.read() as session:
        entry = session.get_one(EntryRow, 1)
        assert (entry.helpful, entry.review) == (1, "A reader says that the answer is out of date.")
