"""Departments: made by an administrator; who is in charge of one sees that one and no other."""

import pytest

from bot.roles import Role
from bot.store.engine import Database
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.departments import DepartmentRow
from bot.store.tables.matters import MatterRow
from tests.app.work_house import WorkHouse
from tests.browser import Browser
from tests.conftest import FakeClock


@pytest.fixture
def house(database: Database, clock: FakeClock) -> WorkHouse:
    house = WorkHouse(database, clock)
    house.topic("tv", "TV & picture")
    house.topic("wifi", "Wi-Fi")
    return house


@pytest.fixture
def admin(house: WorkHouse) -> Browser:
    return house.browser(house.employee("Mei Tan", role=Role.ADMIN))


def made(admin: Browser, name: str, *topics: str) -> str:
    """The address of a new department that answers for these topics."""
    made = admin.post("/admin/departments", {"name": name})
    address = made.headers["location"].partition("?")[0]
    fields = {"name": name, **{f"topic-{slug}": "yes" for slug in topics}}
    assert admin.post(address, fields).status_code == 303
    return address


def matter(house: WorkHouse, topic: str, title: str) -> int:
    """A matter that two people ask about."""
    with house.database.write() as session:
        row = MatterRow(title=title, topic=topic, questions=2, first_at=house.clock(), last_at=house.clock())
        session.add(row)
        session.flush()
        number = row.id
    for customer in ("sam", "kim"):
        question = house.question(f"@brand {title}", customer=customer)
        with house.database.write() as session:
            found = session.get_one(QuestionRow, question)
            found.matter_id, found.gathered = number, True
    return number


def test_an_administrator_makes_renames_staffs_and_retires_a_department(
    house: WorkHouse, admin: Browser
) -> None:
    house.employee("Lea Lind", role=Role.LEAD)
    house.employee("Jane Doe")
    address = made(admin, "Screens", "tv")
    assert admin.post(f"{address}/people", {"who": "lea@example.com", "leads": "yes"}).status_code == 303
    assert admin.post(f"{address}/people", {"who": "jane@example.com"}).status_code == 303
    page = admin.get(address).text
    assert "Lea Lind" in page
    assert "in charge</span>" in page
    wrong = admin.post(f"{address}/people", {"who": "jane@example.com", "leads": "yes"})
    assert wrong.status_code == 422
    assert "give them the role lead first" in wrong.text
    assert 'value="jane@example.com"' in wrong.text
    renamed = {"name": "Pictures", "topic-tv": "yes", "email": "pictures@example.com"}
    assert admin.post(address, renamed).status_code == 303
    listed = admin.get("/admin/departments").text
    assert "Pictures" in listed
    assert "TV &amp; picture" in listed
    assert "Lea Lind" in listed
    lea = house.row(DepartmentRow, 1) and 2
    assert admin.post(f"{address}/people/{lea}/remove").status_code == 303
    assert admin.post(f"{address}/people/{lea}/remove").status_code == 409
    assert admin.post(f"{address}/retire").status_code == 303
    assert "retired" in admin.get("/admin/departments").text
    assert admin.post(f"{address}/reopen").status_code == 303
    assert house.row(DepartmentRow, 1).retired_at is None
    audit = admin.get("/admin/audit").text
    for did in ("made a department", "changed a department", "retired a department", "brought a department"):
        assert did in audit


def test_what_is_typed_stays_when_it_is_refused(house: WorkHouse, admin: Browser) -> None:
    address = made(admin, "Screens", "tv")
    other = made(admin, "Networks")
    refused = admin.post("/admin/departments", {"name": "screens", "description": "They shine."})
    assert refused.status_code == 422
    assert "They shine." in refused.text
    refused = admin.post(other, {"name": "Networks", "topic-tv": "yes"})
    assert refused.status_code == 422
    assert "belongs to Screens" in refused.text
    assert admin.get(address).status_code == 200


def test_a_lead_sees_their_own_department_and_no_other(house: WorkHouse, admin: Browser) -> None:
    lea = house.browser(house.employee("Lea Lind", role=Role.LEAD))
    assert "not in charge of a department yet" in lea.get("/admin/departments").text
    screens, networks = made(admin, "Screens", "tv"), made(admin, "Networks", "wifi")
    admin.post(f"{screens}/people", {"who": "lea@example.com", "leads": "yes"})
    flicker, drops = matter(house, "tv", "It flickers"), matter(house, "wifi", "It drops")

    listed = lea.get("/admin/departments").text
    assert "Screens" in listed
    assert "Networks" not in listed
    assert "It flickers" in lea.get(screens).text
    assert "It drops" not in lea.get(screens).text
    shown = lea.get(f"/admin/matters/{flicker}")
    assert shown.status_code == 200
    assert "@brand It flickers" in shown.text
    assert "/admin/questions" not in shown.text
    for page in (networks, f"/admin/matters/{drops}", "/admin/questions", "/admin/matters"):
        assert lea.get(page).status_code == 403, page
    assert "My department" in lea.get("/desk").text


def test_who_is_only_a_member_sees_nothing_more(house: WorkHouse, admin: Browser) -> None:
    lea = house.browser(house.employee("Lea Lind", role=Role.LEAD))
    screens = made(admin, "Screens", "tv")
    admin.post(f"{screens}/people", {"who": "lea@example.com"})
    assert lea.get(screens).status_code == 403
    number = matter(house, "tv", "It flickers")
    assert lea.get(f"/admin/matters/{number}").status_code == 403


def test_a_matter_is_given_to_another_department(house: WorkHouse, admin: Browser) -> None:
    made(admin, "Screens", "tv")
    made(admin, "Networks")
    number = matter(house, "tv", "It flickers")
    assert "by its topic" in admin.get(f"/admin/matters/{number}").text
    assert admin.post(f"/admin/matters/{number}/department", {"department": "2"}).status_code == 303
    page = admin.get(f"/admin/matters/{number}?done=assigned").text
    assert "as somebody decided" in page
    assert "that department answers for it" in page
    assert admin.post(f"/admin/matters/{number}/department", {"department": "99"}).status_code == 422
    assert admin.post(f"/admin/matters/{number}/department", {"department": ""}).status_code == 303
    assert house.row(MatterRow, number).department_id is None
    reader = house.browser(house.employee("Rae Low", role=Role.READER))
    assert reader.get("/admin/departments/1").status_code == 200
    assert "Change it" not in reader.get("/admin/departments/1").text


@pytest.mark.parametrize("words", ["hELP", "repairs", "desk@", "wi-fi", "jane d"])
def test_a_department_is_found_by_its_words_its_topics_and_its_people(
    house: WorkHouse, admin: Browser, words: str
) -> None:
    made(admin, "Sales", "tv")
    address = made(admin, "Help & co", "wifi")
    house.employee("Jane Doe")
    fields = {
        "name": "Help & co",
        "description": "Repairs.",
        "email": "desk@acme.example",
        "topic-wifi": "yes",
    }
    admin.post(address, fields)
    admin.post(f"{address}/people", {"who": "jane@example.com"})
    page = admin.get(f"/admin/departments?words={words}").text
    assert "Help &amp; co" in page
    assert ">Sales<" not in page
    assert f'value="{words}"' in page


def test_words_that_no_department_has_are_said_so_and_stay(admin: Browser) -> None:
    made(admin, "Sales")
    page = admin.get("/admin/departments?words=%25").text
    assert "No department has these words" in page
    assert 'value="%"' in page
