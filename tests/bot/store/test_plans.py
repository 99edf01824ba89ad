"""SQLite looks entries up by their ids, however many there are."""

from typing import Any

from sqlalchemy import event

from bot.store.archive.entry_source import StoredEntries
from bot.store.engine import Database
from bot.store.queries import archive


def plans(database: Database, ask: Any) -> str:
    """How SQLite goes about the queries on entries that ``ask`` makes."""
    asked: list[tuple[str, Any]] = []

    def note(*arguments: Any) -> None:
        asked.append((arguments[2], arguments[3]))

    event.listen(database.engine, "before_cursor_execute", note)
    ask()
    event.remove(database.engine, "before_cursor_execute", note)
    with database.engine.connect() as connection:
        return "\n".join(
            str(row[3])
            for statement, values in asked
            if "FROM entry" in statement
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        )


def test_entries_found_by_a_search_are_read_by_their_ids(sqlite_database: Database) -> None:
    def ask() -> None:
        with sqlite_database.read() as session:
            archive.by_ids(session, [1, 2, 3])

    plan = plans(sqlite_database, ask)
    assert "SEARCH entry USING INTEGER PRIMARY KEY" in plan
    assert "ix_entry" not in plan


def test_an_index_is_built_in_the_order_of_ids_without_sorting(sqlite_database: Database) -> None:
    plan = plans(sqlite_database, lambda: list(StoredEntries(sqlite_database).stream()))
    assert "SEARCH entry USING INTEGER PRIMARY KEY" in plan
    assert "TEMP B-TREE" not in plan
