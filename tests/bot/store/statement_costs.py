"""What statements cost in the database's own terms, so that a house can be held against a larger one."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, event

from bot.store.engine import Database

_VALUES = re.compile(r"\((?:\?|%\(\w+\)s(?:::\w+)?)(?:, (?:\?|%\(\w+\)s(?:::\w+)?))*\)")
_LOOKED_AT = ("SELECT", "WITH", "UPDATE", "DELETE")
_EVERY = 5
"""So many steps of SQLite's machine pass between two looks at it."""


@dataclass
class Statements:
    """Every statement that was put to a database, by its text, with the values of the last time."""

    asked: dict[str, tuple[str, Any]] = field(default_factory=dict)

    def note(self, *arguments: Any) -> None:
        _, _, statement, values, _, many = arguments
        if statement.lstrip().startswith(_LOOKED_AT) and "pg_" not in statement:
            name = _VALUES.sub("(...)", " ".join(statement.split()))
            self.asked[name] = (statement, values[0] if many else values)


@contextmanager
def watching(database: Database) -> Iterator[Statements]:
    """The statements that are put to a database meanwhile."""
    statements = Statements()
    event.listen(database.engine, "before_cursor_execute", statements.note)
    try:
        yield statements
    finally:
        event.remove(database.engine, "before_cursor_execute", statements.note)


def cost(database: Database, statement: str, values: Any) -> int:
    """Steps of SQLite's machine, or rows that PostgreSQL looks at; what the statement does is undone."""
    with database.engine.connect() as connection:
        found = (_steps if database.is_sqlite else _rows)(connection, statement, values)
        connection.rollback()
    return found


def plan(database: Database, statement: str, values: Any) -> str:
    """How the database goes about a statement, for people."""
    explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
    with database.engine.connect() as connection:
        rows = connection.exec_driver_sql(f"{explain} {statement}", values).all()
    return " | ".join(str(row[-1]).strip() for row in rows)


def _steps(connection: Connection, statement: str, values: Any) -> int:
    passed = 0

    def look() -> int:
        nonlocal passed
        passed += _EVERY
        return 0

    raw: Any = connection.connection.driver_connection
    raw.set_progress_handler(look, _EVERY)
    try:
        done = connection.exec_driver_sql(statement, values)
        if done.returns_rows:
            done.all()
    finally:
        raw.set_progress_handler(None, 0)
    return passed


def _rows(connection: Connection, statement: str, values: Any) -> int:
    explain = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}"
    (found,) = connection.exec_driver_sql(explain, values).one()
    return round(sum(_seen(node) for node in _nodes(found[0]["Plan"])))


def _seen(node: dict[str, Any]) -> float:
    """The rows that a node takes from a table or an index, those that it throws away included."""
    if "Scan" not in node["Node Type"]:
        return 0.0
    thrown = sum(number for name, number in node.items() if name.startswith("Rows Removed by"))
    return float((node["Actual Rows"] + thrown) * node["Actual Loops"])


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from _nodes(below)
