"""Who is on duty now and on a day to come, and where nobody is."""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.admin.coverage.duty_page import NAMED, hours_of
from bot.roles import Role
from bot.store.engine import Database
from bot.store.tables.people import EmployeeRow
from tests.app.work_house import WorkHouse
from tests.browser import Browser
from tests.conftest import FakeClock

WEDNESDAY = datetime(2026, 3, 4, 10, 20, tzinfo=UTC)
WORKDAYS_9_TO_12 = [[day, 9 * 60, 12 * 60] for day in range(5)]


@pytest.fixture
def house(sqlite_database: Database, clock: FakeClock) -> WorkHouse:
    clock.at = WEDNESDAY
    house = WorkHouse(sqlite_database, clock)
    house.topic("tv", "TV")
    house.topic("wifi", "Wi-Fi")
    return house


@pytest.fixture
def mei(house: WorkHouse) -> Browser:
    return house.browser(house.employee("Mei Tan", role=Role.ADMIN, opted_in=False))


def hire(house: WorkHouse, name: str, topic: str, **values: object) -> int:
    number = house.employee(name, topics={topic: 2})
    with house.database.write() as session:
        row = session.get_one(EmployeeRow, number)
        for column, value in {"shifts": WORKDAYS_9_TO_12, **values}.items():
            setattr(row, column, value)
    return number


def numbers(page: str, topic: str) -> list[int]:
    row = re.search(rf'<th scope="row">{topic}</th>(.*?)</tr>', page, re.DOTALL)
    assert row is not None
    cells = re.findall(r'<td class="number">(.*?)</td>', row[1])
    return [int(re.sub(r"<[^>]*>", "", cell)) for cell in cells]


def test_the_hours_of_a_day_show_who_knows_each_topic_and_where_nobody_is(
    house: WorkHouse, mei: Browser
) -> None:
    hire(house, "Jane Doe", "tv")
    hire(house, "Ann Lee", "tv", shifts=[])
    hire(house, "Kim Oh", "wifi")
    page = mei.get("/admin/coverage").text
    assert numbers(page, "TV") == [2 if 9 <= hour < 12 else 1 for hour in range(24)]
    assert numbers(page, "Wi-Fi") == [1 if 9 <= hour < 12 else 0 for hour in range(24)]
    assert "Now: 3 of 3" in page
    gaps = page.split('id="gaps"')[1]
    assert "Wed 4, 12:00 to Thu 5, 09:00" in gaps
    assert "Fri 6, 12:00 to Mon 9, 09:00" in gaps
    assert "<strong>TV</strong>" not in gaps


def test_who_is_there_now_and_on_that_day_is_named(house: WorkHouse, mei: Browser) -> None:
    hire(house, "Jane Doe", "tv")
    hire(house, "Sun Day", "tv", shifts=[[6, 600, 660]])
    now, that_day = mei.get("/admin/coverage?day=2026-03-08").text.split('id="that-day"')
    assert "Jane Doe" in now
    assert "Sun Day" not in now
    assert "Sunday, 8 March: 1 of 2" in that_day
    assert "Sun Day" in that_day
    house.clock.advance(4 * 3_600)
    assert "Nobody." in mei.get("/admin/coverage").text


def test_who_is_paused_or_does_not_take_part_is_not_there(house: WorkHouse, mei: Browser) -> None:
    hire(house, "Jane Doe", "tv", paused_until=datetime(2026, 3, 5, tzinfo=UTC))
    house.employee("New Comer", topics={"tv": 2}, opted_in=False)
    assert "Now: 0 of 1" in mei.get("/admin/coverage").text
    assert sum(numbers(mei.get("/admin/coverage?day=2026-03-05").text, "TV")) == 3


def test_hours_are_those_of_each_one_s_own_zone_on_the_brand_s_calendar(
    house: WorkHouse, mei: Browser
) -> None:
    hire(house, "Aki To", "tv", timezone="Asia/Tokyo")
    assert numbers(mei.get("/admin/coverage").text, "TV") == [1 if hour < 3 else 0 for hour in range(24)]


def test_a_day_has_as_many_hours_as_its_clocks_show() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert len(hours_of(date(2026, 3, 29), berlin)) == 23
    assert len(hours_of(date(2026, 10, 25), berlin)) == 25


@pytest.mark.parametrize("day", ["tomorrow", "2026-02-30", "1990-01-01"])
def test_a_day_that_makes_no_sense_is_refused(mei: Browser, day: str) -> None:
    assert mei.get(f"/admin/coverage?day={day}").status_code == 422


def test_many_people_are_counted_not_all_named(house: WorkHouse, mei: Browser) -> None:
    with house.database.write() as session:
        for number in range(NAMED + 5):
            email = f"p{number}@example.com"
            session.add(
                EmployeeRow(name=f"P {number}", email=email, created_at=WEDNESDAY, opted_in_at=WEDNESDAY)
            )
    page = mei.get("/admin/coverage").text
    assert "and 5 others" in page
    assert page.count("<bdi>P ") == 2 * NAMED
