"""Where the two databases' statements differ."""

from collections.abc import Callable
from typing import Any


def insert_of(dialect: str) -> Callable[..., Any]:
    """The database's own ``insert``, which knows ON CONFLICT; the other database's is not even imported."""
    if dialect == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as insert_sqlite

        return insert_sqlite
    from sqlalchemy.dialects.postgresql import insert as insert_postgresql

    return insert_postgresql
