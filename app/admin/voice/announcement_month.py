"""A month of announcements as a calendar of the brand, and one of its days with all that goes out on it."""

import re
from calendar import Calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Query, Request, Response

from app.admin.voice.announcements import house_zone
from app.identity.auth import MayWatch, guarded
from app.web.forms import PageStart
from app.web.html import render
from app.wiring.composition import Here
from bot.store.queries.voice import announcements as reads
from bot.store.queries.voice.announcements import AnnouncementView

router = guarded("/admin")
_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
_DAY = re.compile(r"20\d\d-\d\d-\d\d")
_MONTHS = 12
_ON_A_DAY = 5
"""So many announcements of a day the calendar shows; the day's own page has all."""


@dataclass(frozen=True, slots=True)
class MonthDay:
    """A day of a month's calendar; ``is_in`` is False for those of the months beside it.

    ``views`` are the first of what is planned for it, ``more`` is how many follow.
    """

    on: date
    is_in: bool
    views: tuple[AnnouncementView, ...]
    more: int = 0


def month_named(text: str, today: date) -> date:
    """The first day of the month that an address names (``2026-03``); of the present one for none."""
    named = _MONTH.fullmatch(text)
    return date(int(named[1]), int(named[2]), 1) if named else today.replace(day=1)


def moved(month: date, by: int) -> date:
    """The first day of the month so many months later."""
    count = month.year * _MONTHS + month.month - 1 + by
    return date(count // _MONTHS, count % _MONTHS + 1, 1)


def day_named(text: str, today: date) -> date:
    """The day that an address names (``2026-03-05``); the present one for none."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else today
    except ValueError:
        return today


def days_of(moments: Sequence[tuple[int, datetime]], zone: ZoneInfo) -> dict[date, list[int]]:
    """The ids of what is planned for each day on the clock of ``zone``, in the order they come in."""
    found: dict[date, list[int]] = {}
    for number, at in moments:
        found.setdefault(at.astimezone(zone).date(), []).append(number)
    return found


def weeks_of(
    month: date, days: Mapping[date, Sequence[int]], views: Mapping[int, AnnouncementView]
) -> list[list[MonthDay]]:
    """The weeks of a month, from Monday on: of what is planned for their days what is among ``views``."""
    weeks = []
    for week in Calendar().monthdatescalendar(month.year, month.month):
        planned = [(on, days.get(on, ())) for on in week]
        shown = [(on, ids, tuple(views[one] for one in ids if one in views)) for on, ids in planned]
        weeks.append(
            [MonthDay(on, on.month == month.month, some, len(ids) - len(some)) for on, ids, some in shown]
        )
    return weeks


@router.get("/announcements/month")
def page(
    request: Request, chorus: Here, person: MayWatch, month: Annotated[str, Query(max_length=10)] = ""
) -> Response:
    """What goes out, and went out, day by day of a month."""
    zone = house_zone(chorus)
    with chorus.database.read() as session:
        today = chorus.database.now(session).astimezone(zone).date()
        shown = month_named(month, today)
        start, end = (datetime(one.year, one.month, 1, tzinfo=zone) for one in (shown, moved(shown, 1)))
        days = days_of(reads.moments(session, start, end), zone)
        views = reads.numbered(session, [one for ids in days.values() for one in ids[:_ON_A_DAY]])
    return render(
        request,
        "admin/announcements_month.html",
        person=person,
        month=shown,
        before=moved(shown, -1),
        after=moved(shown, 1),
        weeks=weeks_of(shown, days, {one.row.id: one for one in views}),
        today=today,
        house_zone=zone,
    )


@router.get("/announcements/day")
def day_page(
    request: Request,
    chorus: Here,
    person: MayWatch,
    on: Annotated[str, Query(max_length=10)] = "",
    after: PageStart = None,
) -> Response:
    """All that goes out, and went out, on a day, by pages."""
    zone = house_zone(chorus)
    with chorus.database.read() as session:
        shown = day_named(on, chorus.database.now(session).astimezone(zone).date())
        start, end = (
            datetime(one.year, one.month, one.day, tzinfo=zone) for one in (shown, shown + timedelta(days=1))
        )
        views, further = reads.between(session, start, end, after)
    return render(
        request,
        "admin/announcements_day.html",
        person=person,
        on=shown,
        views=views,
        after=after,
        further=further,
        house_zone=zone,
    )
