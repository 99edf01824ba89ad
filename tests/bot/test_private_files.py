"""Files with personal data are for their owner alone, whatever the umask says."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli.root import app
from bot.archive.lexical.storage import Slot
from bot.private_files import make_private_directory, make_private_file
from bot.steps.learning.taught_model import TaughtModel, save
from bot.store import migrations
from bot.store.backup.backup import back_up, restore
from bot.store.engine import Database, open_engine
from bot.store.privacy import erasure_log
from bot.store.tables.house import CursorRow

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def careless() -> Iterator[None]:
    """A umask under which everybody may read and write whatever is made."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def open_to_others(directory: Path) -> list[str]:
    """Everything below, the directory itself included, that others than the owner can get at."""
    return [str(one) for one in (directory, *directory.rglob("*")) if mode(one) & 0o077]


def test_a_new_database_its_log_and_its_directory_are_private(tmp_path: Path) -> None:
    place = tmp_path / "lib" / "chorus"
    engine = open_engine(f"sqlite:///{place / 'chorus.db'}")
    migrations.upgrade(engine)
    database = Database(engine)
    with database.write() as session:
        session.add(CursorRow(name="a", value="b", moved_at=NOW))
    assert {one.name for one in place.iterdir()} == {"chorus.db", "chorus.db-wal", "chorus.db-shm"}
    assert open_to_others(tmp_path / "lib") == []
    database.close()


def test_a_backup_and_what_is_restored_are_private(tmp_path: Path, sqlite_url: str) -> None:
    database = Database(open_engine(sqlite_url))
    with database.write() as session:
        session.add(CursorRow(name="a", value="b", moved_at=NOW))
    for portable in (False, True):
        kept = tmp_path / "kept"
        make_private_directory(kept)
        back_up(database, kept / "backup", NOW, portable=portable)
        url = f"sqlite:///{tmp_path / 'new' / f'restored-{portable}.db'}"
        restore(kept / "backup", url, NOW, lambda _session, _now: None)
    database.close()
    assert open_to_others(tmp_path / "kept") == []
    assert open_to_others(tmp_path / "new") == []


def test_what_chorus_keeps_beside_the_database_is_private(tmp_path: Path, sqlite_url: str) -> None:
    var = tmp_path / "var"
    slot = Slot.take(var / "search")
    slot.new_build("1")
    slot.release()
    database = Database(open_engine(sqlite_url))
    save(TaughtModel.load(None, database).to_bytes(), var / "experts.snapshot")
    database.close()
    line = erasure_log.ErasureRecord("customer", "x", "hash", b"sealed", "", NOW)
    erasure_log.append_to(var / "erasures.jsonl", line)
    erasure_log.write_to(var / "erasures.jsonl", [line])
    assert mode(var) == 0o700
    assert mode(var / "experts.snapshot") == 0o600
    assert mode(var / "erasures.jsonl") == 0o600


def test_what_is_there_already_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    file = tmp_path / "there"
    file.write_text("kept")
    file.chmod(0o640)
    make_private_directory(tmp_path)
    make_private_file(file)
    assert (mode(tmp_path), mode(file), file.read_text()) == (0o750, 0o640, "kept")


@pytest.mark.parametrize("command", [["migrate"], ["employee", "list"]])
def test_a_database_that_cannot_be_made_is_told_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHORUS_DATABASE_URL", "sqlite:////proc/1/nowhere/chorus.db")
    done = CliRunner().invoke(app, command)
    assert "/proc/1/nowhere/chorus.db" in str(done.exception)
    assert not isinstance(done.exception, OSError)


def test_r1_opening_another_connection_gives_up_no_lock_of_this_process(tmp_path: Path) -> None:
    """Closing any descriptor of a file ends all POSIX locks of the process on it (SQLite's "How to corrupt").

    Without its locks, a process is overlooked by another one, which takes the log away under it at its end.
    """
    file = tmp_path / "chorus.db"
    engine = open_engine(f"sqlite:///{file}")
    migrations.upgrade(engine)
    with engine.connect() as first, engine.connect():  # the second one is a new connection
        assert first.exec_driver_sql("SELECT count(*) FROM cursor").scalar() == 0
        other = (
            "import sqlite3, sys; one = sqlite3.connect(sys.argv[1]);"
            "one.execute('DELETE FROM cursor'); one.commit(); one.close()"
        )
        subprocess.run([sys.executable, "-c", other, str(file)], check=True, timeout=30)
        assert file.with_name("chorus.db-wal").exists()
    engine.dispose()


def test_a_link_to_a_database_that_is_not_there_yet_leads_to_a_private_one(tmp_path: Path) -> None:
    link = tmp_path / "chorus.db"
    link.symlink_to(tmp_path / "real.db")
    make_private_file(link)
    assert mode(tmp_path / "real.db") == 0o600
