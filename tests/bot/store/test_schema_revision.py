"""Which revision the database is at is told without Alembic; what is told has to be what Alembic says."""

import subprocess
import sys
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Engine

from bot.store import migrations
from bot.store.engine import open_engine


def test_the_newest_revision_is_the_head_of_the_migrations() -> None:
    scripts = ScriptDirectory(str(migrations.scripts_directory()))

    assert migrations.newest() == scripts.get_current_head()


def test_the_revision_of_a_migrated_database_is_what_alembic_reads(engine: Engine) -> None:
    with engine.connect() as connection:
        read = MigrationContext.configure(connection).get_current_revision()

    assert migrations.current(engine) == read == migrations.newest()


def test_an_empty_database_has_no_revision(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'empty.db'}")

    assert migrations.current(engine) is None
    engine.dispose()


def test_a_start_that_finds_the_schema_in_place_does_without_alembic(sqlite_url: str) -> None:
    start = (
        "import sys; from bot.store import migrations; from bot.store.engine import open_engine;"
        f"migrations.upgrade(open_engine({sqlite_url!r})); print('alembic' in sys.modules)"
    )

    told = subprocess.run([sys.executable, "-c", start], check=True, capture_output=True, text=True)

    assert told.stdout.strip() == "False"
