"""What people in charge do with entries: taking them out of sight, and putting them back."""

from datetime import datetime

from bot.actions.archive.review import reviewed
from bot.actions.people.details import Invalid
from bot.states import EntryState, HookEvent
from bot.store.archive import entries
from bot.store.engine import Session
from bot.store.hooks.outbox import tell
from bot.store.row_locks import lock_row
from bot.store.tables.conversations import EntryRow


def hide(session: Session, entry: EntryRow, by: str, now: datetime) -> None:
    """Take an entry out of sight; it can come back. Nothing about it is left to review. Raises Invalid."""
    lock_row(session, entry)
    if entry.state not in (EntryState.PUBLIC, EntryState.HELD_BACK):
        raise Invalid("state", "This entry is not public anyway.")
    reviewed(session, entry, by, now)
    entry.state, entry.decided = EntryState.HIDDEN, True
    entries.touch(session, entry, now)


def show(session: Session, entry: EntryRow, now: datetime) -> None:
    """Put in an entry that was hidden or held back: no judgement takes it out again. Raises Invalid."""
    lock_row(session, entry)
    if entry.state not in (EntryState.HIDDEN, EntryState.HELD_BACK):
        raise Invalid("state", "Only an entry that was hidden or held back can be put into the archive.")
    entry.state, entry.decided, entry.held_back = EntryState.PUBLIC, True, None
    tell(session, HookEvent.ENTRY_PUBLISHED, entry.id)
    entries.touch(session, entry, now)
