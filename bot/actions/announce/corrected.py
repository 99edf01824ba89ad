"""A correction of an announcement is out on a platform: what it was to take the place of goes there."""

from collections.abc import Sequence
from datetime import datetime

from bot.actions.taking_back.take_down import take_down
from bot.actions.taking_back.way import stays
from bot.states import AnnouncementState, DeliveryState
from bot.store import rows
from bot.store.engine import Session
from bot.store.house import announcements
from bot.store.tables.announcements import AnnouncementRow
from bot.store.tables.conversations import DeliveryRow


def put_right(session: Session, sent: Sequence[DeliveryRow], now: datetime) -> None:
    """Of these messages, just noted as out, those that correct an announcement take the others' place.

    Their announcements are held, and those that they correct.
    """
    found = rows.find_all(session, AnnouncementRow, [one.announcement_id for one in sent])
    for row in found.values():
        if row.corrects_id is None or row.state == AnnouncementState.WITHDRAWN:
            continue
        names = {one.platform for one in sent if one.announcement_id == row.id}
        for name in sorted(names):
            _take_place(session, row.corrects_id, row, name, now)


def _take_place(session: Session, root_id: int, row: AnnouncementRow, name: str, now: datetime) -> None:
    own = [one for one in announcements.messages(session, row.id) if one.platform == name]
    if any(one.state != DeliveryState.SENT for one in own) or stays(own):
        return
    before = [root_id, *(one.id for one in announcements.corrections(session, [root_id]) if one.id < row.id)]
    former = announcements.messages_of_all(session, before)
    take_down(session, announcements.standing(session, [one for one in former if one.platform == name]), now)
