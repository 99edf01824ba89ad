"""Lists that grow come page by page, and the people can be searched."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot.roles import Role
from bot.store.engine import Database
from bot.store.paging import PAGE
from bot.store.tables.people import EmployeeRow
from routing.model.domain import EmployeeState
from tests.app.work_house import WorkHouse
from tests.browser import Browser
from tests.conftest import FakeClock

PEOPLE = PAGE + 7


@pytest.fixture
def house(database: Database, clock: FakeClock) -> WorkHouse:
    built = WorkHouse(database, clock)
    built.topic("tv", "TV")
    return built


@pytest.fixture
def mei(house: WorkHouse) -> Browser:
    """The person in charge."""
    return house.browser(house.employee("Mei Tan", role=Role.ADMIN))


def _hire(house: WorkHouse, names: Sequence[str]) -> None:
    with house.database.write() as session:
        for number, name in enumerate(names):
            email = f"person{number}@example.com"
            session.add(EmployeeRow(name=name, email=email, created_at=house.database.now(session)))


def _change(house: WorkHouse, name: str, **values: Any) -> None:
    with house.database.write() as session:
        row = session.exec(select(EmployeeRow).where(EmployeeRow.name == name)).one()
        for column, value in values.items():
            setattr(row, column, value)
        session.add(row)


def _named(page: str) -> list[str]:
    rows = page.split("<tbody>")[-1].split('<th scope="row">')[1:]
    return [row.split(">")[1].split("<")[0] for row in rows]


def _further(page: str) -> str:
    address = page.split('rel="next" href="')[1].split('"')[0]
    return address.replace("&amp;", "&")


def test_people_of_the_same_name_are_listed_once_each_over_all_pages(house: WorkHouse, mei: Browser) -> None:
    _hire(house, ["Jo Doe" if number % 2 else f"Person {number:02}" for number in range(PEOPLE)])
    _change(house, "Person 00", state=EmployeeState.LEFT, left_at=house.clock())

    first = mei.get("/admin/employees").text
    second = mei.get(_further(first)).text

    assert len(_named(first)) == PAGE
    names = [*_named(first), *_named(second)]
    assert len(names) == PEOPLE + 1
    assert names[-1] == "Person 00"  # who has left
    assert names[:-1] == sorted(names[:-1], key=str.lower)
    assert 'rel="next"' not in second
    assert 'href="/admin/employees"' in second.split('aria-label="More people"')[1]


def test_people_are_found_by_name_address_topic_and_state(house: WorkHouse, mei: Browser) -> None:
    house.employee("Jane Doe", topics={"tv": 2})
    house.employee("Percent 100%")
    _change(house, "Jane Doe", paused_until=house.clock() + timedelta(days=1))

    def found(query: str) -> list[str]:
        return _named(mei.get(f"/admin/employees?{query}").text)

    assert found("words=jANE") == ["Jane Doe"]
    assert found("words=jane@example") == ["Jane Doe"]
    assert found("words=100%25") == ["Percent 100%"]
    assert found("topic=tv") == ["Jane Doe"]
    assert found("state=paused") == ["Jane Doe"]
    assert "Jane Doe" not in found("state=active")
    assert "There is nobody like this" in mei.get("/admin/employees?words=zebra").text


def test_a_search_goes_on_on_the_next_page(house: WorkHouse, mei: Browser) -> None:
    _hire(house, [f"Jo {number:02}" for number in range(PEOPLE)])

    first = mei.get("/admin/employees?words=jo&state=active").text
    address = _further(first)

    assert "words=jo" in address
    assert "state=active" in address
    assert len(_named(mei.get(address).text)) == PEOPLE - PAGE
