"""Who is on duty now and on a day to come, and in which hours nobody who knows a topic is."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import compress
from typing import Annotated
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from fastapi import Query, Request, Response

from app.identity.auth import MayReadPeople, guarded
from app.web.html import render, zone_of
from app.web.problems import Problem
from app.wiring.composition import Chorus, Here
from app.wiring.steering.rules import working_hours_of
from bot.store.engine import Database, Session
from bot.store.queries import routing as reads
from bot.store.queries.pages import desk
from routing.ladder.coverage import HOUR, Gap, gaps, people_by_hour, people_there, there
from routing.ladder.roster import Roster
from routing.model.arrays import Mask
from routing.model.domain import Employee

router = guarded("/admin")

AHEAD = 7
"""Days, today among them, of which the page tells the gaps."""
NAMED = 60
"""So many people are named; of the others it says how many they are."""
GAPS_NAMED = 8


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Who is there: how many, and the first of them by name."""

    number: int
    first: tuple[Employee, ...]


@dataclass(frozen=True, slots=True)
class CoveredTopic:
    """A topic: how many who know it are there in each hour of a day, and when nobody is in days to come."""

    slug: str
    name: str
    people: tuple[int, ...]
    gaps: tuple[Gap, ...]


@router.get("/coverage")
def shown(
    request: Request,
    chorus: Here,
    person: MayReadPeople,
    day: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """The hours of one day, and the gaps of the next seven, on the brand's calendar."""
    zone = zone_of(None, chorus.settings.timezone)
    with chorus.database.read() as session:
        now = chorus.database.now(session)
        roster = _roster(chorus, session)
        topics = desk.topic_names(session)
    today = now.astimezone(zone).date()
    wanted = _day(day, today)
    days = {today + timedelta(days=one) for one in range(AHEAD)} | {wanted}
    hours = [hour for one in sorted(days) for hour in hours_of(one, zone)]
    present = there(roster, hours)
    is_ahead = [_is_ahead(hour, now, today, zone) for hour in hours]
    is_shown = [hour.astimezone(zone).date() == wanted for hour in hours]
    ahead = list(compress(hours, is_ahead))
    counted = {slug: people_by_hour(roster, slug, present) for slug in topics}
    return render(
        request,
        "admin/coverage.html",
        person=person,
        house_zone=zone,
        day=wanted,
        closed=working_hours_of(chorus.settings).closed.on(wanted),
        days=[today + timedelta(days=one) for one in range(AHEAD)],
        hours=[hour.astimezone(zone) for hour in compress(hours, is_shown)],
        everybody=len(roster),
        at_work=_named(roster, there(roster, [now])),
        that_day=_named(roster, present[is_shown]),
        topics=[
            CoveredTopic(
                slug,
                name,
                tuple(compress(counted[slug], is_shown)),
                tuple(gaps(list(compress(counted[slug], is_ahead)), ahead)),
            )
            for slug, name in topics.items()
        ],
        gaps_named=GAPS_NAMED,
        problems=roster.problems,
    )


def _is_ahead(hour: datetime, now: datetime, today: date, zone: ZoneInfo) -> bool:
    """Whether an hour is not over and lies within the days of which gaps are told."""
    return hour + HOUR > now and (hour.astimezone(zone).date() - today).days < AHEAD


_ROSTERS: WeakKeyDictionary[Database, tuple[int, Roster]] = WeakKeyDictionary()
"""The people as last read from each database, with the version that they were read at."""


def _roster(chorus: Chorus, session: Session) -> Roster:
    version = reads.roster_version(session)
    known = _ROSTERS.get(chorus.database)
    if known is None or known[0] != version:
        known = _ROSTERS[chorus.database] = version, Roster(reads.employees(session))
    return known[1]


def hours_of(day: date, zone: ZoneInfo) -> list[datetime]:
    """The full hours of a day on the clocks of ``zone``, in UTC: 23 or 25 where these change."""
    hour = datetime.combine(day, time(), zone).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    found = []
    while hour < end:
        found.append(hour)
        hour += HOUR
    return found


def _named(roster: Roster, present: Mask) -> OnDuty:
    """Whoever is there in one of these rows at least."""
    people = sorted(people_there(roster, present), key=lambda one: (one.name.lower(), one.id))
    return OnDuty(len(people), tuple(people[:NAMED]))


def _day(text: str, today: date) -> date:
    """The day that an address names; today where it names none. Raises Problem 422."""
    if not text:
        return today
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Problem(422, "Write the day like 2026-03-05.") from None
    if abs((day - today).days) > 366:
        raise Problem(422, "Choose a day within a year of today.")
    return day
