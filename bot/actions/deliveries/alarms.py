"""Telling people in charge what waits for them: of each thing once, and of one kind of thing now and then."""

from datetime import datetime, timedelta

from bot.store.conversations import notices
from bot.store.engine import Session

BETWEEN_ALARMS = timedelta(minutes=10)
"""People in charge hear of one kind of thing at most once in this time."""


def queue_alarms(session: Session, now: datetime, *, mail: bool, webhook: bool) -> int:
    """Notices about what people in charge have not been told of yet; how many is returned."""
    people: list[int | None] = list(notices.in_charge(session)) if mail else []
    targets = [(notices.MAIL, one) for one in people] + ([(notices.WEBHOOK, None)] if webhook else [])
    queued = 0
    for kind, ids in notices.standing(session, now).items():
        last = notices.last_alarm(session, kind)
        new = [one for one in ids if one not in last.ids]
        if new and targets and (last.at is None or abs(now - last.at) >= BETWEEN_ALARMS):
            for channel, person in targets:
                notices.queue_alarm(session, kind, new, channel, person, now)
            queued += len(targets)
            notices.note_alarm(session, kind, ids, now)
        elif last.at is not None and last.ids - set(ids):
            notices.note_alarm(session, kind, [one for one in ids if one in last.ids], last.at)
    return queued
