"""Who is there when, and whether somebody who knows a subject is: hour by hour, for those in charge."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from routing.ladder.roster import Roster
from routing.model.arrays import Mask
from routing.model.domain import Employee

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of full hours in which nobody who knows a subject is on duty; ``until`` is the end of it."""

    since: datetime
    until: datetime


def there(roster: Roster, hours: Sequence[datetime]) -> Mask:
    """Who is on duty and not paused at each of these moments: a row each, a column for everybody."""
    rows = [roster.available(hour) for hour in hours]
    return np.array(rows, dtype=np.bool_).reshape(len(hours), len(roster))


def people_by_hour(roster: Roster, topic: str, present: Mask) -> tuple[int, ...]:
    """How many of those present declared a topic, in each row of ``there``."""
    return tuple(int(number) for number in present[:, roster.level(topic) > 0].sum(axis=1))


def people_there(roster: Roster, present: Mask) -> list[Employee]:
    """Whoever is there in one row at least."""
    return [roster.employees[position] for position in np.flatnonzero(np.any(present, axis=0))]


def gaps(people: Sequence[int], hours: Sequence[datetime]) -> list[Gap]:
    """The stretches in which nobody is there, in their order; ``hours`` follow each other."""
    found: list[Gap] = []
    for number, hour in zip(people, hours, strict=True):
        if number:
            continue
        if found and found[-1].until == hour:
            found[-1] = Gap(found[-1].since, hour + HOUR)
        else:
            found.append(Gap(hour, hour + HOUR))
    return found
