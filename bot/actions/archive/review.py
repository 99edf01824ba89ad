"""Entries that somebody should look at again: reported by readers, old, expired, or with a dead link."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from bot.states import ChangeKind, EntryState
from bot.store import changes, rows
from bot.store.archive import care, reports
from bot.store.engine import Session
from bot.store.row_locks import lock_row
from bot.store.tables.conversations import EntryRow


class ReportReason(StrEnum):
    """What is wrong with an entry, by the reader's choice."""

    WRONG = "wrong"
    OUTDATED = "outdated"
    PERSONAL = "personal"
    ABUSE = "abuse"
    OTHER = "other"


_SAID = {
    ReportReason.WRONG: "A reader says that the answer is wrong.",
    ReportReason.OUTDATED: "A reader says that the answer is out of date.",
    ReportReason.PERSONAL: "A reader says that it shows personal data.",
    ReportReason.ABUSE: "A reader says that it is offensive or unlawful.",
    ReportReason.OTHER: "A reader has reported it.",
}


def ask_for_review(session: Session, entry: EntryRow, why: str, now: datetime) -> None:
    """Put an entry into the review queue; the first reason stays in front."""
    lock_row(session, entry)
    if why in (entry.review or ""):
        return
    entry.review = f"{entry.review} {why}" if entry.review else why
    changes.append(session, ChangeKind.WORK, entry.question_id, now)


def reviewed(session: Session, entry: EntryRow, by: str, now: datetime) -> None:
    """Somebody has looked at an entry: its reports are closed."""
    lock_row(session, entry)
    entry.review = None
    reports.close(session, entry.id, by, now)
    changes.append(session, ChangeKind.WORK, entry.question_id, now)


def report(session: Session, entry_id: int, reason: ReportReason, text: str, now: datetime) -> bool:
    """Note a report and put the entry up for review. False when there is no such public entry."""
    entry = _public(session, entry_id)
    if entry is None:
        return False
    reports.add(session, entry_id, reason, text, now)
    ask_for_review(session, entry, _SAID[reason], now)
    return True


def put_up_expired(session: Session, now: datetime, limit: int) -> int:
    """Entries past their ``valid_until`` go to the review queue, once for each such date."""
    found = care.expired(session, now, limit)
    for entry, until in found:
        ask_for_review(session, entry, f"It was valid until {until:%Y-%m-%d}.", now)
        care.note(session, entry.id, expired_for=until)
    return len(found)


def put_up_old(session: Session, now: datetime, age: timedelta, limit: int) -> int:
    """Entries that nobody changed for ``age`` go to the review queue, and again after as long."""
    found = care.untouched(session, now - age, limit)
    for entry in found:
        ask_for_review(session, entry, f"Nobody has touched it since {entry.updated_at:%Y-%m-%d}.", now)
        care.note(session, entry.id, aged_at=now)
    return len(found)


def report_dead(session: Session, entry_id: int, dead: Mapping[str, str], now: datetime) -> None:
    """An entry with links that lead nowhere goes to the review queue. ``dead`` says of each what is wrong."""
    entry = _public(session, entry_id)
    if entry is None:
        return
    for url, problem in dead.items():
        ask_for_review(session, entry, f"A link is dead: {url}: {problem}.", now)


def _public(session: Session, entry_id: int) -> EntryRow | None:
    entry = rows.find(session, EntryRow, entry_id)
    return entry if entry is not None and entry.state == EntryState.PUBLIC else None
