"""Numbers in fields and addresses: what is none, or none that a row could have, is read as none."""

from app.web.forms import number_in, numbers_ticked
from bot.roles import Role
from bot.store.engine import Database
from tests.app.work_house import WorkHouse
from tests.conftest import FakeClock


def test_a_number_that_no_row_could_have_is_none(sqlite_database: Database, clock: FakeClock) -> None:
    house = WorkHouse(sqlite_database, clock)
    browser = house.browser(house.employee("Mei Tan", role=Role.MODERATOR))
    for number in ("9" * 19, "9" * 5000, "²", "-1"):
        assert number_in(number) is None
        assert browser.request("GET", "/admin/board", params={"department": number}).status_code < 500
    assert numbers_ticked({"pick-7": "on", "pick-x": "on", "other-8": "on"}, "pick-") == (7,)
