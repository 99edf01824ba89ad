"""Two at one row: whoever changes it holds it first, and changes what it is by then.

A deed that finds a row moved meanwhile decides from what it is now, or says in words that it is too late.
On PostgreSQL a held row is locked until the transaction ends; on SQLite whoever writes is alone anyway.

One order keeps two from waiting for each other for ever: an employee, then questions (the lowest number
first), then their answers, messages, posts and offers, then entries. The logs come last by themselves.
"""

from typing import Any, TypeVar

from sqlalchemy import update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, SQLModel

from bot.store.tables.columns import Numbered, Work, table_of

Row = TypeVar("Row", bound=SQLModel)

# Not so strict that a row which refers to this one could not be stored meanwhile.
_FOR_CHANGES = {"key_share": True}


def lock_row(session: Session, row: SQLModel) -> None:
    """Wait for whoever is changing the row, then keep it: it is read anew, and nobody else changes it."""
    session.flush()
    session.refresh(row, with_for_update=_FOR_CHANGES)


def locked_row(session: Session, table: type[Row], row_id: int | str | None) -> Row | None:
    """The row as it is now, held until the transaction ends; None where there is none."""
    if row_id is None:
        return None
    session.flush()
    return session.get(table, row_id, populate_existing=True, with_for_update=_FOR_CHANGES)


def supersede(session: Session, row: Work, **values: Any) -> None:
    """Write ``values`` and take the row from whoever has it under a lease: what they find comes too late."""
    count_up(session, row, "fence", **{"lease_until": None, "owner": None, **values})


def count_up(session: Session, row: Numbered, counter: str, **values: Any) -> None:
    """Raise a row's counter by one in the database, where two at once count as two, and write ``values``."""
    session.flush()
    kept = table_of(type(row))
    values[counter] = session.execute(
        update(kept)
        .where(kept.c.id == row.id)
        .values({counter: kept.c[counter] + 1, **values})
        .returning(kept.c[counter])
    ).scalar_one()
    for name, value in values.items():
        set_committed_value(row, name, value)
