"""What readers say about an entry: that it helped, that it did not, or that something is wrong with it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import update
from sqlmodel import Session, col

from bot.states import EntryState
from bot.store.archive.entries import ask_for_review
from bot.store.tables.conversations import EntryRow
from bot.store.tables.house import ReportRow


class ReportReason(StrEnum):
    """What is wrong with an entry, by the reader's choice."""

    WRONG = "wrong"
    OUTDATED = "outdated"
    PERSONAL = "personal"
    ABUSE = "abuse"
    OTHER = "other"


_REVIEW = {
    ReportReason.WRONG: "A reader says that the answer is wrong.",
    ReportReason.OUTDATED: "A reader says that the answer is out of date.",
    ReportReason.PERSONAL: "A reader says that it shows personal data.",
    ReportReason.ABUSE: "A reader says that it is offensive or unlawful.",
    ReportReason.OTHER: "A reader has reported it.",
}


def report(session: Session, entry_id: int, reason: ReportReason, text: str, now: datetime) -> bool:
    """Note a report and put the entry up for review. False when there is no such public entry."""
    entry = session.get(EntryRow, entry_id)
    if entry is None or entry.state != EntryState.PUBLIC:
        return False
    session.add(ReportRow(entry_id=entry_id, reason=reason, text=text, reported_at=now))
    ask_for_review(session, entry, _REVIEW[reason], now)
    return True


def vote(session: Session, entry_id: int, *, helpful: bool) -> bool:
    """Count one reader's vote. False when there is no such public entry."""
    column = EntryRow.helpful if helpful else EntryRow.unhelpful
    counted = session.execute(
        update(EntryRow)
        .where(col(EntryRow.id) == entry_id, col(EntryRow.state) == EntryState.PUBLIC)
        .values({col(column): col(column) + 1})
        .returning(col(EntryRow.id))
    )
    return counted.first() is not None
