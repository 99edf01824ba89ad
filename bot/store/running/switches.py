"""Decisions that every node obeys."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.store import rows
from bot.store.tables.house import SwitchRow

PAUSED = "publishing_paused"


def value_of(session: Session, name: str) -> Any:
    """What a switch is set to; None where nobody has set it."""
    row = rows.find(session, SwitchRow, name, anew=True)
    return row.value if row else None


def put(session: Session, name: str, value: Any, *, by: str, now: datetime, reason: str = "") -> None:
    """Set a switch for all nodes."""
    rows.put(session, SwitchRow, name=name, value=value, set_by=by, set_at=now, reason=reason)


def is_paused(session: Session) -> bool:
    """Whether nothing may be published now."""
    return bool(value_of(session, PAUSED))


def pause(session: Session) -> SwitchRow | None:
    """Who paused publishing, when and why; None while nothing is paused."""
    row = rows.find(session, SwitchRow, PAUSED)
    return row if row is not None and row.value else None
