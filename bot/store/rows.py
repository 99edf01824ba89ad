"""Rows by their ids, for deeds and pages: the session they have is a transaction to pass on, not to ask."""

from contextlib import AbstractContextManager
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel

from bot.store.dialects import insert_of
from bot.store.tables.columns import table_of

Row = TypeVar("Row", bound=SQLModel)


def find(session: Session, table: type[Row], row_id: int | str | None, *, anew: bool = False) -> Row | None:
    """The row with this id; None where there is none, or no id.

    With ``anew`` as it is in the database by now, and not as this transaction read it before.
    """
    return None if row_id is None else session.get(table, row_id, populate_existing=anew)


def one(session: Session, table: type[Row], row_id: int | str | None) -> Row:
    """The row that another one refers to. Raises NoResultFound where it is gone all the same."""
    return session.get_one(table, row_id)


def keep(session: Session, *rows: SQLModel) -> None:
    """Store rows, new or changed: from here on their ids are known, and every question sees them."""
    session.add_all(rows)
    session.flush()


def savepoint(session: Session) -> AbstractContextManager[object]:
    """A part of the transaction that is undone by itself where it raises."""
    return session.begin_nested()


def put(session: Session, table: type[SQLModel], **values: Any) -> None:
    """Store a row under a key that it brings along, in place of the one that is there.

    The database decides: two at once are no error, and the later one counts.
    """
    kept = table_of(table)
    insert = insert_of(session.get_bind().dialect.name)(kept).values(values)
    keys = [column.name for column in kept.primary_key]
    fresh = {name: insert.excluded[name] for name in values if name not in keys}
    session.execute(insert.on_conflict_do_update(index_elements=keys, set_=fresh))
