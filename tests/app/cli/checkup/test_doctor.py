"""``chorus doctor`` finds what an operator can get wrong, and says what to do."""

import json
import shutil
import socket
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner

from app.cli.checkup.doctor import examine
from app.cli.checkup.examined import Examined
from app.cli.checkup.platforms import asked, platform_findings
from app.cli.root import app
from app.wiring.adapters import front_of
from app.wiring.findings import Finding, Level
from app.wiring.platforms.front import Front, OnTrial
from app.wiring.settings import Settings, load_settings
from bot.platforms.local.adapter import Local
from bot.platforms.mastodon.adapter import Mastodon
from bot.platforms.mastodon.api import MastodonAccount
from bot.platforms.x.access.auth import BRAND_SCOPES
from bot.platforms.x.account import XAccount
from bot.platforms.x.adapter import X
from bot.platforms.x.setup import XSetup
from bot.posts import Reconnect, Retry
from bot.states import ConnectionState, DeliveryState, PostState
from bot.store.engine import Database, open_engine
from bot.store.house import audit, connections
from bot.store.house.audit_actions import AuditAction
from bot.store.people import identities
from bot.store.running import nodes, switches
from bot.store.tables.conversations import DeliveryRow, PostRow
from bot.store.tables.house import AuditRow
from bot.store.tables.people import EmployeeRow, TopicRow
from tests.bot.platforms.memory_tokens import MemoryTokens
from tests.bot.platforms.x.fake_x import BRAND, NOW, FakeX
from tests.conftest import FakeClock
from tests.mail_server import MailServer

Set = Callable[..., None]


