"""What readers say about an entry: that it helped, that it did not, or that something is wrong with it."""

from datetime import date, datetime

from sqlalchemy import update
from sqlmodel import Session, col

from bot.states import EntryState
from bot.store.figures import votes
from bot.store.tables.conversations import EntryRow
from bot.store.tables.house import ReportRow


def add(session: Session, entry_id: int, reason: str, text: str, now: datetime) -> None:
    """Note what a reader reports."""
    session.add(ReportRow(entry_id=entry_id, reason=reason, text=text, reported_at=now))


def close(session: Session, entry_id: int, by: str, now: datetime) -> None:
    """Somebody has seen what was reported about an entry."""
    session.execute(
        update(ReportRow)
        .where(col(ReportRow.entry_id) == entry_id, col(ReportRow.closed_at).is_(None))
        .values(closed_at=now, closed_by=by)
        .execution_options(synchronize_session=False)
    )


def vote(session: Session, entry_id: int, on: date, *, helpful: bool) -> bool:
    """Count one reader's vote, given on a day. False when there is no such public entry."""
    column = EntryRow.helpful if helpful else EntryRow.unhelpful
    counted = session.execute(
        update(EntryRow)
        .where(col(EntryRow.id) == entry_id, col(EntryRow.state) == EntryState.PUBLIC)
        .values({col(column): col(column) + 1})
        .returning(col(EntryRow.id))
    )
    if counted.first() is None:
        return False
    votes.count(session, on, helpful=helpful)
    return True
