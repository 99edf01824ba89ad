"""Texts to approve, hooks that take nothing and tokens that end stand on the board, and are settled there."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.roles import Role
from bot.states import HookEndpointState, HookMessageState
from bot.store.engine import Database
from bot.store.hooks.endpoints import GONE
from bot.store.tables.hooks import ApiTokenRow, HookEndpointRow, HookMessageRow
from bot.store.tables.house import TextRow
from tests.app.board_house import BoardHouse, keys_in
from tests.conftest import FakeClock
from tests.mail_server import ChatServer, MailServer


@pytest.fixture
def desk(database: Database, clock: FakeClock) -> BoardHouse:
    return BoardHouse(database, clock)


def test_a_text_is_read_and_approved_where_it_stands(desk: BoardHouse) -> None:
    replaced, text = desk.text(), desk.text(paragraphs=["Be kind.", "Be <brief>."])
    page = desk.board("kind=text")
    assert keys_in(page) == [f"text-{text}"], f"{replaced} was replaced"
    assert "Be &lt;brief&gt;." in page
    place = f"/admin/texts/terms/versions/{text}/approve"
    assert f'action="{place}"' in page
    done = desk.browser.post(place, {"back": "/admin/board?kind=text"})
    assert done.headers["location"] == "/admin/board?kind=text&done=published"
    assert desk.standing() == []
    assert desk.house.row(TextRow, text).published_by
    assert desk.audited() == [("text.publish", "text terms")]


def test_nobody_approves_their_own_text_on_the_board(desk: BoardHouse) -> None:
    desk.house.employee("Bo Lee", role=Role.ADMIN)
    text = desk.text(proposed_by_id=desk.mei)
    page = desk.board()
    assert "/approve" not in page
    assert "Somebody else in charge has to approve it." in page
    refused = desk.browser.post(f"/admin/texts/terms/versions/{text}/approve", {"back": "/admin/board"})
    assert refused.status_code == 409
    assert desk.standing() == [f"text-{text}"]


def test_a_long_text_is_approved_where_the_whole_of_it_is_read(desk: BoardHouse) -> None:
    desk.text(paragraphs=["Be kind. " * 400])
    page = desk.board()
    assert "/approve" not in page
    assert "Read the whole of it, and approve it there" in page


def test_who_may_not_see_texts_and_hooks_finds_no_line_and_no_mark_of_them(desk: BoardHouse) -> None:
    text, endpoint, token = desk.text(), desk.endpoint(), desk.token()
    bo = desk.house.browser(desk.house.employee("Bo Lee", role=Role.MODERATOR))
    page = bo.get("/admin/board").text
    assert keys_in(page) == []
    assert "text to approve" not in page
    assert "hook that takes nothing" not in bo.get("/admin").text
    assert "hook that takes nothing" in desk.browser.get("/admin").text
    for key in (f"text/{text}", f"endpoint/{endpoint}", f"token/{token}"):
        assert bo.post(f"/admin/board/{key}/assign").status_code == 403
        refused = desk.browser.post(f"/admin/board/{key}/assign", {"to": "bo@example.com"})
        assert refused.status_code == 422


def test_a_hook_stands_there_once_it_has_failed_for_half_an_hour(desk: BoardHouse) -> None:
    endpoint = desk.endpoint(failing_since=desk.clock() - timedelta(minutes=29))
    assert desk.standing() == []
    desk.clock.advance(61)
    page = desk.board()
    assert keys_in(page) == [f"endpoint-{endpoint}"]
    assert "It answered 500." in page
    assert "secret" not in page.split('id="lines"')[1]
    done = desk.browser.post(f"/admin/hooks/{endpoint}/switch", {"to": "off", "back": "/admin/board"})
    assert done.headers["location"] == "/admin/board?done=saved"
    assert desk.standing() == []


@pytest.mark.parametrize(("deed", "left"), [("again", [HookMessageState.WAITING] * 2), ("let-go", [])])
def test_what_a_hook_did_not_take_is_sent_again_or_let_go(
    desk: BoardHouse, deed: str, left: list[str]
) -> None:
    endpoint = desk.endpoint(failing_since=None, problem=None)
    desk.given_up(endpoint), desk.given_up(endpoint)
    assert "2 given up." in desk.board()
    done = desk.browser.post(f"/admin/hooks/{endpoint}/{deed}", {"back": "/admin/board"})
    assert done.status_code == 303, done.text
    assert desk.standing() == []
    with desk.house.database.read() as session:
        assert [row.state for row in session.exec(select(HookMessageRow)).all()] == left
    assert desk.browser.post(f"/admin/hooks/{endpoint}/let-go").status_code == 409


def test_a_hook_that_said_410_is_switched_on_again_or_left_off(desk: BoardHouse) -> None:
    endpoint = desk.endpoint(state=HookEndpointState.OFF, problem=GONE)
    assert desk.standing() == [f"endpoint-{endpoint}"]
    desk.browser.post(f"/admin/hooks/{endpoint}/switch", {"to": "off", "back": "/admin/board"})
    assert desk.standing() == []
    assert desk.house.row(HookEndpointRow, endpoint).state == HookEndpointState.OFF


def test_a_token_stands_there_for_the_week_before_it_ends(desk: BoardHouse) -> None:
    ending = desk.token(days=7)
    desk.token(days=8)
    page = desk.board()
    assert keys_in(page) == [f"token-{ending}"]
    desk.browser.post(f"/admin/tokens/{ending}/revoke", {"back": "/admin/board"})
    assert desk.standing() == []
    assert desk.house.row(ApiTokenRow, ending).revoked_at is not None


def test_of_a_hook_that_takes_nothing_is_told_once_and_again_once_it_worked_between(
    sqlite_database: Database, clock: FakeClock, mails: MailServer, chat: ChatServer
) -> None:
    desk = BoardHouse(sqlite_database, clock, mail=mails.settings, notify_webhook=chat.url)
    desk.house.employee("Bo Lee", role=Role.MODERATOR)
    tell = desk.house.steps.notify
    assert tell is not None
    endpoint = desk.endpoint()
    for _ in range(30):
        clock.advance(3600)
        tell.look(), tell.run()
    assert [(mail["To"], mail["Subject"]) for mail in mails.mails] == [
        ("mei@example.com", "Acme: A hook takes nothing")
    ]
    assert len(chat.bodies) == 1
    desk.change(HookEndpointRow, endpoint, failing_since=None)
    tell.look()
    desk.change(HookEndpointRow, endpoint, failing_since=clock() - timedelta(hours=1))
    tell.look(), tell.run()
    assert len(mails.mails) == 2
