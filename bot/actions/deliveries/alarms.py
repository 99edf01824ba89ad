"""Telling people in charge what waits for them: of each thing once, and of one kind of thing now and then."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import product

from bot.channels.alarms import Alarm
from bot.store.conversations import notices
from bot.store.engine import Session
from bot.store.queries.board import department_alarms

BETWEEN_ALARMS = timedelta(minutes=10)
"""People in charge hear of one kind of thing at most once in this time."""


def queue_alarms(session: Session, now: datetime, *, personal: Sequence[str], team: Sequence[str]) -> int:
    """Notices about what people in charge have not been told of yet; how many is returned.

    ``personal`` and ``team`` name the channels by whom they reach. Whoever is in charge of a department, and
    not of everything, hears of what is overdue there.
    """
    queued = 0
    for kind, ids in notices.standing(session, now).items():
        for new in _untold(session, kind, ids, now):
            targets = _targets(session, kind, personal, team)
            for channel, person in targets:
                notices.queue_alarm(session, kind, new, channel, person, now)
            queued += len(targets)
            if targets:
                notices.note_alarm(session, kind, ids, now)
    return queued + (_queue_of_departments(session, now, personal) if personal else 0)


def _queue_of_departments(session: Session, now: datetime, personal: Sequence[str]) -> int:
    queued = 0
    for kind, found in department_alarms.overdue(session, now).items():
        hears = {one: department_alarms.hear_of(session, one) for one in {each.department for each in found}}
        heard = {each.key: each for each in found if hears[each.department]}
        for new in _untold(session, f"{kind}:departments", list(heard), now):
            for one, people in hears.items():
                ids = [heard[key].number for key in new if heard[key].department == one]
                for channel, person in product(personal, people) if ids else ():
                    notices.queue_alarm(session, kind, ids, channel, person, now, department=one)
                    queued += 1
            notices.note_alarm(session, f"{kind}:departments", list(heard), now)
    return queued


def _untold(session: Session, kind: str, ids: Sequence[str], now: datetime) -> Iterator[list[str]]:
    """What nobody was told of yet, once, where it is time; what is over is forgotten, to be told anew."""
    last = notices.last_alarm(session, kind)
    new = [one for one in ids if one not in last.ids]
    if new and (last.at is None or abs(now - last.at) >= BETWEEN_ALARMS):
        yield new
    elif last.at is not None and last.ids - set(ids):
        notices.note_alarm(session, kind, [one for one in ids if one in last.ids], last.at)


def _targets(
    session: Session, kind: Alarm, personal: Sequence[str], team: Sequence[str]
) -> list[tuple[str, int | None]]:
    """By which channel who hears of a kind of thing; None: the team."""
    people = notices.in_charge(session, kind) if personal else ()
    return [*((channel, one) for channel in personal for one in people), *((one, None) for one in team)]
