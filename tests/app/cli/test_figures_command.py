"""``chorus figures rebuild``: everything is counted anew from what is stored."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select
from typer.testing import CliRunner

from app.cli.root import app
from app.wiring.settings import Settings
from app.wiring.steering.rules import working_hours_of
from bot.actions.figures.read import DayReader
from bot.store.engine import Database, open_engine
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.house import AuditRow
from routing.figures.columns import Column

DAY = date(2026, 3, 4)
HOURS = working_hours_of(Settings())


@pytest.fixture
def database(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHORUS_DATABASE_URL", sqlite_url)
    database = Database(open_engine(sqlite_url))
    yield database
    database.close()


def questions(database: Database) -> int:
    with database.read() as session:
        return len(DayReader(session, HOURS).read(DAY, DAY, [Column.FLAGS]).table)


def test_everything_is_counted_anew(database: Database) -> None:
    with database.write() as session:
        asked = datetime(2026, 3, 4, 12, tzinfo=UTC)
        session.add_all(QuestionRow(platform="local", asked_at=asked) for _ in range(1_203))
    result = CliRunner().invoke(app, ["figures", "rebuild"])
    assert result.exit_code == 0, result.output
    assert questions(database) == 1_203
    with database.connect() as connection:  # somebody's hand, past everything that would notice
        connection.execute(text("DELETE FROM figures_column"))
    assert questions(database) == 0
    assert CliRunner().invoke(app, ["figures", "rebuild"]).exit_code == 0
    assert questions(database) == 1_203
    with database.read() as session:
        assert set(session.exec(select(AuditRow.action)).all()) == {"figures.rebuild"}
