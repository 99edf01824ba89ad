"""A calendar of holidays, as a file or pasted among the closed days: shown as lines before it counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Request

from app.wiring.composition import Chorus
from app.wiring.steering.rules import locked
from bot.text.times.calendars import MOST_BYTES, DaysTaken, days_of_calendar, split_calendar
from bot.text.times.closed_days import NotClosedDay, pasted_days

CALENDAR_FIELD = "calendar"
_RULE = "closed_days"


@dataclass(frozen=True, slots=True)
class CalendarRead:
    """A form with the days of its calendar in the field of closed days.

    Or ``errors``: why they are not, by the field in which the calendar came.
    """

    typed: Mapping[str, str]
    taken: DaysTaken | None = None
    errors: Mapping[str, str] = field(default_factory=dict)


async def _chosen(request: Request) -> str:
    form = await request.form(max_fields=2000)
    chosen = form.get(CALENDAR_FIELD)
    if chosen is None or isinstance(chosen, str) or not chosen.filename:
        return ""
    content = await chosen.read(MOST_BYTES + 1)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    return text.replace("\0", "") or " "


ChosenCalendar = Annotated[str, Depends(_chosen)]
"""The file that was chosen in a form; empty: none."""


def with_calendar(chorus: Chorus, typed: Mapping[str, str], chosen: str) -> CalendarRead | None:
    """The days of a calendar among those that are typed already; None: there is no calendar."""
    if _RULE in locked(chorus.given):
        return None
    lines, pasted = split_calendar(typed.get(_RULE, ""))
    if not (chosen or pasted):
        return None
    present = pasted_days(lines)
    today = chorus.clock().astimezone(ZoneInfo(chorus.settings.timezone)).date()
    try:
        taken = days_of_calendar(chosen or pasted, present, today)
    except NotClosedDay as error:
        return CalendarRead(typed, errors={CALENDAR_FIELD if chosen else _RULE: f"It {error}."})
    return CalendarRead({**typed, _RULE: "\n".join([*present, *taken.lines])}, taken)
