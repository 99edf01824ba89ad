"""What is kept of an address to which announcements are mailed is handed out and erased by commands."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli.root import app
from app.wiring.environment import UnusableSettings
from bot.channels.customers.announced import MailingKind
from bot.states import AnnouncementState
from bot.store.engine import Database
from bot.store.house import subscribers
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.announcements import AnnouncementMailRow, AnnouncementRow, SubscriberRow
from bot.store.tables.house import AuditRow
from tests.conftest import FakeClock
from tests.house import House

KIM = "kim@example.com"
Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on the database."""
    monkeypatch.chdir(tmp_path)
    for name, value in (
        ("DATABASE_URL", database_url),
        ("SECRET_KEY", "a secret key for tests only, 0123456789"),
        ("DATA_DIRECTORY", str(tmp_path / "var")),
    ):
        monkeypatch.setenv(f"CHORUS_{name}", value)
    return lambda *words: CliRunner().invoke(app, list(words))


@pytest.fixture
def house(database: Database, clock: FakeClock) -> House:
    """Kim and Lee are told first; one announcement is on its way to both."""
    with database.write() as session:
        now = clock()
        for address in (KIM, "lee@example.com"):
            session.add(SubscriberRow(address=address, language="de", asked_at=now, confirmed_at=now))
        row = AnnouncementRow(
            text="Open on Sunday.", state=AnnouncementState.PUBLISHED, created_at=now, changed_at=now
        )
        session.add(row)
        session.flush()
        subscribers.begin(session, row.id, MailingKind.ANNOUNCED, now)
        assert subscribers.spread(session, now + timedelta(seconds=1), 10) == 2
    return House(database, clock)


def fine(result: Result) -> str:
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(result: Result) -> str:
    assert isinstance(result.exception, UnusableSettings), result.output
    return str(result.exception)


def test_what_is_kept_of_an_address_is_one_json_document(run: Run, house: House) -> None:
    record = json.loads(fine(run("export", "--subscriber", "  Kim+News@Example.com ")))
    assert record["subscription"]["address"] == KIM
    assert record["subscription"]["language"] == "de"
    assert len(record["announcements_mailed"]) == 1
    assert "lee@" not in json.dumps(record)
    [line] = house.rows(AuditRow)
    assert (line.action, line.subject) == (AuditAction.PERSONAL_DATA_EXPORT, "subscriber")


def test_an_address_is_erased_alone_and_it_is_said_what_went(run: Run, house: House, tmp_path: Path) -> None:
    done = run("erase", "--subscriber", KIM)
    fine(done)
    said = done.stderr
    assert "Erased: the address, and what was kept of 1 mail to it." in said
    assert "0 posts" not in said
    assert [one.address for one in house.rows(SubscriberRow)] == ["lee@example.com"]
    assert len(house.rows(AnnouncementMailRow)) == 1
    [line] = house.rows(AuditRow)
    assert (line.action, line.subject, line.detail) == (AuditAction.PERSONAL_DATA_ERASE, "subscriber", {})
    kept = (tmp_path / "var" / "erasures.jsonl").read_text()
    assert "kim" not in kept
    assert len(kept.splitlines()) == 1
    for command in ("export", "erase"):
        assert "are not mailed to this address" in refused(run(command, "--subscriber", KIM))


def test_whoever_has_only_asked_is_found_and_erased(run: Run, house: House) -> None:
    with house.database.write() as session:
        subscribers.asked(session, "new@example.com", None, house.clock())
    record = json.loads(fine(run("export", "--subscriber", "new@example.com")))
    assert record["subscription"]["confirmed_at"] is None
    assert "link_hash" not in record["subscription"]
    done = run("erase", "--subscriber", "new@example.com")
    fine(done)
    assert "0 mails" in done.stderr


@pytest.mark.parametrize("command", ["export", "erase"])
def test_what_is_no_address_or_says_two_people_is_told_in_one_sentence(run: Run, command: str) -> None:
    assert "\n" not in refused(run(command, "--subscriber", "kim at example"))
    assert "Say whose data" in refused(run(command, "--subscriber", KIM, "--customer", "local:kim"))
