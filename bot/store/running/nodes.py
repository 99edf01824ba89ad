"""Which nodes are alive."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, select

from bot.store import rows
from bot.store.tables.house import NodeRow

ALIVE = timedelta(seconds=15)
"""A node that has not reported for this long is not working."""


def report(session: Session, name: str, now: datetime, *, started_at: datetime, works: bool) -> None:
    """Say that a node is alive, and forget those silent for a day."""
    rows.put(session, NodeRow, name=name, works=works, started_at=started_at, seen_at=now)
    session.execute(delete(NodeRow).where(col(NodeRow.seen_at) < now - timedelta(days=1)))


def forget(session: Session, name: str) -> None:
    """Remove a node that has ended in good order, so that nobody counts it any more."""
    session.execute(delete(NodeRow).where(col(NodeRow.name) == name))


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
