"""A month of announcements as a calendar of the brand: what is planned for each day, or went out on it."""

import re
from calendar import Calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Query, Request, Response

from app.admin.voice.announcements import house_zone
from app.identity.auth import MayWatch, guarded
from app.web.html import render
from app.wiring.composition import Here
from bot.store.queries.voice import announcements as reads
from bot.store.queries.voice.announcements import AnnouncementView

router = guarded("/admin")
_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class MonthDay:
    """A day of a month's calendar; ``is_in`` is False for those of the months beside it."""

    on: date
    is_in: bool
    views: tuple[AnnouncementView, ...]


def month_named(text: str, today: date) -> date:
    """The first day of the month that an address names (``2026-03``); of the present one for none."""
    named = _MONTH.fullmatch(text)
    return date(int(named[1]), int(named[2]), 1) if named else today.replace(day=1)


def moved(month: date, by: int) -> date:
    """The first day of the month so many months later."""
    count = month.year * _MONTHS + month.month - 1 + by
    return date(count // _MONTHS, count % _MONTHS + 1, 1)


def weeks_of(month: date, views: Sequence[AnnouncementView], zone: ZoneInfo) -> list[list[MonthDay]]:
    """The weeks of a month, from Monday on, with what is planned for their days on the clock of ``zone``."""
    found: dict[date, list[AnnouncementView]] = {}
    for one in views:
        if one.row.planned_at is not None:
            found.setdefault(one.row.planned_at.astimezone(zone).date(), []).append(one)
    return [
        [MonthDay(on, on.month == month.month, tuple(found.get(on, ()))) for on in week]
        for week in Calendar().monthdatescalendar(month.year, month.month)
    ]


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
        views = reads.between(session, start, end)
    return render(
        request,
        "admin/announcements_month.html",
        person=person,
        month=shown,
        before=moved(shown, -1),
        after=moved(shown, 1),
        weeks=weeks_of(shown, views, zone),
        today=today,
        house_zone=zone,
    )
