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


def test_people_are_narrowed_by_handle_role_department_and_what_they_lack(
    house: WorkHouse, mei: Browser
) -> None:
    jane = house.employee("Jane Doe", topics={"tv": 2}, handle="telly_jane")
    house.employee("Lea Lind", role=Role.LEAD)
    _change(house, "Jane Doe", shifts=[[0, 540, 1020]])
    house.browser(jane)  # she signs in
    mei.post("/admin/departments", {"name": "Screens"})
    mei.post("/admin/departments/1/people", {"who": "jane@example.com"})

    def found(query: str) -> list[str]:
        return _named(mei.get(f"/admin/employees?{query}").text)

    assert found("words=%40telly_j") == ["Jane Doe"]
    assert found("role=lead") == ["Lea Lind"]
    assert found("department=1") == ["Jane Doe"]
    assert found("department=x&role=employee") == ["Jane Doe"]
    assert found("state=never+signed+in") == ["Lea Lind"]
    assert found("state=no+hours+set") == ["Lea Lind", "Mei Tan"]
    assert found("state=no+topics") == ["Lea Lind", "Mei Tan"]
    assert "mon 09:00-17:00" in mei.get("/admin/employees").text
    _change(house, "Lea Lind", state=EmployeeState.LEFT, left_at=house.clock())
    assert found("state=never+signed+in") == []


def test_people_come_in_the_order_of_their_load_or_the_newest_first(house: WorkHouse, mei: Browser) -> None:
    busy = house.employee("Zoe Busy", topics={"tv": 2}, handle="zoe")
    house.ask("POST", "/local/posts", json={"author": "sam", "text": "@brand tv is dark"})
    house.work()
    assert [offer.employee_id for offer in house.offers()] == [busy]
    _hire(house, [f"Jo {number:02}" for number in range(PEOPLE)])
    by_load = mei.get("/admin/employees?order=most+asked+now").text
    assert _named(by_load)[0] == "Zoe Busy"
    assert "1/3" in by_load
    assert "1/20" in by_load
    further = _further(by_load)
    assert "order=most" in further
    assert len({*_named(by_load), *_named(mei.get(further).text)}) == PEOPLE + 2
    newest = mei.get("/admin/employees?order=newest+first").text
    assert _named(newest)[0] == f"Jo {PEOPLE - 1:02}"
    assert _named(mei.get(_further(newest)).text)[-1] == "Mei Tan"


def test_several_people_are_decided_on_one_by_one(house: WorkHouse, mei: Browser) -> None:
    jane, olu = house.employee("Jane Doe"), house.employee("Olu Ade")
    both = {f"pick-{jane}": "yes", f"pick-{olu}": "yes"}
    assert mei.post("/admin/people/bulk", {"deed": "pause"}).status_code == 422
    assert mei.post("/admin/people/bulk", both).status_code == 422
    paused = mei.post("/admin/people/bulk", both | {"deed": "pause", "days": "3"})
    assert "2 are paused" in paused.text
    assert '<a href="/admin/employees">' in paused.text
    narrowed = {"kept": "words=o&state=active&done=x&after=7"}
    again = mei.post("/admin/people/bulk", both | {"deed": "leave"} | narrowed)
    assert 'href="/admin/employees?words=o&amp;state=active&amp;after=7"' in again.text
    assert 'name="kept" value="words=o&amp;state=active&amp;after=7"' in again.text
    assert 'name="kept" value="words=o' in mei.get("/admin/employees?words=o").text
    wrong = mei.post("/admin/people/bulk", both | {"deed": "pause", "days": "900"})
    assert wrong.text.count("A pause has 1 to 366 days") == 2
    asked = mei.post("/admin/people/bulk", both | {"deed": "leave", "pick-1": "yes"})
    assert "Have they left?" in asked.text
    assert house.row(EmployeeRow, jane).state == EmployeeState.ACTIVE
    gone = mei.post("/admin/people/bulk", both | {"deed": "leave", "sure": "yes", "pick-1": "yes"})
    assert "2 are gone" in gone.text
    assert "Somebody has to be in charge" in gone.text  # who cannot go stops nobody else
    assert house.row(EmployeeRow, jane).state == EmployeeState.LEFT
    back = mei.post("/admin/people/bulk", {f"pick-{jane}": "yes", "pick-999": "yes", "deed": "return"})
    assert "1 is back" in back.text
    assert "number 999" in back.text
    assert house.row(EmployeeRow, jane).state == EmployeeState.INVITED


def test_somebody_comes_back_with_what_they_knew_and_agrees_anew(house: WorkHouse, mei: Browser) -> None:
    jane = house.employee("Jane Doe", role=Role.MODERATOR, topics={"tv": 3}, handle="jane")
    _change(house, "Jane Doe", shifts=[[2, 540, 1020]])
    was_in = house.browser(jane)
    assert mei.post(f"/admin/employees/{jane}/return").status_code == 409
    assert mei.post(f"/admin/employees/{jane}/leave").status_code == 303
    assert was_in.get("/desk").status_code == 303
    fresh = {"name": "Jane", "email": "jane@example.com", "daily_cap": "5", "open_cap": "3"}
    refused = mei.post("/admin/employees/new", fresh | {"role": "employee", "timezone": "UTC"})
    assert "has left: bring them back on their page" in refused.text
    assert "is back" in mei.get(f"/admin/employees/{jane}").text
    assert mei.post(f"/admin/employees/{jane}/return").status_code == 303

    row = house.row(EmployeeRow, jane)
    assert (row.role, row.state, row.opted_in_at) == (Role.EMPLOYEE, EmployeeState.INVITED, None)
    assert row.shifts == [[2, 540, 1020]]
    house.ask("POST", "/local/posts", json={"author": "sam", "text": "@brand tv is dark"})
    house.work()
    assert [offer.employee_id for offer in house.offers()] != [jane]  # not before she agrees
    again = house.browser(jane)
    assert again.get("/desk").headers["location"].startswith("/desk/welcome")
    assert again.post("/desk/welcome", {"accept": "yes"}).status_code == 303
    profile = again.get("/desk/profile").text
    assert "None is linked" in profile or "jane</bdi>" not in profile
    assert "Knows" in mei.get(f"/admin/employees/{jane}").text
    house.ask("POST", "/local/posts", json={"author": "kim", "text": "@brand my tv too"})
    house.work()
    assert house.offers()[-1].employee_id == jane


def test_a_search_goes_on_on_the_next_page(house: WorkHouse, mei: Browser) -> None:
    _hire(house, [f"Jo {number:02}" for number in range(PEOPLE)])

    first = mei.get("/admin/employees?words=jo&state=active").text
    address = _further(first)

    assert "words=jo" in address
    assert "state=active" in address
    assert len(_named(mei.get(address).text)) == PEOPLE - PAGE
