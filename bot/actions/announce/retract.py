"""An announcement that is out is taken back on every platform: by the same way as an answer."""

from datetime import datetime

from bot.actions.taking_back.take_down import take_down
from bot.actions.undecidable import Undecidable
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
from bot.store.house import announcements
from bot.store.row_locks import lock_row, supersede_all
from bot.store.tables.announcements import AnnouncementRow

RETRACTABLE = (AnnouncementState.PUBLISHING, AnnouncementState.PUBLISHED, AnnouncementState.FAILED)
"""States of an announcement of which something may be out."""


def retract(session: Session, row: AnnouncementRow, why: str, now: datetime) -> int:
    """Take it back everywhere; how many posts are taken down is returned. Raises Undecidable.

    What has not gone out stays in, and what is just going out is taken down once it is known to be there.
    """
    lock_row(session, row)
    if not why:
        raise Undecidable("Say why it is taken back: whoever proposed it reads that.")
    messages = announcements.held_messages(session, row.id)
    may_be_out = any(one.state in (DeliveryState.SENT, *UNSURE) for one in messages)
    if row.state not in RETRACTABLE or not may_be_out:
        raise Undecidable("Nothing of it is out (any more).")
    never_out = [one for one in messages if one.state in (*NOT_STARTED, *STUCK) and one.state not in UNSURE]
    gone = {"state": DeliveryState.WITHDRAWN, "code": DeliveryCode.TAKEN_BACK, "due_at": None}
    supersede_all(session, never_out, reason=why, **gone)
    row.state, row.note, row.published_at = AnnouncementState.WITHDRAWN, why, None
    rows.keep(session, row)
    out = [one for one in messages if one.state == DeliveryState.SENT]
    take_down(session, out, now)
    changes.append(session, ChangeKind.WORK, 0, now)
    return len(out)
