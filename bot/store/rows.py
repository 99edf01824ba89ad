"""Rows by their ids, for deeds and pages: the session they have is a transaction to pass on, not to ask."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import bindparam, insert
from sqlalchemy.orm.util import identity_key
from sqlmodel import Session, SQLModel, select

from bot.store.dialects import insert_of
from bot.store.tables.columns import Numbered, table_of

Row = TypeVar("Row", bound=SQLModel)
NumberedRow = TypeVar("NumberedRow", bound=Numbered)


def find(session: Session, table: type[Row], row_id: int | str | None, *, anew: bool = False) -> Row | None:
    """The row with this id; None where there is none, or no id.

    With ``anew`` as it is in the database by now, and not as this transaction read it before.
    """
    return None if row_id is None else session.get(table, row_id, populate_existing=anew)


def find_all(
    session: Session, table: type[NumberedRow], row_ids: Iterable[int | None], *, anew: bool = False
) -> dict[int, NumberedRow]:
    """As ``find`` of each of these ids, by id and in one go; those that are not there are left out."""
    ids = {one for one in row_ids if one is not None}
    known = {one: session.identity_map.get(identity_key(table, one)) for one in ids} if not anew else {}
    found: dict[int, NumberedRow] = {one: row for one, row in known.items() if row is not None}
    if wanted := ids - found.keys():
        asked, options = {"ids": sorted(wanted)}, {"populate_existing": anew}
        rows = session.exec(_with_ids(table), params=asked, execution_options=options).all()
        found.update({row.id: row for row in rows})
    return found


@cache
def _with_ids(table: type[NumberedRow]) -> Any:
    """The statement for the rows with these ids; making it takes longer than running it."""
    columns: Any = table
    return select(table).where(columns.id.in_(bindparam("ids", expanding=True)))


def one(session: Session, table: type[Row], row_id: int | str | None) -> Row:
    """The row that another one refers to. Raises NoResultFound where it is gone all the same."""
    return session.get_one(table, row_id)


def keep(session: Session, *rows: SQLModel) -> None:
    """Store rows, new or changed: from here on their ids are known, and every question sees them."""
    session.add_all(rows)
    session.flush()


def keep_all(session: Session, rows: Sequence[NumberedRow], key: str) -> list[NumberedRow]:
    """Store new rows of one table, which differ in the column ``key``, in one statement.

    What is returned, in order, are the stored rows: use these and not the given ones from here on.
    """
    if not rows:
        return []
    session.flush()
    table = type(rows[0])
    values = [row.model_dump(exclude={"id"}) for row in rows]
    stored = {getattr(row, key): row for row in session.scalars(_keeping(table), values).all()}
    return [stored[getattr(row, key)] for row in rows]


@cache
def _keeping(table: type[SQLModel]) -> Any:
    return insert(table).returning(table)


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
