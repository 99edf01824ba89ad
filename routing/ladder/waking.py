"""When somebody can be asked who cannot be asked now, and who waits for somebody that now can."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite

import numpy as np

from routing.ladder.roster import Roster, Workload
from routing.model.arrays import Ints, Mask
from routing.model.domain import TopicWeight
from routing.model.topics import Taxonomy

_MOST_PAUSES = 50
"""Different ends of pauses looked at: the earliest count."""
_SPARE = 4
"""So many more are woken than free capacity can take: the router may find that it cannot have them."""


@dataclass(frozen=True, slots=True)
class WaitingQuestion:
    """A question that waits for somebody free. ``asked`` were asked in this round, and are not again."""

    question_id: int
    language: str | None
    topics: tuple[TopicWeight, ...]
    asked: frozenset[int] = frozenset()


def to_wake(
    waiting: Sequence[WaitingQuestion],
    freed: Iterable[int],
    roster: Roster,
    workload: Workload,
    taxonomy: Taxonomy,
    now: datetime,
    limit: int,
) -> list[int]:
    """The questions to look at now that these employees may be free; the router decides.

    Those that wait longest are taken (``waiting`` is in that order), as many as the hands can hold and a few
    more; apart from those that nobody of them knows the subject of, who get a stranger at the most. So one
    free hand wakes a handful, however many wait.
    """
    able = np.zeros(len(roster), dtype=np.bool_)
    able[[roster.position[one] for one in freed if one in roster.position]] = True
    able &= roster.available(now) & workload.free()
    room = np.minimum(roster.open_cap - workload.open_offers, roster.daily_cap - workload.offers_today)
    for_knowers = np.where(able, room, 0)
    for_others = np.where(able, room + _SPARE, 0)
    woken: list[int] = []
    for one in waiting:
        if len(woken) >= limit or not (for_knowers.any() or for_others.any()):
            break
        mask = able & roster.speaks(one.language)
        mask[[roster.position[asked] for asked in one.asked if asked in roster.position]] = False
        knows = mask & _knows(one, roster, taxonomy)
        for whom, left in ((knows, for_knowers), (mask, for_others)):
            found = np.flatnonzero(whom & (left > 0))
            if len(found):
                left[found[0]] -= 1
                woken.append(one.question_id)
                break
    return woken


def _knows(one: WaitingQuestion, roster: Roster, taxonomy: Taxonomy) -> Mask:
    """Who declared the subject; everybody where nobody can tell what it is about."""
    if not one.topics:
        return np.ones(len(roster), dtype=np.bool_)
    ancestors = {topic.slug: taxonomy.ancestors(topic.slug) for topic in one.topics}
    return np.asarray(roster.coverage(one.topics, ancestors) > 0, dtype=np.bool_)


def chances_to_ask(
    roster: Roster, workload: Workload, whom: Mask, now: datetime, retry: timedelta
) -> list[datetime]:
    """Moments at which one of these people becomes available: by duty, a pause's end, a new day, free place.

    One moment for each way; none when nobody ever will. ``retry`` is when to look again for somebody on duty
    whose hands are full: nobody knows when they will be free.
    """
    below = workload.under_daily_cap()
    paused = roster.paused_until > now.timestamp()
    ready = np.flatnonzero(whom & below & ~paused)
    moments = [
        *_by_duty(roster, ready, now, retry),
        *_after_pauses(roster, np.flatnonzero(whom & below & paused)),
        *_after_midnight(roster, np.flatnonzero(whom & ~below), now),
    ]
    return [moment for moment in moments if moment is not None]


def _by_duty(roster: Roster, ready: Ints, now: datetime, retry: timedelta) -> list[datetime | None]:
    """Who is on duty has no capacity left; who is not comes on duty at a known time, be that earlier."""
    on_duty = roster.calendar.on_duty(now)[ready]
    later = roster.calendar.next_on_duty(ready[~on_duty], now)
    return [now + retry if on_duty.any() else None, later]


def _after_pauses(roster: Roster, paused: Ints) -> list[datetime | None]:
    ends = sorted({end for end in roster.paused_until[paused].tolist() if isfinite(end)})[:_MOST_PAUSES]
    return [
        roster.calendar.next_on_duty(
            paused[roster.paused_until[paused] == end], datetime.fromtimestamp(end, tz=UTC)
        )
        for end in ends
    ]


def _after_midnight(roster: Roster, capped: Ints, now: datetime) -> list[datetime | None]:
    zones = roster.calendar.zone_of[capped]
    return [
        roster.calendar.next_on_duty(capped[zones == zone], roster.calendar.next_midnight(zone, now))
        for zone in sorted(set(zones.tolist()))
    ]
