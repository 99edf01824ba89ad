"""What open pages may follow, and the parts of them that they fetch."""

import re

import pytest

from app.desk.live import topics_of
from app.identity.auth import Person
from bot.roles import Role
from bot.store.engine import Database
from bot.store.tables.conversations import AnswerRow
from tests.app.work_house import WorkHouse
from tests.conftest import FakeClock

EVERYTHING = ("mine", "work", "question:7", "employee:2", "mine:2", "question:x", "question:", "entries")


@pytest.fixture
def house(sqlite_database: Database, clock: FakeClock) -> WorkHouse:
    return WorkHouse(sqlite_database, clock)


def person(role: Role, *, opted_in: bool = True) -> Person:
    return Person(1, "Jane Doe", "jane@example.com", role, opted_in, "UTC", "secret")


@pytest.mark.parametrize(
    ("who", "topics"),
    [
        (person(Role.EMPLOYEE), {"employee:1", "work", "question:7"}),
        (person(Role.EMPLOYEE, opted_in=False), {"employee:1", "work"}),
        (person(Role.READER), {"work", "question:7"}),
        (person(Role.AUDITOR), {"work", "question:7"}),
        (person(Role.ADMIN), {"employee:1", "work", "question:7"}),
    ],
)
def test_nobody_follows_what_is_not_theirs_to_see(who: Person, topics: set[str]) -> None:
    assert set(topics_of(who, EVERYTHING)) == topics


def test_a_page_that_may_follow_nothing_is_told_so(house: WorkHouse) -> None:
    reader = house.browser(house.employee(role=Role.READER))
    for query in ("", "?watch=mine", "?watch=employee:2"):
        assert reader.get(f"/desk/live{query}", accept="text/event-stream").status_code == 403


def test_nobody_follows_anything_without_signing_in(house: WorkHouse) -> None:
    assert house.browser().get("/desk/live?watch=work", accept="text/event-stream").status_code == 401


LIVING = [
    "/desk",
    "/desk/open",
    "/desk/answers",
    "/desk/questions/1",
    "/admin",
    "/admin/answers",
    "/admin/budget",
    "/admin/connections",
    "/admin/deliveries?state=ready",
    "/admin/employees",
    "/admin/posts",
    "/admin/questions",
    "/admin/questions/1",
    "/admin/review",
    "/local",
    "/",
]
"""The pages that keep themselves up to date."""


@pytest.fixture
def lived_in(house: WorkHouse) -> int:
    """A house with something on every page; the id of who is in charge and at the desk."""
    house.topic()
    mei = house.employee("Mei Tan", role=Role.ADMIN, handle="mei")
    first, second = house.question(), house.question("@brand and now?", customer="kim")
    house.offer(first, mei)
    house.offer(second, mei)
    house.answer(second, mei, "See https://elsewhere.example for how to do it.")
    return mei


@pytest.mark.parametrize("path", LIVING)
def test_what_an_open_page_fetches_is_the_part_of_the_page_that_lives(
    house: WorkHouse, lived_in: int, path: str
) -> None:
    browser = house.browser(lived_in)
    whole, part = browser.get(path), browser.get(path, chorus_live="1")
    assert (whole.status_code, part.status_code) == (200, 200)
    assert "<html" not in part.text
    assert 'data-live="' in part.text
    regions = re.split(r"\n(?=<\w+ [^>]*data-live=)", part.text.strip())
    assert [one for one in regions if one.strip() not in whole.text] == []
    assert part.text.count("data-live=") == whole.text.count("data-live=")


@pytest.mark.parametrize("path", LIVING)
def test_a_part_that_has_not_changed_is_not_sent_again(house: WorkHouse, lived_in: int, path: str) -> None:
    browser = house.browser(lived_in)
    first = browser.get(path, chorus_live="1")
    again = browser.get(path, chorus_live="1", if_none_match=first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")


def test_a_part_that_has_changed_is_sent(house: WorkHouse, lived_in: int) -> None:
    browser = house.browser(lived_in)
    tag = browser.get("/desk", chorus_live="1").headers["etag"]
    house.offer(house.question("@brand a third one?", customer="ann"), lived_in)
    again = browser.get("/desk", chorus_live="1", if_none_match=tag)
    assert again.status_code == 200
    assert "a third one?" in again.text


def test_a_page_behind_the_sign_in_is_kept_nowhere_whole_or_in_part(house: WorkHouse, lived_in: int) -> None:
    browser = house.browser(lived_in)
    assert browser.get("/desk").headers["cache-control"] == "no-store"
    assert browser.get("/desk", chorus_live="1").headers["cache-control"] == "no-store"


def test_the_two_forms_of_a_public_page_are_told_apart_by_whoever_keeps_them(house: WorkHouse) -> None:
    browser = house.browser()
    for headers in ({}, {"chorus_live": "1"}):
        assert "Chorus-Live" in browser.get("/", **headers).headers["vary"]


def test_what_only_one_author_may_see_is_in_no_part_of_anybody_else(house: WorkHouse, lived_in: int) -> None:
    other = house.browser(house.employee("Kim Lee"))
    held = house.rows(AnswerRow)[0].text
    assert held in house.browser(lived_in).get("/desk/answers", chorus_live="1").text
    assert held not in other.get("/desk/answers", chorus_live="1").text
    assert "no picture" not in other.get("/desk", chorus_live="1").text
