"""What people in charge do with entries and public texts: hiding, reviewing, publishing a new version."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col

from bot.actions.people.details import Invalid
from bot.states import ChangeKind, EntryState
from bot.store import changes
from bot.store.archive import entries
from bot.store.hold import hold
from bot.store.tables.conversations import EntryRow
from bot.store.tables.house import ReportRow, TextRow


def hide(session: Session, entry: EntryRow, by: str, now: datetime) -> None:
    """Take an entry out of sight; it can come back. Nothing about it is left to review. Raises Invalid."""
    hold(session, entry)
    if entry.state != EntryState.PUBLIC:
        raise Invalid("state", "This entry is not public anyway.")
    entry.state = EntryState.HIDDEN
    reviewed(session, entry, by, now)
    entries.touch(session, entry, now)


def show(session: Session, entry: EntryRow, now: datetime) -> None:
    """Put a hidden entry back. Raises Invalid."""
    hold(session, entry)
    if entry.state != EntryState.HIDDEN:
        raise Invalid("state", "Only an entry that somebody hid can be shown again.")
    entry.state = EntryState.PUBLIC
    entries.touch(session, entry, now)


def reviewed(session: Session, entry: EntryRow, by: str, now: datetime) -> None:
    """Somebody has looked at an entry: its reports are closed."""
    hold(session, entry)
    entry.review = None
    session.add(entry)
    changes.append(session, ChangeKind.WORK, entry.question_id, now)
    session.execute(
        update(ReportRow)
        .where(col(ReportRow.entry_id) == entry.id, col(ReportRow.closed_at).is_(None))
        .values(closed_at=now, closed_by=by)
        .execution_options(synchronize_session=False)
    )


def publish_text(
    session: Session, name: str, title: str, paragraphs: Sequence[str], by: str, now: datetime
) -> TextRow:
    """A new version of a public text; the earlier ones stay on record. Raises Invalid."""
    title = " ".join(title.split())
    kept = [one.strip() for one in paragraphs if one.strip()]
    if not title or len(title) > 120:
        raise Invalid("title", "A title has 1 to 120 characters.")
    if not kept:
        raise Invalid("paragraphs", "The text is empty.")
    row = TextRow(name=name, title=title, paragraphs=kept, published_at=now, published_by=by)
    session.add(row)
    session.flush()
    return row
