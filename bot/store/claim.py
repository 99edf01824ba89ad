"""Claiming due rows under a lease with a fencing number, and finishing them.

A step claims a batch, acts outside any transaction, and finishes each row. Whoever lost a lease in the
meantime has an old fence and can finish nothing: the row belongs to somebody else by then.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Update, bindparam, or_, select, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.util import identity_key
from sqlmodel import Session

from bot.store.tables.columns import LONGEST_REASON, Work, table_of

ClaimedRow = TypeVar("ClaimedRow", bound=Work)


class LostLease(Exception):
    """The row was claimed by another worker, or withdrawn, in the meantime: leave it alone."""


def claim(
    session: Session,
    table: type[ClaimedRow],
    states: Sequence[str],
    *,
    now: datetime,
    lease: timedelta,
    owner: str,
    limit: int,
    where: Sequence[Any] = (),
    first: Any = None,
    **values: Any,
) -> list[ClaimedRow]:
    """Take up to ``limit`` rows of ``states`` that are due and free, the longest waiting first.

    ``first`` replaces since when a row has been due by another moment. ``values`` are set in the same
    statement. On PostgreSQL rows that another worker is just claiming are skipped; on SQLite writers queue up
    and the lock clause drops out.
    """
    columns: Any = table
    due = (
        select(columns.id)
        .where(
            columns.state.in_([str(state) for state in states]),
            columns.due_at <= now,
            or_(columns.lease_until.is_(None), columns.lease_until <= now),
            *where,
        )
        .order_by(columns.due_at if first is None else first, columns.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    statement = (
        update(table)
        .where(columns.id.in_(due))
        .values(lease_until=now + lease, owner=owner, fence=columns.fence + 1, **values)
        .returning(table)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    rows = list(session.execute(statement).scalars())
    return sorted(rows, key=lambda row: (row.due_at or now, row.id))


def finish(session: Session, row: ClaimedRow, **values: Any) -> None:
    """Write ``values`` and give the lease back. Raises LostLease when the fence has moved on.

    What the session has read of the row follows; ``row`` itself stays as it was claimed.
    """
    finish_all(session, [(row, values)])


def set_aside(
    session: Session, row: Work, error: Exception, *, attempts: int, quarantined: str, due_at: datetime
) -> None:
    """Give a row that failed back until ``due_at``.

    After ``attempts`` failures leave it to a person, in the state ``quarantined``, so that others flow on.
    Raises LostLease as ``finish`` does.
    """
    failures = row.attempts + 1
    final = failures >= attempts
    finish(
        session,
        row,
        state=quarantined if final else row.state,  # type: ignore[attr-defined]
        due_at=None if final else due_at,
        attempts=failures,
        last_error=f"{type(error).__name__}: {error}"[:LONGEST_REASON],
    )


def finish_all(session: Session, rows: Sequence[tuple[ClaimedRow, Mapping[str, Any]]]) -> None:
    """As ``finish``, for rows of one table: those with values for the same columns in one go, all or none.

    Raises LostLease when the fence of any has moved on; the caller's transaction is to be undone then.
    """
    session.flush()
    alike: dict[frozenset[str], list[tuple[ClaimedRow, Mapping[str, Any]]]] = defaultdict(list)
    for row, values in sorted(rows, key=lambda one: one[0].id):  # as everybody holds them
        alike[frozenset(values)].append((row, values))
    for some in alike.values():
        _finish_alike(session, some)


def _finish_alike(session: Session, rows: Sequence[tuple[ClaimedRow, Mapping[str, Any]]]) -> None:
    kind: Any = type(rows[0][0])
    parameters = [
        {
            "row_id": row.id,
            "row_fence": row.fence,
            **{f"new_{name}": value for name, value in values.items()},
        }
        for row, values in rows
    ]
    done = session.connection().execute(
        _finishing(kind, tuple(rows[0][1])), parameters if len(parameters) > 1 else parameters[0]
    )
    if done.rowcount != len(rows):
        ids = [one["row_id"] for one in parameters]
        raise LostLease(f"{kind.__tablename__} {ids if len(ids) > 1 else ids[0]} was taken over")
    for row, values in rows:
        known = session.identity_map.get(identity_key(kind, row.id))
        if known is not None:
            for name, value in {**values, "lease_until": None, "owner": None}.items():
                set_committed_value(known, name, value)


@cache
def _finishing(table: type[Work], names: tuple[str, ...]) -> Update:
    """The statement that finishes a row with these columns; making it takes longer than running it."""
    rows = table_of(table)
    return (
        update(rows)
        .where(
            rows.c.id == bindparam("row_id"),
            rows.c.fence == bindparam("row_fence"),
            rows.c.lease_until.is_not(None),
        )
        .values(
            {
                "lease_until": None,
                "owner": None,
                **{name: bindparam(f"new_{name}", type_=rows.c[name].type) for name in names},
            }
        )
    )


def fences(session: Session, rows: Sequence[ClaimedRow]) -> dict[int, int]:
    """The rows' present fences by id: what still has its fence is as it was when it was claimed."""
    if not rows:
        return {}
    asked = {"ids": [row.id for row in rows]}
    return dict(session.connection().execute(_fences_of(type(rows[0])), asked).all())


@cache
def _fences_of(table: type[Work]) -> Any:
    columns = table_of(table).c
    return select(columns.id, columns.fence).where(columns.id.in_(bindparam("ids", expanding=True)))
