"""What customers said of how it went, for those in charge alone."""

from datetime import timedelta

import pytest

from bot.roles import Role
from bot.store.engine import Database
from bot.store.tables.conversations import DeliveryRow
from bot.store.tables.house import AuditRow
from tests.browser import Browser
from tests.conftest import FakeClock
from tests.house import House
from tests.surveying import Surveyed


@pytest.fixture
def sam(database: Database, clock: FakeClock) -> Surveyed:
    """Sam is not content."""
    made = Surveyed(database, clock)
    made.ask()
    made.house.browser().post(made.path, {"score": "1", "comment": "<i>Much</i> too slow"})
    return made


def of(house: House, role: Role) -> Browser:
    name = role.value.title()
    return house.browser(house.employee(f"{name} Doe", handle=name.lower(), role=role).id)


def test_who_is_not_content_stands_on_the_board_until_somebody_has_looked(sam: Surveyed) -> None:
    boss, auditor = of(sam.house, Role.MODERATOR), of(sam.house, Role.AUDITOR)
    assert "customer who is not content" in boss.get("/admin").text
    board = boss.get("/admin/board").text
    assert "They gave 1 of 5" in board
    assert "&lt;i&gt;Much&lt;/i&gt; too slow" in board
    seen_by_auditor = auditor.get("/admin/board").text
    assert "They gave 1 of 5" in seen_by_auditor
    assert "too slow" not in seen_by_auditor
    assert auditor.get("/admin/scores").status_code == 403
    listed = boss.get("/admin/scores").text
    assert "1 of 5" in listed
    assert "&lt;i&gt;Much&lt;/i&gt; too slow" in listed
    answer = boss.post(f"/admin/scores/{sam.row.id}/seen", {"back": "/admin/board"})
    assert answer.headers["location"] == "/admin/board?done=seen"
    assert sam.row.waits_since is None
    assert "They gave 1 of 5" not in boss.get("/admin/board").text
    assert [row.action for row in sam.house.rows(AuditRow) if row.action == "score.seen"] == ["score.seen"]


def test_of_each_who_is_not_content_those_in_charge_hear_once(database: Database, clock: FakeClock) -> None:
    sam = Surveyed(database, clock, notify_webhook="http://127.0.0.1:9/chat")

    def told() -> int:
        assert sam.house.steps.notify is not None
        clock.advance(timedelta(minutes=11))
        sam.house.steps.notify.look()
        return sum(one.tells.alarm == "scores" for one in sam.house.rows(DeliveryRow))

    sam.ask()
    browser = sam.house.browser()
    assert told() == 0
    browser.post(sam.path, {"score": "4", "comment": ""})
    assert told() == 0, "who is content is no alarm"
    browser.post(sam.path, {"score": "1", "comment": "Much too slow"})
    assert told() == 1
    browser.post(sam.path, {"score": "2", "comment": "Still too slow"})
    assert told() == 1, "they heard of the same twice"


def test_what_was_said_is_counted_with_the_question(sam: Surveyed) -> None:
    while sam.house.steps.roll_up.run():
        pass
    boss = of(sam.house, Role.ADMIN)
    day = sam.house.clock().date()
    page = boss.get(f"/admin/figures?from={day}&to={day}").text
    assert "too few (1)" in page
    last = boss.get(f"/admin/figures.csv?from={day}&to={day}").text.splitlines()[1]
    assert last.endswith(",,1,1.0,,,,0,,0")
