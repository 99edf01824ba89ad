"""How many programs may listen or read, and what is kept of the secrets that let them."""

import pytest
from sqlalchemy import text

from bot.actions.hooks.manage import MOST_ENDPOINTS
from bot.actions.hooks.tokens import MOST_TOKENS
from bot.roles import Role
from bot.store.engine import Database
from bot.store.tables.hooks import ApiTokenRow, HookEndpointRow
from tests.app.board_house import BoardHouse
from tests.conftest import FakeClock

TOKEN = {"name": "Wall", "scope-questions:read": "1"}
HOOK = {
    "name": "Wall",
    "template": "standard",
    "url": "https://hooks.example.com/chorus",
    "event-question.opened": "1",
}


@pytest.fixture
def desk(sqlite_database: Database, clock: FakeClock) -> BoardHouse:
    return BoardHouse(sqlite_database, clock)


def test_there_are_not_too_many_tokens_and_a_revoked_one_makes_room(desk: BoardHouse) -> None:
    numbers = [desk.token() for _ in range(MOST_TOKENS)]
    refused = desk.browser.post("/admin/tokens", TOKEN)
    assert (refused.status_code, f"There are {MOST_TOKENS} tokens already." in refused.text) == (422, True)
    desk.browser.post(f"/admin/tokens/{numbers[0]}/revoke")
    assert desk.browser.post("/admin/tokens", TOKEN).status_code == 200
    assert len(desk.house.rows(ApiTokenRow)) == MOST_TOKENS + 1


def test_there_are_not_too_many_endpoints(desk: BoardHouse) -> None:
    for number in range(MOST_ENDPOINTS):
        desk.endpoint(url=f"https://wall.example/{number}")
    refused = desk.browser.post("/admin/hooks", HOOK)
    assert f"There are {MOST_ENDPOINTS} endpoints already." in refused.text
    assert len(desk.house.rows(HookEndpointRow)) == MOST_ENDPOINTS


def test_of_a_token_nothing_is_kept_that_would_let_anybody_in(desk: BoardHouse) -> None:
    page = desk.browser.post("/admin/tokens", TOKEN).text
    secret = next(one for one in page.replace("<", " ").replace(">", " ").split() if "chorus_" in one)
    secret = secret[secret.index("chorus_") :].strip('"')
    asked = {"headers": {"authorization": f"Bearer {secret}"}}
    assert desk.house.ask("GET", "/api/v1/questions", **asked).status_code == 200
    with desk.house.database.connect() as connection:
        kept = connection.execute(text("SELECT * FROM api_token")).one()
    assert secret not in " ".join(map(str, kept))
    row = desk.house.rows(ApiTokenRow)[0]
    as_kept = {"headers": {"authorization": f"Bearer {row.secret_hash}"}}
    assert desk.house.ask("GET", "/api/v1/questions", **as_kept).status_code == 401


@pytest.mark.parametrize("act", ["assign", "snooze", "wake"])
def test_lines_that_somebody_does_not_see_are_not_theirs_to_give_or_put_off(
    desk: BoardHouse, act: str
) -> None:
    moderator = desk.house.browser(desk.house.employee("Mo Derator", role=Role.MODERATOR))
    lines = (("text", desk.text()), ("endpoint", desk.endpoint()), ("token", desk.token()))
    for kind, number in lines:
        refused = moderator.post(f"/admin/board/{kind}/{number}/{act}", {"hours": "4", "why": "later"})
        assert (refused.status_code, "for somebody else" in refused.text) == (403, True), kind
        bulk = {"deed": "snooze", f"pick-{kind}-{number}": "1", "hours": "4", "why": "later"}
        assert "Lines of this kind are for somebody else." in moderator.post("/admin/board/bulk", bulk).text
    assert desk.audited() == []