@pytest.fixture
def set_(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Set:
    """Settings by name; a fresh database and a good secret key to begin with."""
    monkeypatch.chdir(tmp_path)

    def put(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"CHORUS_{name}", value)

    put(
        DATABASE_URL=sqlite_url,
        SECRET_KEY="0a1b2c3d4e5f6g7h8i9j0a1b2c3d4e5f6g7h",
        DATA_DIRECTORY=str(tmp_path / "var"),
        SEARCH__MEANING="false",
    )
    return put


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    database = Database(open_engine(sqlite_url))
    yield database
    database.close()


@pytest.fixture
def working(set_: Set, database: Database) -> Database:
    """A house in which everything is in order."""
    with database.write() as session:
        now = database.now(session)
        nodes.report(session, "node", now, started_at=now, works=True)
        session.add(
            EmployeeRow(name="Ada", email="ada@example.com", role="admin", opted_in_at=now, created_at=now)
        )
    return database


def bad() -> list[Finding]:
    return [one for one in examine(offline=True) if one.level in (Level.WARNING, Level.ERROR)]


def only(about: str) -> Finding:
    [found] = [one for one in bad() if one.about == about]
    assert found.advice
    return found


def test_a_house_in_order_has_no_findings_and_exit_code_0(working: Database) -> None:
    assert bad() == []
    result = CliRunner().invoke(app, ["doctor", "--offline"])
    assert result.exit_code == 0
    assert "Everything is in order." in result.stdout


def test_warnings_exit_with_1_and_errors_with_2_in_json_too(working: Database, set_: Set) -> None:
    set_(BASE_URL="http://answers.example.com")
    warned = CliRunner().invoke(app, ["doctor", "--offline", "--json"])
    assert (warned.exit_code, json.loads(warned.stdout)["worst"]) == (1, "warning")
    set_(DATABASE_URL="sqlite:///nowhere.db")
    failed = CliRunner().invoke(app, ["doctor", "--offline", "--json"])
    assert (failed.exit_code, json.loads(failed.stdout)["worst"]) == (2, "error")


def test_wrong_settings_are_named(working: Database, set_: Set) -> None:
    set_(BRAND_NAM="x")
    assert "CHORUS_BRAND_NAME" in only("settings").message


@pytest.mark.parametrize(
    ("settings", "about", "level", "words"),
    [
        ({"SECRET_KEY": ""}, "secret key", Level.ERROR, "not set"),
        ({"SECRET_KEY": "a" * 40}, "secret key", Level.WARNING, "easy to guess"),
        ({"BASE_URL": "http://answers.example.com"}, "address", Level.WARNING, "in the clear"),
        ({"LOCAL__OPEN_TO_NETWORK": "true"}, "local feed", Level.WARNING, "anyone"),
        ({"MAIL__HOST": "mail.example", "MAIL__STARTTLS": "false"}, "notices", Level.WARNING, "in the clear"),
        ({"MAIL__HOST": "mail.example"}, "notices", Level.WARNING, "comes from chorus@localhost"),
        ({"TRUSTED_PROXIES": "10.0.0.1,0.0.0.0/0"}, "proxies", Level.WARNING, "every address"),
        ({"LOCAL__ENABLED": "false"}, "platforms", Level.ERROR, "No platform is on"),
        ({"DATA_DIRECTORY": "/proc/1/nowhere"}, "data directory", Level.ERROR, "cannot be written"),
        ({"DATABASE_URL": "sqlite:///nowhere.db"}, "database", Level.ERROR, "no database"),
    ],
)
def test_settings_that_make_no_sense_together(
    working: Database, set_: Set, settings: dict[str, str], about: str, level: Level, words: str
) -> None:
    set_(**settings)
    found = [one for one in bad() if one.about == about]
    assert [(one.level, words in one.message) for one in found] == [(level, True)]


def test_a_database_of_another_revision_or_with_changed_tables_is_an_error(working: Database) -> None:
    with working.connect() as connection:
        connection.execute(text("ALTER TABLE topic ADD COLUMN surprise TEXT"))
    assert "differ" in only("database").message
    with working.connect() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'old'"))
    assert "chorus migrate" in only("database").advice


def test_nobody_works_and_work_is_late(working: Database) -> None:
    with working.write() as session:
        now = working.now(session)
        nodes.forget(session, "node")
        session.add(
            DeliveryRow(
                kind="notice",
                platform="local",
                key="k",
                state=DeliveryState.READY,
                created_at=now,
                due_at=now - timedelta(hours=1),
            )
        )
    assert "No process" in only("workers").message
    assert "1:00:0" in only("work").message


def test_a_pause_tells_who_when_and_why(working: Database) -> None:
    with working.write() as session:
        switches.put(session, switches.PAUSED, True, by="Ada", now=working.now(session), reason="Drill")
    assert "by Ada: Drill" in only("publishing").message


def test_a_changed_audit_log_is_an_error(working: Database) -> None:
    with working.write() as session:
        for number in range(3):
            audit.append(session, "Ada", AuditAction.TOPIC_EDIT, str(number), {}, working.now(session))
    assert bad() == []
    with working.write() as session:
        row = session.get(AuditRow, 2)
        assert row is not None
        row.actor = "somebody else"
        session.add(row)
    assert only("audit log").message.startswith("Line 2 ")


def test_people_who_cannot_be_asked_and_topics_nobody_knows(working: Database) -> None:
    with working.write() as session:
        now = working.now(session)
        ada = session.get(EmployeeRow, 1)
        assert ada is not None
        ada.timezone = "Atlantis/Capital"
        session.add(ada)
        session.add(
            EmployeeRow(name="Bo", email="bo@example.com", state="paused", opted_in_at=now, created_at=now)
        )
        session.add(TopicRow(slug="wifi", name="Wi-Fi"))
    messages = " ".join(one.message for one in bad())
    assert "Atlantis/Capital" in messages
    assert "on duty now" in messages
    assert "Nobody knows wifi" in messages


def test_nobody_there_nobody_in_charge_nobody_opted_in(set_: Set, database: Database) -> None:
    assert ["Nobody is in charge" in one.message for one in bad() if one.about == "people"] == [True, False]
    assert "no employees yet" in " ".join(one.message for one in bad())
    with database.write() as session:
        session.add(
            EmployeeRow(name="Bo", email="bo@example.com", state="invited", created_at=database.now(session))
        )
    messages = " ".join(one.message for one in bad())
    assert "Nobody has opted in" in messages
    assert "Nobody is in charge" in messages


def test_what_waits_for_a_person_is_counted_with_its_page(working: Database) -> None:
    with working.write() as session:
        now = working.now(session)
        for number, state in enumerate(
            (DeliveryState.UNKNOWN, DeliveryState.REJECTED, DeliveryState.QUARANTINED)
        ):
            session.add(
                DeliveryRow(kind="notice", platform="local", key=str(number), state=state, created_at=now)
            )
        session.add(PostRow(platform="local", external_id="1", received_at=now, state=PostState.QUARANTINED))
    found = [one for one in bad() if one.about == "waiting"]
    assert len(found) == 4
    assert [one.advice for one in found if "set aside" in one.message] == [
        "http://127.0.0.1:8000/admin/posts"
    ]
    assert all("/admin" in one.advice for one in found)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "1 message that a platform refused for good."),
        (2, "2 messages that a platform refused for good."),
    ],
)
def test_one_is_told_as_one_and_two_as_two(working: Database, number: int, said: str) -> None:
    with working.write() as session:
        now = working.now(session)
        for key in map(str, range(number)):
            state = DeliveryState.REJECTED
            session.add(DeliveryRow(kind="notice", platform="local", key=key, state=state, created_at=now))
    assert only("waiting").message == said


