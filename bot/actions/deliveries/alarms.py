"""Telling people in charge what waits for them: of each thing once, and of one kind of thing now and then."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.channels.alarms import Alarm
from bot.store.conversations import notices
from bot.store.engine import Session

BETWEEN_ALARMS = timedelta(minutes=10)
"""People in charge hear of one kind of thing at most once in this time."""


def queue_alarms(session: Session, now: datetime, *, personal: Sequence[str], team: Sequence[str]) -> int:
    """Notices about what people in charge have not been told of yet; how many is returned.

    ``personal`` and ``team`` name the channels by whom they reach.
    """
    queued = 0
    for kind, ids in notices.standing(session, now).items():
        last = notices.last_alarm(session, kind)
        new = [one for one in ids if one not in last.ids]
        is_time = last.at is None or abs(now - last.at) >= BETWEEN_ALARMS
        targets = _targets(session, kind, personal, team) if new and is_time else ()
        if targets:
            for channel, person in targets:
                notices.queue_alarm(session, kind, new, channel, person, now)
            queued += len(targets)
            notices.note_alarm(session, kind, ids, now)
        elif last.at is not None and last.ids - set(ids):
            notices.note_alarm(session, kind, [one for one in ids if one in last.ids], last.at)
    return queued


def _targets(
    session: Session, kind: Alarm, personal: Sequence[str], team: Sequence[str]
) -> list[tuple[str, int | None]]:
    """By which channel who hears of a kind of thing; None: the team."""
    people = notices.in_charge(session, kind) if personal else ()
    return [*((channel, one) for channel in personal for one in people), *((one, None) for one in team)]
