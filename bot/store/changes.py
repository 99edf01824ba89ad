"""The change log: what search and experts follow, in the order of commits.

A plain sequence would let a follower skip rows for ever: a transaction may take number 7, another take 8
and commit first. So on PostgreSQL lines are numbered under an advisory lock that is held until the commit; on
SQLite there is one writer anyway. They are written at the end of their transaction, so that nobody who has
the lock waits for a row that somebody else has.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Integer, bindparam, delete, event, func, insert, select, text
from sqlmodel import Session, col

from bot.states import ChangeKind
from bot.store.tables.columns import table_of
from bot.store.tables.house import ChangeRow

CHANNEL = "chorus_change"
"""What other nodes listen to on PostgreSQL (``bot.store.running.listen_notify``)."""

LOCKS = {
    "change": 7_146_001,
    "local_feed": 7_146_002,
    "audit": 7_146_003,
    "first_person": 7_146_008,
    "lease": 7_146_004,
    "budget": 7_146_006,
    "figures": 7_146_007,
    "survey": 7_146_009,
    "texts": 7_146_010,
    "joining": 7_146_011,
    "praise": 7_146_012,
    "departments": 7_146_013,
    "subscribers": 7_146_014,
}
"""The number of each advisory lock on PostgreSQL. Whoever shares one waits for the other."""

_LINE = insert(table_of(ChangeRow))
_LINES = "change lines"
_NEAR = 8
"""So many lines back the same one is not said again."""
_AFTER = (
    select(ChangeRow)
    .where(col(ChangeRow.seq) > bindparam("seq"))
    .order_by(col(ChangeRow.seq))
    .limit(bindparam("most", type_=Integer))
)
_KINDS_AFTER = _AFTER.where(col(ChangeRow.kind).in_(bindparam("kinds", expanding=True)))
_FLEETING = (ChangeKind.WORK, ChangeKind.HAND, ChangeKind.FEED)


def serialise(session: Session, name: str) -> None:
    """Let only one transaction at a time pass here, until it ends."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCKS[name]})


def append(session: Session, kind: ChangeKind, row_id: int, at: datetime, **detail: Any) -> None:
    """Note that a row of this kind is new or changed.

    ``questions=[...]`` in the detail names questions that it concerns beside the row (``ChangeRow``).
    """
    line = {"kind": kind, "row_id": row_id, "at": at, "detail": detail}
    lines = session.info.setdefault(_LINES, [])
    if line not in lines[-_NEAR:]:
        lines.append(line)


def write_down(session: Session) -> None:
    """Give this transaction's lines their numbers. Committing does so by itself; nothing else may follow."""
    lines = session.info.pop(_LINES, None)
    if not lines:
        return
    session.flush()
    serialise(session, "change")
    session.connection().execute(_LINE, lines)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"NOTIFY {CHANNEL}"))


@event.listens_for(Session, "before_commit")
def _before_commit(session: Session) -> None:
    if not session.in_nested_transaction():  # a savepoint is not the end: rows may still be waited for
        write_down(session)


def after(session: Session, seq: int, kinds: tuple[ChangeKind, ...], limit: int) -> list[ChangeRow]:
    """The next changes of these kinds, of all where none are given, after ``seq``, in order."""
    asked = {"seq": seq, "most": limit}
    if kinds:
        return list(session.execute(_KINDS_AFTER, {**asked, "kinds": list(kinds)}).scalars())
    return list(session.execute(_AFTER, asked).scalars())


def latest(session: Session, limit: int) -> list[ChangeRow]:
    """The latest changes, in order."""
    statement = select(ChangeRow).order_by(col(ChangeRow.seq).desc()).limit(limit)
    return list(session.execute(statement).scalars())[::-1]


def head(session: Session, kinds: tuple[ChangeKind, ...] = ()) -> int:
    """The number of the latest change, of these kinds where some are given; 0 before the first."""
    newest = select(func.max(ChangeRow.seq))
    # One after the other: each is then the end of an index, and together they would be a walk along it.
    each = [newest.where(col(ChangeRow.kind) == kind) for kind in kinds] or [newest]
    return max(int(session.execute(statement).scalar_one() or 0) for statement in each)


def forget_work(session: Session, before: datetime) -> None:
    """Nobody needs to know any more that desks had to look again, or who had a hand free.

    The newest line stays for its number.
    """
    session.execute(
        delete(ChangeRow).where(
            col(ChangeRow.kind).in_(_FLEETING),
            col(ChangeRow.at) < before,
            col(ChangeRow.seq) < select(func.max(ChangeRow.seq)).scalar_subquery(),
        )
    )