def front_at(base_url: str, platform: str) -> Front:
    return front_of(Settings.model_validate({"base_url": base_url}), platform)


def test_events_that_x_does_not_send_are_told() -> None:
    fake = FakeX(refused_events={"post.reply.create"})
    account = XAccount(user_id=BRAND, handle="ExampleBrand", bearer_token="app-token")
    tokens = MemoryTokens(access_token="access-1", scope=BRAND_SCOPES)
    x = X(account, tokens, lambda: NOW, transport=fake.transport())
    setup = XSetup(x.calls)
    front = front_at("https://chorus.example", "x")
    assert asked(front, x) == [Finding(Level.OK, "x", "Connected as ExampleBrand.")]
    setup.ensure_subscriptions(x.brand(), setup.ensure_webhook("https://chorus.example/webhooks/x"))
    _, found = asked(front, x)
    assert (found.level, "post.reply.create" in found.message) == (Level.NOTE, True)
    assert "chorus connect x" in found.advice


def test_an_account_to_be_connected_again_is_an_error(working: Database) -> None:
    with working.write() as session:
        connections.mark(
            session, "mastodon", ConnectionState.RECONNECT, "Token revoked.", working.now(session)
        )
    assert "Token revoked." in only("mastodon").message


def test_employees_who_have_not_let_the_brand_follow_are_named(working: Database, set_: Set) -> None:
    set_(MASTODON__BASE_URL="https://mastodon.example", MASTODON__ACCESS_TOKEN="token")
    with working.write() as session:
        identities.link(
            session, 1, "mastodon", "7@x", "jane@social.example", proof="code", now=working.now(session)
        )
        identities.note_follows(session, "mastodon", {"7@x"})
    [found] = [one for one in examine(offline=True) if one.about == "mastodon"]
    assert (found.level, "@jane@social.example" in found.message) == (Level.NOTE, True)


@pytest.mark.parametrize(
    ("error", "level"), [(Reconnect("It was revoked."), Level.ERROR), (Retry("No route."), Level.WARNING)]
)
def test_what_a_platform_says_of_its_account(
    working: Database, monkeypatch: pytest.MonkeyPatch, error: Exception, level: Level
) -> None:
    def refuse(_self: Local) -> None:
        raise error

    monkeypatch.setattr(Local, "brand", refuse)
    [found] = platform_findings(Examined(load_settings(), working), offline=False)
    assert (found.about, found.level) == ("local", level)
    assert str(error) in found.message


def mastodon_at(address: str, clock: Callable[[], datetime]) -> Mastodon:
    account = MastodonAccount(base_url=address, webhook_secrets=(), allow_loopback=True)
    return Mastodon(account, OnTrial({"access_token": "token"}), clock)


