"""Where the two databases' statements differ."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Float
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Session


def insert_of(dialect: str) -> Callable[..., Any]:
    """The database's own ``insert``, which knows ON CONFLICT; the other database's is not even imported."""
    if dialect == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as insert_sqlite

        return insert_sqlite
    from sqlalchemy.dialects.postgresql import insert as insert_postgresql

    return insert_postgresql


def overwrite_pages(session: Session) -> None:
    """Let SQLite overwrite what this transaction deletes, instead of only forgetting where it lay."""
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql("PRAGMA secure_delete=ON")


class seconds_between(FunctionElement[float]):  # noqa: N801 - named as SQL's own functions are
    """The seconds from one moment to a later one; NULL where either is."""

    type = Float()
    inherit_cache = True


@compiles(seconds_between, "sqlite")
def _by_julian_days(element: Any, compiler: Any, **how: Any) -> str:
    since, until = (compiler.process(one, **how) for one in element.clauses)
    return f"((julianday({until}) - julianday({since})) * 86400.0)"


@compiles(seconds_between)
def _by_epochs(element: Any, compiler: Any, **how: Any) -> str:
    since, until = (compiler.process(one, **how) for one in element.clauses)
    return f"CAST(EXTRACT(EPOCH FROM ({until} - {since})) AS FLOAT)"
