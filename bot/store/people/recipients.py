"""To whom a notice goes, and when they were last seen at a page."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from bot.store.tables.people import EmployeeRow, SessionRow
from routing.model.domain import EmployeeState


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody with a mail address; ``seen_at`` is when their latest session was in use."""

    id: int
    name: str
    email: str
    timezone: str
    has_left: bool
    seen_at: datetime | None
    language: str | None = None
    """What they chose that notices are in; None: English."""


def recipient(session: Session, employee_id: int) -> Recipient | None:
    """Somebody, and when they were last seen."""
    row = session.get(EmployeeRow, employee_id)
    if row is None:
        return None
    seen = session.exec(
        select(SessionRow.seen_at)
        .where(SessionRow.employee_id == employee_id)
        .order_by(col(SessionRow.seen_at).desc())
        .limit(1)
    ).first()
    return Recipient(
        id=employee_id,
        name=row.name,
        email=row.email,
        timezone=row.timezone,
        has_left=row.state == EmployeeState.LEFT,
        seen_at=seen,
        language=row.language,
    )
