"""How far an announcement has come, by what became of its messages."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.channels.customers.announced import MailingKind
from bot.states import NOT_STARTED, UNSURE, AnnouncementState, ChangeKind, DeliveryState
from bot.store import changes, rows
from bot.store.engine import Session
from bot.store.house import announcements, subscribers
from bot.store.row_locks import locked_rows
from bot.store.tables.announcements import AnnouncementRow
from bot.store.tables.conversations import DeliveryRow

_UNDER_WAY = (*NOT_STARTED, *UNSURE)


def follow(session: Session, messages: Iterable[DeliveryRow], now: datetime) -> None:
    """The announcements, if any, of which these messages are parts come as far as their messages have."""
    ids = [one.announcement_id for one in messages if one.announcement_id is not None]
    for row in locked_rows(session, AnnouncementRow, ids):
        follow_one(session, row, now)


def follow_one(session: Session, row: AnnouncementRow, now: datetime) -> None:
    """An announcement comes as far as its messages have; it is held."""
    if row.state == AnnouncementState.WITHDRAWN:
        return
    messages = announcements.messages(session, row.id)
    state = _state(messages)
    if out_on(messages) and row.published_at is None:
        row.published_at = now
        kind = MailingKind.ANNOUNCED if row.corrects_id is None else MailingKind.CORRECTED
        subscribers.begin(session, row.id, kind, now)
    if state is not None and state != row.state:
        row.state = state
        changes.append(session, ChangeKind.WORK, 0, now)
    rows.keep(session, row)


def out_on(messages: Sequence[DeliveryRow]) -> list[str]:
    """The platforms on which all of it is out."""
    states = defaultdict(set)
    for one in messages:
        states[one.platform].add(one.state)
    return [name for name, found in states.items() if found == {DeliveryState.SENT}]


def _state(messages: Sequence[DeliveryRow]) -> AnnouncementState | None:
    """None where nothing has been tried yet."""
    if not any(one.first_sent_at is not None for one in messages):
        return None
    if any(one.state in _UNDER_WAY for one in messages):
        return AnnouncementState.PUBLISHING
    return AnnouncementState.PUBLISHED if out_on(messages) else AnnouncementState.FAILED
