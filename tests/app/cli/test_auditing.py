"""``chorus audit verify``: the whole chain, with an exit code for programs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from app.cli.root import app
from bot.store.engine import Database, open_engine
from bot.store.house import audit
from bot.store.house.audit_actions import AuditAction


@pytest.fixture
def database(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHORUS_DATABASE_URL", sqlite_url)
    database = Database(open_engine(sqlite_url))
    for number in range(3):
        with database.write() as session:
            now = database.now(session)
            audit.append(session, "operator", AuditAction.TOPIC_EDIT, f"topic {number}", {}, now)
    yield database
    database.close()


def test_a_sound_chain_is_said_to_be_so(database: Database) -> None:
    told = CliRunner().invoke(app, ["audit", "verify"])
    assert (told.exit_code, "The chain is sound: 3 lines" in told.output) == (0, True)


def test_a_broken_chain_ends_with_one_and_names_the_line(database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE audit SET subject = 'topic 9' WHERE id = 2"))
    told = CliRunner().invoke(app, ["audit", "verify"])
    assert (told.exit_code, "broken at line 2" in told.output) == (1, True)
