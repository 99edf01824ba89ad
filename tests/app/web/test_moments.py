"""Moments are those of whoever reads them, else they are named with their zone."""

from datetime import timedelta

import pytest

from app.web.html import zone_of
from bot.actions import leaving
from bot.roles import Role
from bot.store.engine import Database
from bot.store.tables.people import EmployeeRow
from tests.app.archive_house import ArchiveHouse
from tests.app.work_house import WorkHouse
from tests.conftest import FakeClock

TOKYO = "Asia/Tokyo"


@pytest.fixture
def house(sqlite_database: Database, clock: FakeClock) -> WorkHouse:
    """A house in UTC, at noon; in Tokyo it is nine in the evening."""
    return WorkHouse(sqlite_database, clock)


@pytest.fixture
def kenji(house: WorkHouse) -> int:
    number = house.employee("Kenji Mori")
    with house.database.write() as session:
        session.get_one(EmployeeRow, number).timezone = TOKYO
    return number


def test_a_pause_ends_on_the_day_that_was_chosen(house: WorkHouse, kenji: int) -> None:
    browser = house.browser(kenji)
    browser.post("/desk/pause", {"until": "2026-03-25"})
    for page in ("/desk", "/desk/profile"):
        assert "You are paused until 25 March 2026" in browser.get(page).text
    mei = house.browser(house.employee("Mei Tan", role=Role.ADMIN))
    assert f"Paused until 25 March 2026 ({TOKYO})." in mei.get(f"/admin/employees/{kenji}").text


def test_a_pause_of_some_days_ends_with_its_hour(house: WorkHouse, kenji: int) -> None:
    mei = house.browser(house.employee("Mei Tan", role=Role.ADMIN))
    mei.post(f"/admin/employees/{kenji}/pause", {"days": "2"})
    assert "until 6 March 2026, 21:00" in house.browser(kenji).get("/desk").text


def test_an_offer_ends_on_the_readers_clock(house: WorkHouse, kenji: int) -> None:
    question = house.question()
    house.offer(question, kenji, minutes=30)
    browser = house.browser(kenji)
    assert "yours until 21:30 (in 30 minutes)" in browser.get("/desk").text
    assert "until 21:30 (in 30 minutes)" in browser.get(f"/desk/questions/{question}").text
    assert f"Dates and times: {TOKYO}" in browser.get("/desk").text


def test_an_offer_that_ends_tomorrow_says_which_day(house: WorkHouse, kenji: int) -> None:
    house.offer(house.question(), kenji, minutes=240)
    assert "yours until 5 March, 01:00" in house.browser(kenji).get("/desk").text


def test_a_code_works_until_a_time_on_the_readers_clock(house: WorkHouse, kenji: int) -> None:
    browser = house.browser(kenji)
    browser.post("/desk/link", {"platform": "local"})
    assert "It works once, until 22:00." in browser.get("/desk/profile").text


def test_what_happened_is_told_on_the_readers_clock_and_names_it(house: WorkHouse, kenji: int) -> None:
    page = house.browser(kenji).get(f"/desk/questions/{house.question()}").text
    assert f'title="4 March 2026, 21:00 ({TOKYO})"' in page
    ada = house.employee("Ada", role=Role.AUDITOR)
    with house.database.write() as session:
        session.get_one(EmployeeRow, ada).timezone = TOKYO
    house.browser(kenji).post("/desk/pause")
    audit = house.browser(ada).get("/admin/audit").text
    assert "4 March 2026, 21:00" in audit
    assert f"Dates and times: {TOKYO}, your time zone" in audit


def test_a_page_for_everybody_uses_the_brands_zone_and_says_so(sqlite_database: Database) -> None:
    house = ArchiveHouse(sqlite_database, timezone="Europe/Berlin")
    entry = house.shelf.entry()
    page = house.get(house.get(f"/q/{entry}").headers["location"]).text
    assert "Dates and times: Europe/Berlin." in page
    assert "(Europe/Berlin)" in page


def test_a_zone_that_this_machine_does_not_know_stops_no_page(house: WorkHouse, kenji: int) -> None:
    with house.database.write() as session:
        session.get_one(EmployeeRow, kenji).timezone = "Mars/Phobos"
    assert house.browser(kenji).get("/desk").status_code == 200
    with house.database.read() as session:
        employee = session.get_one(EmployeeRow, kenji)
        assert str(zone_of(employee, "Europe/Berlin")) == "Europe/Berlin"


def test_a_pause_is_shown_until_it_ends(house: WorkHouse, kenji: int) -> None:
    with house.database.write() as session:
        until = house.clock() + timedelta(days=1)
        leaving.pause(session, session.get_one(EmployeeRow, kenji), house.clock(), until)
    house.clock.advance(timedelta(days=1, minutes=1))
    assert "You are paused" not in house.browser(kenji).get("/desk").text
