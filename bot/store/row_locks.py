"""Two at one row: whoever changes it holds it first, and changes what it is by then.

A deed that finds a row moved meanwhile decides from what it is now, or says in words that it is too late.
On PostgreSQL a held row is locked until the transaction ends; on SQLite whoever writes is alone anyway.
Either way it is held, and read anew for that, once in a transaction: from then on nobody else changes it.

One order keeps two from waiting for each other for ever: an employee, then topics, then questions (the
lowest number first), then announcements, then answers, messages, posts and offers, then entries. The logs
come last by themselves.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import bindparam, event, update
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.util import identity_key
from sqlmodel import Session, SQLModel, select

from bot.store.tables.columns import Numbered, Work, table_of

Row = TypeVar("Row", bound=SQLModel)
NumberedRow = TypeVar("NumberedRow", bound=Numbered)

# Not so strict that a row which refers to this one could not be stored meanwhile.
_FOR_CHANGES = {"key_share": True}


_HELD = "held rows"


class RowGone(Exception):
    """Somebody else has removed the row since it was read."""


def lock_row(session: Session, row: SQLModel) -> None:
    """Wait for whoever is changing the row, then keep it: it is read anew, and nobody else changes it.

    Raises RowGone where it was removed meanwhile.
    """
    key = identity_key(instance=row)
    if key in _held(session):
        return
    session.flush()
    try:
        session.refresh(row, with_for_update=_FOR_CHANGES)
    except InvalidRequestError as error:
        raise RowGone(f"{key[0].__name__} {key[1]}") from error
    _held(session)[key] = row


def locked_row(session: Session, table: type[Row], row_id: int | str | None) -> Row | None:
    """The row as it is now, held until the transaction ends; None where there is none."""
    if row_id is None:
        return None
    key = identity_key(table, row_id)
    if key not in _held(session):
        session.flush()
        row = session.get(table, row_id, populate_existing=True, with_for_update=_FOR_CHANGES)
        if row is None:
            return None
        _held(session)[key] = row
    found: Row = _held(session)[key]
    return found


def locked_rows(session: Session, table: type[NumberedRow], row_ids: Iterable[int]) -> list[NumberedRow]:
    """As ``locked_row`` of each of these ids, in one go, in the order that everybody keeps to."""
    ids = sorted(set(row_ids))
    held = _held(session)
    wanted = [one for one in ids if identity_key(table, one) not in held]
    if wanted:
        session.flush()
        rows = session.exec(
            _holding(table), params={"ids": wanted}, execution_options={"populate_existing": True}
        ).all()
        held.update({identity_key(instance=row): row for row in rows})
    found = (held.get(identity_key(table, one)) for one in ids)
    return [row for row in found if row is not None]


@cache
def _holding(table: type[NumberedRow]) -> Any:
    """The statement that holds the rows with these ids; making it takes longer than running it."""
    columns: Any = table
    rows = select(table).where(columns.id.in_(bindparam("ids", expanding=True))).order_by(columns.id)
    return rows.with_for_update(key_share=True)


def _held(session: Session) -> dict[Any, Any]:
    """The rows that the session's transaction holds, by their identity; a session serves one transaction."""
    held: dict[Any, Any] = session.info.setdefault(_HELD, {})
    return held


@event.listens_for(Session, "after_commit")
def _let_go(session: Session) -> None:
    session.info.pop(_HELD, None)


@event.listens_for(Session, "after_soft_rollback")
def _let_go_of_all(session: Session, _previous: object) -> None:
    session.info.pop(_HELD, None)  # a savepoint that is undone gives back what it held


def supersede(session: Session, row: Work, **values: Any) -> None:
    """Write ``values`` and take the row from whoever has it under a lease: what they find comes too late."""
    supersede_all(session, [row], **values)


def supersede_all(session: Session, rows: Sequence[Work], **values: Any) -> None:
    """As ``supersede``, of rows of one table that are given the same values."""
    if not rows:
        return
    session.flush()
    values = {"lease_until": None, "owner": None, **values}
    given = {f"new_{name}": value for name, value in values.items()}
    done = session.connection().execute(
        _superseding(type(rows[0]), tuple(values)), {"ids": [row.id for row in rows], **given}
    )
    fences = dict(done.all())
    for row in rows:
        for name, value in {**values, "fence": fences[row.id]}.items():
            set_committed_value(row, name, value)


@cache
def _superseding(table: type[Work], names: tuple[str, ...]) -> Any:
    """The statement that gives rows these columns; making it takes longer than running it."""
    kept = table_of(table)
    given = {name: bindparam(f"new_{name}", type_=kept.c[name].type) for name in names}
    return (
        update(kept)
        .where(kept.c.id.in_(bindparam("ids", expanding=True)))
        .values({"fence": kept.c.fence + 1, **given})
        .returning(kept.c.id, kept.c.fence)
    )


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
