"""Bringing a database to the schema this version of Chorus needs."""

import sys
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine
from sqlmodel import SQLModel

from bot.store import house, people, tables

TABLES = (house, people, tables)
"""Importing these is what fills the metadata."""


class SchemaTooNew(Exception):
    """The database was migrated by a newer Chorus than this one."""


def scripts_directory() -> Path:
    """Where the migrations are: beside the source, or where the package put them."""
    beside = Path(__file__).resolve().parents[2] / "alembic"
    return (
        beside if (beside / "env.py").is_file() else Path(sys.prefix) / "share" / "chorus-support" / "alembic"
    )


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts_directory()).replace("%", "%%"))
    if connection is not None:
        config.attributes["connection"] = connection
    return config


def newest() -> str:
    """The revision this version of Chorus needs."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def current(engine: Engine) -> str | None:
    """The revision the database is at; None when it is empty."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to ``revision``; every migration is one transaction.

    Raises SchemaTooNew when a newer Chorus has been here.
    """
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    at = current(engine)
    if at is not None and at not in known:
        raise SchemaTooNew(
            f"The database is at revision {at}, which this version of Chorus does not know. "
            "Run the version that migrated it, or a newer one."
        )
    with engine.execution_options(writes=True).connect() as connection:
        command.upgrade(_config(connection), revision)
        connection.commit()


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database back to ``revision`` (``base``: empty)."""
    with engine.execution_options(writes=True).connect() as connection:
        command.downgrade(_config(connection), revision)
        connection.commit()


def differences(engine: Engine) -> list[object]:
    """What the tables in the code have that the database has not, and the other way round."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, SQLModel.metadata))
