"""The rooms of those in charge: in groups, each person sees those that they may enter, and where they are."""

import re

import pytest

from bot.roles import Role
from bot.store.engine import Database
from tests.app.work_house import WorkHouse
from tests.conftest import FakeClock


def _links(page: str, label: str) -> dict[str, bool]:
    """The names in a menu, and whether each is where one is."""
    found = re.search(rf'<nav[^>]* aria-label="{label}">(.*?)</nav>', page, re.DOTALL)
    if found is None:
        return {}
    links = re.findall(r'<a href="[^"]*"( aria-current="(?:page|true)")?>([^<]*)</a>', found[1])
    return {name: bool(here) for here, name in links}


@pytest.fixture
def house(sqlite_database: Database, clock: FakeClock) -> WorkHouse:
    return WorkHouse(sqlite_database, clock)


@pytest.mark.parametrize(
    ("path", "group", "room"),
    [
        ("/admin", "Work", "Overview"),
        ("/admin/board", "Work", "Board"),
        ("/admin/take-back", "Work", "Outbox"),
        ("/admin/drivers", "Voice", "Departments"),
        ("/admin/employees/new", "People", "People"),
        ("/admin/tokens", "House", "Hooks"),
    ],
)
def test_a_page_says_where_it_is(house: WorkHouse, path: str, group: str, room: str) -> None:
    page = house.browser(house.employee("Mei Tan", role=Role.ADMIN)).get(path).text
    assert [name for name, here in _links(page, "In charge").items() if here] == [group]
    assert [name for name, here in _links(page, group).items() if here] == [room]


def test_everybody_sees_the_rooms_that_they_may_enter(house: WorkHouse) -> None:
    reader = house.browser(house.employee("Rea Lim", role=Role.READER)).get("/admin/questions").text
    assert list(_links(reader, "In charge")) == ["Work", "Voice"]
    assert list(_links(reader, "Work")) == ["Questions"]
    moderator = house.browser(house.employee("Mo Berg", role=Role.MODERATOR)).get("/admin").text
    assert "House" in _links(moderator, "In charge")
    rules = house.browser(house.employee("Max Roy", role=Role.MODERATOR)).get("/admin/rules").text
    assert "Audit" not in _links(rules, "House")
