"""Whatever is decided at a page: what is not there is a 404, and nothing of a refused decision stays."""

import pytest
from sqlmodel import select

from bot.roles import Role
from bot.store.engine import Database
from bot.store.tables.house import AuditRow
from tests.app.work_house import WorkHouse
from tests.browser import Browser
from tests.conftest import FakeClock

NOWHERE = 4711
DECISIONS = {
    f"/admin/answers/{NOWHERE}/approve": "such answer",
    f"/admin/answers/{NOWHERE}/drop": "such answer",
    f"/admin/posts/{NOWHERE}/match": "such post",
    f"/admin/posts/{NOWHERE}/set-aside": "such post",
    f"/admin/posts/{NOWHERE}/again": "such post",
    f"/admin/posts/{NOWHERE}/dismiss": "such post",
    f"/admin/deliveries/{NOWHERE}/sent": "such message",
    f"/admin/deliveries/{NOWHERE}/again": "such message",
    f"/admin/deliveries/{NOWHERE}/gone": "such message",
    f"/admin/answers/{NOWHERE}/retract": "such answer",
    f"/admin/questions/{NOWHERE}/dismiss": "such question",
    f"/admin/questions/{NOWHERE}/title": "such question",
    f"/admin/entries/{NOWHERE}/hide": "such entry",
    f"/admin/employees/{NOWHERE}": "such person",
    f"/admin/employees/{NOWHERE}/pause": "such person",
    f"/admin/employees/{NOWHERE}/leave": "such person",
    f"/admin/employees/{NOWHERE}/return": "such person",
    f"/admin/employees/{NOWHERE}/link": "such person",
    f"/admin/employees/{NOWHERE}/accounts/1/unlink": "such person",
    "/admin/topics/nowhere": "topic “nowhere”",
    **{
        f"/admin/topics/nowhere/{act}": "topic “nowhere”"
        for act in ("remove", "merge", "split", "rename", "retire", "bring-back", "former/x/forget")
    },
    f"/desk/answers/{NOWHERE}/retract": "such answer",
    f"/desk/questions/{NOWHERE}/answer": "such question",
}
FIELDS = {"why": "Because.", "question": "1", "title": "A title", "text": "Press the button.", "step": "send"}
CAPS = {
    "daily_cap": "20",
    "open_cap": "3",
    "name": "Jane",
    "email": "jane@example.com",
    "account": "local:jane",
}


@pytest.fixture
def house(sqlite_database: Database, clock: FakeClock) -> WorkHouse:
    return WorkHouse(sqlite_database, clock)


@pytest.fixture
def mei(house: WorkHouse) -> Browser:
    """The person in charge."""
    return house.browser(house.employee("Mei Tan", role=Role.ADMIN))


@pytest.mark.parametrize("address", DECISIONS)
def test_what_is_not_there_cannot_be_decided_and_nothing_is_noted(
    house: WorkHouse, mei: Browser, address: str
) -> None:
    rings = house.rings
    refused = mei.post(address, {**CAPS, **FIELDS})
    assert (refused.status_code, f"There is no {DECISIONS[address]}" in refused.text) == (404, True)
    with house.database.read() as session:
        assert session.exec(select(AuditRow)).all() == []
    assert house.rings == rings


def test_a_refused_decision_leaves_nothing_behind_and_says_why(house: WorkHouse, mei: Browser) -> None:
    question = house.question(state="dismissed")
    refused = mei.post(f"/admin/questions/{question}/escalate")
    assert refused.status_code == 409
    with house.database.read() as session:
        assert session.exec(select(AuditRow)).all() == []


def test_whoever_goes_on_from_a_decision_hears_of_it(house: WorkHouse, mei: Browser) -> None:
    question = house.question()
    rings = house.rings
    assert mei.post(f"/admin/questions/{question}/close").status_code == 303
    assert house.rings == rings + 1
