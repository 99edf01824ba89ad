"""An announcement that is out is taken back on every platform: by the same way as an answer."""

from datetime import datetime

from bot.actions.taking_back.take_down import take_down
from bot.actions.undecidable import NotAsGiven, Undecidable
from bot.channels.customers.announced import MailingKind
from bot.states import (
    NOT_STARTED,
    STUCK,
    UNSURE,
    AnnouncementState,
    ChangeKind,
    DeliveryCode,
    DeliveryState,
)
from bot.store import changes, rows
from bot.store.engine import Session
from bot.store.house import announcements, subscribers
from bot.store.row_locks import supersede_all
from bot.store.tables.announcements import AnnouncementRow

RETRACTABLE = (AnnouncementState.PUBLISHING, AnnouncementState.PUBLISHED, AnnouncementState.FAILED)
"""States of an announcement of which something may be out."""


def retract(session: Session, row: AnnouncementRow, why: str, now: datetime) -> int:
    """Take it back everywhere, as it was corrected; how many posts are taken down is returned.

    Raises Undecidable.
    What has not gone out stays in, and what is just going out is taken down once it is known to be there.
    """
    if row.corrects_id is not None:
        raise Undecidable(f"It corrects announcement {row.corrects_id}: take that back.")
    chain = announcements.held_chain(session, row.id)
    if not why:
        raise NotAsGiven("Say why it is taken back: whoever proposed it reads that.")
    messages = announcements.messages_of_all(session, [one.id for one in chain], held=True)
    may_be_out = any(one.state in (DeliveryState.SENT, *UNSURE) for one in messages)
    if row.state not in RETRACTABLE or not may_be_out:
        raise Undecidable("Nothing of it is out (any more).")
    never_out = [one for one in messages if one.state in (*NOT_STARTED, *STUCK) and one.state not in UNSURE]
    gone = {"state": DeliveryState.WITHDRAWN, "code": DeliveryCode.TAKEN_BACK, "due_at": None}
    supersede_all(session, never_out, reason=why, **gone)
    for one in chain:
        if one.state != AnnouncementState.DECLINED:
            one.state, one.note = AnnouncementState.WITHDRAWN, why
    if row.published_at is not None:
        subscribers.begin(session, row.id, MailingKind.RETRACTED, now)
    row.published_at = None
    rows.keep(session, *chain)
    out = announcements.standing(session, messages)
    take_down(session, out, now)
    changes.append(session, ChangeKind.WORK, 0, now)
    return len(out)
