"""Old entries are taken through the gate by a command, first only in words; persons' decisions aside."""

from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from app.cli.root import app
from bot.states import EntryState
from bot.store.engine import Database
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.house import AuditRow
from tests.bot.actions.talk import Talk
from tests.conftest import FakeClock
from tests.house import House

ELSEWHERE = "Please send us a private message, our colleagues will look into it."
SOLVES = "Hold the ring for ten seconds until it blinks, then it is paired again."


@pytest.fixture
def talk(
    sqlite_database: Database,
    sqlite_url: str,
    clock: FakeClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Talk:
    """An archive of before there was a gate: everything in it is public."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHORUS_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("CHORUS_SECRET_KEY", "a secret key for tests only, 0123456789")
    talk = Talk(House(sqlite_database, clock))
    for words in (SOLVES, ELSEWHERE, ELSEWHERE):
        talk.answers(words, talk.says("@brand my lamp stays dark"))
    for change in ("state = 'public', held_back = NULL", "decided = true WHERE id = 3"):
        with sqlite_database.write() as session:
            session.execute(text(f"UPDATE entry SET {change}"))
    return talk


def states(house: House) -> list[str]:
    return [entry.state for entry in house.entries()]


def told(*words: str) -> str:
    done = CliRunner().invoke(app, ["archive", "gate", *words])
    assert done.exit_code == 0, done.output
    return done.stderr


def test_the_command_first_tells_what_it_would_do(talk: Talk) -> None:
    said = told()
    assert "1 stay in" in said
    assert "1 out now: unsolved" in said
    assert f"2: {talk.house.entries()[1].title}" in said
    assert "Nothing was changed" in said
    assert states(talk.house) == [EntryState.PUBLIC] * 3


def test_then_does_it_once_and_leaves_what_a_person_has_decided(talk: Talk) -> None:
    told("--apply")
    assert states(talk.house) == [EntryState.PUBLIC, EntryState.HELD_BACK, EntryState.PUBLIC]
    assert talk.house.ask("GET", "/q/2-x").status_code == 404
    assert "1 still out: unsolved" in told("--apply")
    lines = [row for row in talk.house.rows(AuditRow) if row.action == AuditAction.ARCHIVE_GATE]
    assert [row.detail["entries"] for row in lines] == [1]
