"""Rows by their ids, for deeds and pages: the session they have is a transaction to pass on, not to ask."""

from typing import TypeVar

from sqlmodel import Session, SQLModel

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
