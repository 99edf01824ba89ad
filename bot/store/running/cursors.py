"""How far readers have come."""

from datetime import datetime

from sqlmodel import Session

from bot.store import rows
from bot.store.tables.house import CursorRow


def at(session: Session, name: str) -> str | None:
    """How far a reader has come; None before the first step."""
    row = rows.find(session, CursorRow, name, anew=True)
    return row.value if row else None


def move(session: Session, name: str, value: str, now: datetime) -> None:
    """Note how far a reader has come; of two at once the later one counts."""
    rows.put(session, CursorRow, name=name, value=value, moved_at=now)
