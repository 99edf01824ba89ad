"""R14: every migration up, down and up again, with data, and killed midway."""

import signal
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text
from sqlmodel import SQLModel, col, select

from bot.store import migrations
from bot.store import rows as rows_store
from bot.store.backup.dump import load, write
from bot.store.engine import Database, open_engine
from bot.store.migrations import SchemaTooNew
from bot.store.tables.conversations import AnswerRow, QuestionRow
from bot.store.tables.house import ChangeRow
from bot.store.tables.people import EmployeeRow
from tests.bot.store.backup.test_backup import NOW, fill

ROOT = Path(__file__).resolve().parents[3]


COUNTED = {"figures_due", "figures_day", "figures_column"}
"""Made of other tables, and made again."""


def rows(engine: Engine) -> dict[str, int]:
    """How many rows each of the code's tables has, where the schema has it."""
    there = set(inspect(engine).get_table_names()) - COUNTED
    with engine.connect() as connection:
        return {
            table.name: connection.execute(text(f'SELECT count(*) FROM "{table.name}"')).scalar_one()
            for table in SQLModel.metadata.sorted_tables
            if table.name in there
        }


def test_the_database_is_what_the_code_says(engine: Engine) -> None:
    assert migrations.differences(engine) == []
    assert migrations.current(engine) == migrations.newest()


def test_r14_up_down_and_up_again_leaves_nothing_behind(engine: Engine) -> None:
    migrations.downgrade(engine, "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    migrations.upgrade(engine)
    assert migrations.differences(engine) == []


def test_r14_rows_are_equal_after_down_and_up(database: Database, tmp_path: Path) -> None:
    """The first migration has nothing below it: the rows wait outside meanwhile."""
    fill(database)
    before = rows(database.engine)
    with (tmp_path / "rows").open("wb") as file:
        write(database.engine, file, migrations.newest(), NOW)
    migrations.downgrade(database.engine, "base")
    migrations.upgrade(database.engine)
    with database.connect() as connection:
        load(connection, tmp_path / "rows")
    assert rows(database.engine) == before
    with (tmp_path / "again").open("wb") as file:
        write(database.engine, file, migrations.newest(), NOW)
    import gzip

    first, second = (gzip.decompress((tmp_path / name).read_bytes()) for name in ("rows", "again"))
    assert first == second


@pytest.mark.parametrize("revision", ["0001", "0002"])
def test_r14_rows_stay_while_the_schema_goes_back_and_forth(database: Database, revision: str) -> None:
    fill(database)
    before = rows(database.engine)
    migrations.downgrade(database.engine, revision)
    earlier = rows(database.engine)
    assert earlier == {name: before[name] for name in earlier}
    migrations.upgrade(database.engine)
    assert rows(database.engine) == before
    assert migrations.differences(database.engine) == []


def test_thanks_of_before_name_whose_answers_they_were_for(database: Database) -> None:
    """Those that were public then and still are; a line for nobody is no outcome any more."""
    with database.write() as session:
        jane, kim = (
            EmployeeRow(name=name, email=f"{name}@example.com", created_at=NOW) for name in ("jane", "kim")
        )
        question = QuestionRow(platform="local", customer_id="s", customer_handle="s", text="?", asked_at=NOW)
        rows_store.keep(session, jane, kim, question)
        for who, since in ((jane, NOW), (kim, NOW), (kim, NOW + timedelta(hours=2))):
            answered = {"state": "published", "written_at": since, "published_at": since}
            row = AnswerRow(question_id=question.id, employee_id=who.id, via="desk", text="!", **answered)
            rows_store.keep(session, row)
        for at, detail in (
            (NOW - timedelta(hours=1), {"outcome": "solved"}),
            (NOW + timedelta(hours=1), {"outcome": "solved"}),
            (NOW, {"outcome": "wrong", "employee": kim.id}),
        ):
            session.add(ChangeRow(kind="outcome", row_id=question.id, detail=detail, at=at))
            session.flush()
        ids = [jane.id, kim.id]
    migrations.downgrade(database.engine, "0055")
    migrations.upgrade(database.engine)
    with database.read() as session:
        found = session.exec(select(ChangeRow).order_by(col(ChangeRow.seq))).all()
    said = [(one.detail["outcome"], one.detail["employee"]) for one in found if one.kind == "outcome"]
    assert said == [("solved", ids[0]), ("wrong", ids[1]), ("solved", ids[1])]


def test_an_upgrade_of_what_is_up_to_date_changes_nothing(database: Database) -> None:
    fill(database)
    before = rows(database.engine)
    migrations.upgrade(database.engine)
    assert rows(database.engine) == before


def test_a_database_of_a_newer_version_is_left_alone(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaTooNew, match="9999"):
        migrations.upgrade(engine)


MIGRATE = """
import os, signal, sys
from sqlalchemy import event
from bot.store import migrations
from bot.store.engine import open_engine

engine = open_engine(sys.argv[1])
left = int(sys.argv[2])

@event.listens_for(engine, "before_cursor_execute")
def die(connection, cursor, statement, parameters, context, executemany):
    global left
    if statement.lstrip().upper().startswith("CREATE"):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

migrations.upgrade(engine)
"""


@pytest.mark.parametrize("statements", [2, 15, 40])
def test_r14_a_migration_that_is_killed_midway_can_be_run_again(tmp_path: Path, statements: int) -> None:
    file = tmp_path / "killed.db"
    died = subprocess.run(
        [sys.executable, "-c", MIGRATE, f"sqlite:///{file}", str(statements)], cwd=ROOT, check=False
    )
    assert died.returncode == -signal.SIGKILL
    with sqlite3.connect(file) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    engine = open_engine(f"sqlite:///{file}")
    migrations.upgrade(engine)
    assert migrations.differences(engine) == []
    engine.dispose()
