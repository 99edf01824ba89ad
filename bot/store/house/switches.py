"""Decisions that every node obeys, how far readers have come, and which nodes are alive."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col, select

from bot.store.changes import serialise
from bot.store.tables.house import CursorRow, NodeRow, SwitchRow

PAUSED = "publishing_paused"
ALIVE = timedelta(seconds=15)
"""A node that has not reported for this long is not working."""
_LONGEST_LEASE = timedelta(minutes=5)
"""Nobody takes a lease for longer: one that ends later comes from a clock that was ahead."""


def value_of(session: Session, name: str) -> Any:
    """What a switch is set to; None where nobody has set it."""
    row = session.get(SwitchRow, name, populate_existing=True)
    return row.value if row else None


def put(session: Session, name: str, value: Any, *, by: str, now: datetime, reason: str = "") -> None:
    """Set a switch for all nodes."""
    row = session.get(SwitchRow, name) or SwitchRow(name=name, set_at=now)
    row.value, row.set_by, row.set_at, row.reason = value, by, now, reason
    session.add(row)


def is_paused(session: Session) -> bool:
    """Whether nothing may be published now."""
    return bool(value_of(session, PAUSED))


def cursor(session: Session, name: str) -> str | None:
    """How far a reader has come."""
    row = session.get(CursorRow, name)
    return row.value if row else None


def move_cursor(session: Session, name: str, value: str, now: datetime) -> None:
    """Note how far a reader has come."""
    row = session.get(CursorRow, name) or CursorRow(name=name, value=value, moved_at=now)
    row.value, row.moved_at = value, now
    session.add(row)


def report_node(session: Session, name: str, now: datetime, *, started_at: datetime, works: bool) -> None:
    """Say that a node is alive, and forget those silent for a day."""
    row = session.get(NodeRow, name) or NodeRow(name=name, started_at=started_at, seen_at=now)
    row.seen_at, row.works, row.started_at = now, works, started_at
    session.add(row)
    session.execute(delete(NodeRow).where(col(NodeRow.seen_at) < now - timedelta(days=1)))


def forget_node(session: Session, name: str) -> None:
    """A node says goodbye."""
    session.execute(delete(NodeRow).where(col(NodeRow.name) == name))


def working_nodes(session: Session, now: datetime) -> list[NodeRow]:
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


def take_lease(session: Session, name: str, owner: str, now: datetime, duration: timedelta) -> bool:
    """Whether ``owner`` may do what only one node does at a time, until ``duration`` from now."""
    serialise(session, "lease")
    row = session.get(CursorRow, f"lease:{name}", populate_existing=True)
    holder, _, until = row.value.partition("|") if row else ("", "", "")
    left = datetime.fromisoformat(until) - now if row is not None else timedelta(0)
    if holder != owner and timedelta(0) < left <= max(duration, _LONGEST_LEASE):
        return False
    move_cursor(session, f"lease:{name}", f"{owner}|{(now + duration).isoformat()}", now)
    return True


def give_lease_back(session: Session, name: str, owner: str, now: datetime) -> None:
    """Let the next one have what ``owner`` alone did, where nobody has taken it over already."""
    take_lease(session, name, owner, now, timedelta(0))


def give_all_leases_back(session: Session, owner: str) -> None:
    """Let others have whatever ``owner`` alone did: it stops, and nobody has to wait until its time is up."""
    session.execute(
        delete(CursorRow).where(
            col(CursorRow.name).startswith("lease:", autoescape=True),
            col(CursorRow.value).startswith(f"{owner}|", autoescape=True),
        )
    )
