"""Which nodes are alive, and how far those are that still learn who knows what."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, select

from bot.store import rows
from bot.store.running import cursors
from bot.store.tables.house import CursorRow, NodeRow

_LEARNING = "learning:"

ALIVE = timedelta(seconds=15)
"""A node that has not reported for this long is not working."""


def report(
    session: Session,
    name: str,
    now: datetime,
    *,
    started_at: datetime,
    works: bool,
    learned: float | None = None,
) -> None:
    """Say that a node is alive, and forget those silent for a day.

    ``learned`` is the share of the past that a node which has no model of the experts yet has learned.
    """
    rows.put(session, NodeRow, name=name, works=works, started_at=started_at, seen_at=now)
    silent = now - timedelta(days=1)
    session.execute(delete(NodeRow).where(col(NodeRow.seen_at) < silent))
    if learned is not None:
        cursors.move(session, _LEARNING + name, f"{learned:.3f}", now)
    is_over = col(CursorRow.name).startswith(_LEARNING, autoescape=True) & (col(CursorRow.moved_at) < silent)
    if learned is None:
        is_over |= col(CursorRow.name) == _LEARNING + name
    session.execute(delete(CursorRow).where(is_over))


def forget(session: Session, name: str) -> None:
    """Remove a node that has ended in good order, so that nobody counts it any more."""
    session.execute(delete(NodeRow).where(col(NodeRow.name) == name))
    session.execute(delete(CursorRow).where(col(CursorRow.name) == _LEARNING + name))


def learning(session: Session, now: datetime) -> dict[str, float]:
    """The nodes that ask by what is declared while they still learn, and the share they have learned."""
    names = [_LEARNING + node.name for node in working(session, now)]
    found = session.exec(select(CursorRow).where(col(CursorRow.name).in_(names))).all()
    return {row.name.removeprefix(_LEARNING): float(row.value) for row in found}


def working(session: Session, now: datetime) -> list[NodeRow]:
    """The nodes that do the work right now."""
    return list(
        session.exec(
            select(NodeRow).where(
                col(NodeRow.works).is_(True),
                col(NodeRow.seen_at) > now - ALIVE,
                col(NodeRow.seen_at) < now + ALIVE,  # who spoke in the future has fallen silent since
            )
        ).all()
    )
