"""What a process has worked out of its statements, kept from test to test.

A process that serves opens one engine and compiles each statement once. Every test opens engines of its own:
to compile for each of them anew would take as long as the rest of many tests.
"""

from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import Dialect

_known: dict[tuple[Any, ...], tuple[Dialect, dict[Any, Any]]] = {}
"""A dialect of each kind that has spoken with its database, and what was compiled for it."""


def keep_what_is_compiled() -> None:
    """From here on all engines of one kind use in this process what one of them has compiled."""
    event.listen(Engine, "engine_connect", _share)


def _share(connection: Connection) -> None:
    dialect: Any = connection.dialect
    kind = (
        type(dialect),
        dialect._json_serializer,
        dialect._json_deserializer,
        dialect._on_connect_isolation_level,
    )
    shared, compiled = _known.setdefault(kind, (dialect, {}))
    connection.dialect = connection.engine.dialect = shared
    connection.execution_options(compiled_cache=compiled)
