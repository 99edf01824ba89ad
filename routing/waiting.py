"""When somebody can be asked who cannot be asked now."""

from datetime import UTC, datetime, timedelta
from math import isfinite

import numpy as np

from routing.availability import Mask
from routing.roster import Roster, Rows, Workload

_MOST_PAUSES = 50
"""Different ends of pauses looked at: the earliest count."""


def chances_to_ask(
    roster: Roster, workload: Workload, whom: Mask, now: datetime, retry: timedelta
) -> list[datetime]:
    """Moments at which one of these people becomes available: by duty, a pause's end, a new day, a free hand.

    One moment for each way; none when nobody ever will. ``retry`` is when to look again for somebody whose
    hands are full: nobody knows when they will be free.
    """
    below = workload.under_daily_cap()
    paused = roster.paused_until > now.timestamp()
    ready = np.flatnonzero(whom & below & ~paused)
    moments = [
        _on_duty(roster, ready, now, retry),
        *_after_pauses(roster, np.flatnonzero(whom & below & paused)),
        *_after_midnight(roster, np.flatnonzero(whom & ~below), now),
    ]
    return [moment for moment in moments if moment is not None]


def _on_duty(roster: Roster, ready: Rows, now: datetime, retry: timedelta) -> datetime | None:
    moment = roster.calendar.next_on_duty(ready, now)
    return now + retry if moment is not None and moment <= now else moment


def _after_pauses(roster: Roster, paused: Rows) -> list[datetime | None]:
    ends = sorted({end for end in roster.paused_until[paused].tolist() if isfinite(end)})[:_MOST_PAUSES]
    return [
        roster.calendar.next_on_duty(
            paused[roster.paused_until[paused] == end], datetime.fromtimestamp(end, tz=UTC)
        )
        for end in ends
    ]


def _after_midnight(roster: Roster, capped: Rows, now: datetime) -> list[datetime | None]:
    zones = roster.calendar.zone_of[capped]
    return [
        roster.calendar.next_on_duty(capped[zones == zone], roster.calendar.next_midnight(zone, now))
        for zone in sorted(set(zones.tolist()))
    ]
