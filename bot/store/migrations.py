"""Bringing a database to the schema this version of Chorus needs."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text
from sqlmodel import SQLModel

from bot.store.tables import (
    announcements,
    departments,
    figures,
    handoffs,
    hooks,
    house,
    listening,
    matters,
    people,
    search,
)
from bot.store.tables import conversations as tables

if TYPE_CHECKING:
    from alembic.config import Config

# Alembic is imported where something is migrated: a start that finds the schema in place, and every look
# at /readyz, does without its 12 MB and third of a second.

TABLES = (
    house,
    people,
    tables,
    departments,
    matters,
    handoffs,
    announcements,
    figures,
    hooks,
    listening,
    search,
)
"""Importing these is what fills the metadata."""

NEWEST = "0069"
"""The revision this version of Chorus needs: the head of ``alembic/versions``, as a test makes sure."""


class SchemaTooNew(Exception):
    """The database was migrated by a newer Chorus than this one."""


def scripts_directory() -> Path:
    """Where the migrations are: beside the source, or where the package put them."""
    beside = Path(__file__).resolve().parents[2] / "alembic"
    return (
        beside if (beside / "env.py").is_file() else Path(sys.prefix) / "share" / "chorus-support" / "alembic"
    )


def _config(connection: Connection | None = None) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(scripts_directory()).replace("%", "%%"))
    if connection is not None:
        config.attributes["connection"] = connection
    return config


def newest() -> str:
    """The revision this version of Chorus needs."""
    return NEWEST


def current(engine: Engine) -> str | None:
    """The revision the database is at; None when it is empty."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return None if found is None else str(found)


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to ``revision``; every migration is one transaction.

    Raises SchemaTooNew when a newer Chorus has been here.
    """
    at = current(engine)
    if at == NEWEST and revision in ("head", NEWEST):
        return
    from alembic import command
    from alembic.script import ScriptDirectory

    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
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
    from alembic import command

    with engine.execution_options(writes=True).connect() as connection:
        command.downgrade(_config(connection), revision)
        connection.commit()


def differences(engine: Engine) -> list[object]:
    """What the tables in the code have that the database has not, and the other way round."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, SQLModel.metadata))
