"""What only one node does at a time, and which one that is."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col

from bot.store.changes import serialise
from bot.store.running import cursors
from bot.store.tables.house import CursorRow

_LONGEST = timedelta(minutes=5)
"""Nobody takes a lease for longer: one that ends later comes from a clock that was ahead."""


def take(session: Session, name: str, owner: str, now: datetime, duration: timedelta) -> bool:
    """Whether ``owner`` may do what only one node does at a time, until ``duration`` from now."""
    serialise(session, "lease")
    value = cursors.at(session, f"lease:{name}")
    holder, _, until = value.partition("|") if value else ("", "", "")
    left = datetime.fromisoformat(until) - now if until else timedelta(0)
    if holder != owner and timedelta(0) < left <= max(duration, _LONGEST):
        return False
    cursors.move(session, f"lease:{name}", f"{owner}|{(now + duration).isoformat()}", now)
    return True


def give_back(session: Session, name: str, owner: str, now: datetime) -> None:
    """Let the next one have what ``owner`` alone did, where nobody has taken it over already."""
    take(session, name, owner, now, timedelta(0))


def give_all_back(session: Session, owner: str) -> None:
    """Let others have whatever ``owner`` alone did: it stops, and nobody has to wait until its time is up."""
    session.execute(
        delete(CursorRow).where(
            col(CursorRow.name).startswith("lease:", autoescape=True),
            col(CursorRow.value).startswith(f"{owner}|", autoescape=True),
        )
    )