def test_a_frozen_platform_costs_a_bounded_time(clock: FakeClock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as frozen:  # accepts, and never answers
        adapter = mastodon_at(f"http://127.0.0.1:{frozen.getsockname()[1]}", clock)
        began = monotonic()
        [found] = asked(front_at("http://127.0.0.1:8000", "mastodon"), adapter, patience=0.3)
        adapter.close()
    assert monotonic() - began < 5
    assert (found.level, "does not answer now" in found.message) == (Level.WARNING, True)


def test_a_platform_that_is_down_is_a_warning(clock: FakeClock) -> None:
    adapter = mastodon_at("http://127.0.0.1:1", clock)
    [found] = asked(front_at("http://127.0.0.1:8000", "mastodon"), adapter, patience=5)
    adapter.close()
    assert (found.level, "cannot be reached" in found.message) == (Level.WARNING, True)
    assert ".." not in found.message


def test_a_rate_limit_is_told_with_its_end(
    working: Database, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    def refuse(_self: Local) -> None:
        raise Retry("It asks to slow down (429).", datetime(2026, 3, 4, 12, 15, tzinfo=UTC))

    monkeypatch.setattr(Local, "brand", refuse)
    [found] = platform_findings(Examined(load_settings(), working), offline=False)
    assert "slow down" in found.message
    assert "2026-03-04 12:15 UTC" in found.advice


def test_what_a_platform_refuses_now_is_told_once(working: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with working.write() as session:
        connections.mark(session, "local", ConnectionState.RECONNECT, "Revoked.", working.now(session))

    def refuse(_self: Local) -> None:
        raise Reconnect("Revoked.")

    monkeypatch.setattr(Local, "brand", refuse)
    [found] = platform_findings(Examined(load_settings(), working), offline=False)
    assert (found.level, found.message) == (Level.ERROR, "Revoked.")


def test_a_platform_that_could_not_be_read_and_messages_it_did_not_take_are_told(working: Database) -> None:
    with working.write() as session:
        now = working.now(session)
        connections.reading(session, "mastodon", "Mastodon cannot be reached: no route..", now)
        for number in range(2):
            session.add(
                DeliveryRow(
                    kind="publication",
                    platform="mastodon",
                    key=f"w{number}",
                    state=DeliveryState.READY,
                    created_at=now,
                    due_at=datetime(2099, 3, 4, 12, 15, tzinfo=UTC),
                    last_error="Mastodon asks to slow down (429).",
                )
            )
    read, waits = [one for one in bad() if one.about == "mastodon"]
    assert read.message.endswith("Mastodon cannot be reached: no route.")
    assert waits.message == (
        "2 messages were not taken and will be tried again at 2099-03-04 12:15 UTC: Mastodon asks to slow "
        "down (429)."
    )


def test_r10_a_part_that_fails_on_a_full_disk_ends_no_other(
    working: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_self: Local) -> None:
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))

    monkeypatch.setattr(Local, "brand", full)
    found = {one.about: one for one in examine()}
    assert "database or disk is full" in found["platforms"].message
    assert found["people"].level is Level.OK


def test_r10_a_database_that_cannot_be_opened_is_told_with_the_room_there_is(
    set_: Set, database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: usage)
    (tmp_path / "chorus.db").write_bytes(b"no database at all, but something else" * 100)
    levels = {one.about: one.level for one in bad()}
    assert levels["database"] is Level.ERROR
    assert levels["disk"] is Level.ERROR


def test_the_mail_server_is_asked_and_nothing_is_sent(working: Database, set_: Set) -> None:
    with MailServer() as server:
        set_(MAIL__HOST="127.0.0.1", MAIL__PORT=str(server.port), MAIL__STARTTLS="false")
        set_(MAIL__SENDER="Otter & Ohm, Support <support@example.com>")
        [fine] = [one for one in examine() if one.about == "mail"]
        server.refuses = {"MAIL": "553 not one of ours"}
        [refused] = [one for one in examine() if one.about == "mail"]
    assert server.mails == []
    assert (fine.level, "support@example.com" in fine.message) == (Level.OK, True)
    assert (refused.level, "553" in refused.message) == (Level.WARNING, True)
    [gone] = [one for one in examine() if one.about == "mail"]
    assert "cannot be used" in gone.message
    assert not [one for one in examine(offline=True) if one.about == "mail"]
