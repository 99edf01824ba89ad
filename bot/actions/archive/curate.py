"""What people in charge do with entries: taking them out of sight, and putting them back."""

from datetime import datetime

from bot.actions.archive.review import reviewed
from bot.actions.people.details import Invalid
from bot.states import EntryState
from bot.store.archive import entries
from bot.store.engine import Session
from bot.store.row_locks import lock_row
from bot.store.tables.conversations import EntryRow


def hide(session: Session, entry: EntryRow, by: str, now: datetime) -> None:
    """Take an entry out of sight; it can come back. Nothing about it is left to review. Raises Invalid."""
    lock_row(session, entry)
    if entry.state != EntryState.PUBLIC:
        raise Invalid("state", "This entry is not public anyway.")
    reviewed(session, entry, by, now)
    entry.state = EntryState.HIDDEN
    entries.touch(session, entry, now)


def show(session: Session, entry: EntryRow, now: datetime) -> None:
    """Put a hidden entry back. Raises Invalid."""
    lock_row(session, entry)
    if entry.state != EntryState.HIDDEN:
        raise Invalid("state", "Only an entry that somebody hid can be shown again.")
    entry.state = EntryState.PUBLIC
    entries.touch(session, entry, now)
