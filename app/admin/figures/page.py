"""Figures: what was asked and answered in any span of days, beside what it was before, for page and file."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated

from fastapi import Query, Request, Response

from app.admin.figures import shown as parts
from app.admin.figures.goals import UNITS
from app.admin.figures.span import Span, group_named, span_named, usual_spans
from app.admin.figures.table import COLUMNS, lines
from app.files.csv_files import csv_text
from app.identity.auth import MayWatch, Person, guarded
from app.public.caches import kept_by_app
from app.web import phrasing
from app.web.html import render
from app.wiring.composition import Chorus, Here
from app.wiring.steering.rules import prices_of, working_hours_of
from bot.actions.figures.goals import judged
from bot.actions.figures.read import DayReader, FiguresKept
from bot.roles import Permission
from bot.store.departments import directory
from bot.store.engine import Session
from bot.store.figures import days, votes
from bot.store.people import staff
from bot.store.queries.pages import desk
from bot.store.topics import named as topics
from bot.text.times.hours import format_hours
from routing.figures.columns import Column
from routing.figures.grouping import COLUMNS as GROUPED_BY
from routing.figures.grouping import NONE, FigureGroup, GroupBy, grouped, spans
from routing.figures.summary import COUNTED, course_by, satisfaction_by
from routing.figures.tally import QuestionTally
from routing.figures.value import value_of

router = guarded("/admin")

_MOST_ROWS = 50
"""So many groups stand on the page; the file has all of them."""
_Named = Annotated[str, Query(max_length=40)]
_From = Annotated[str, Query(alias="from", max_length=40)]


@router.get("/figures")
def page(
    request: Request, chorus: Here, person: MayWatch, start: _From = "", to: _Named = "", by: _Named = ""
) -> Response:
    """What was asked and answered."""
    hours = working_hours_of(chorus.settings)
    with chorus.database.read() as session:
        today = chorus.database.now(session).astimezone(hours.zone).date()
        span, group = span_named(start, to, today), group_named(by, person)
        course = parts.course_of(span)
        columns = tuple(dict.fromkeys((*COUNTED, *_column(group))))
        reader = DayReader(session, hours)
        found = reader.read(span.first, span.last, columns)
        kept = kept_by_app(request, "figures_before", FiguresKept)
        before = reader.figures(span.before.first, span.before.last, kept)
        everything, tally = found.table, QuestionTally(found.table)
        most = _MOST_ROWS if group is not GroupBy.HOUR else None
        grouping = grouped(everything, group, span.first, span.last, _owners(session, group), tally, most)
        now, shown = grouping.together, grouping.groups
        names, points = spans(everything, course, span.first, span.last)
        months, of_months = spans(everything, GroupBy.MONTH, span.first, span.last)
        course_points = course_by(everything, points, len(names), tally)
        every, prices = parts.all_compared(now, before), prices_of(chorus.settings)
        topic_names = desk.topic_names(session)
        helped = votes.between(session, span.first, span.last)
        return render(
            request,
            "admin/figures/page.html",
            person=person,
            span=span,
            by=group,
            choices=[one for one in GroupBy if _may_group(one, person)],
            usual=usual_spans(today),
            found=found,
            compared=every,
            headlines=parts.headlines(every),
            charts=parts.charts(names, course_points, course),
            table=parts.group_table(shown, _names(session, group, [one.key for one in shown])),
            week=parts.week_of(shown) if group is GroupBy.HOUR else None,
            more=grouping.more,
            backlog=parts.backlog(days.waiting_by_day(session), today),
            months=parts.months_shown(months, satisfaction_by(everything, of_months, len(months), tally)),
            helped=helped,
            prices=prices,
            value=value_of(now, helped.helpful, prices),
            day_names=parts.DAY_NAMES,
            zone_of_days=hours.zone.key,
            business_hours=format_hours(hours.shifts),
            has_closed_days=bool(hours.closed),
            goals=parts.goals_shown(
                judged(session, reader, chorus.database.now(session)), topics.all_names(session)
            ),
            topics=topic_names,
            units=list(UNITS),
        )


@router.get("/figures.csv")
def as_csv(chorus: Here, person: MayWatch, start: _From = "", to: _Named = "", by: _Named = "") -> Response:
    """The same, for a spreadsheet: a row for each group."""
    with chorus.database.read() as session:
        span, group = span_named(start, to, today_of(chorus, session)), group_named(by, person)
        groups = groups_of(chorus, session, span, group)
        is_numbered = group in (GroupBy.PERSON, GroupBy.DEPARTMENT)
        names = _names(session, group, [one.key for one in groups]) if is_numbered else {}
    name = f"figures-{span.first}-{span.last}-{group}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(
        csv_text(COLUMNS, lines(groups, names)), media_type="text/csv; charset=utf-8", headers=headers
    )


def today_of(chorus: Chorus, session: Session) -> date:
    """The day that it is in the house's time zone."""
    return chorus.database.now(session).astimezone(working_hours_of(chorus.settings).zone).date()


def groups_of(chorus: Chorus, session: Session, span: Span, by: GroupBy) -> list[FigureGroup]:
    """The figures of each group of these days."""
    columns = tuple(dict.fromkeys((*COUNTED, *_column(by))))
    found = DayReader(session, working_hours_of(chorus.settings)).read(span.first, span.last, columns)
    return grouped(found.table, by, span.first, span.last, _owners(session, by)).groups


def _column(by: GroupBy) -> tuple[Column, ...]:
    return (GROUPED_BY[by],) if by in GROUPED_BY else ()


def _owners(session: Session, by: GroupBy) -> dict[str, str]:
    """Which department answers for each topic now; nobody asks where it makes no difference."""
    if by is not GroupBy.DEPARTMENT:
        return {}
    return {topic: str(department) for topic, department in directory.of_topics(session).items()}


def _names(session: Session, by: GroupBy, keys: Sequence[str]) -> Mapping[str, str]:
    """What groups are called, by their keys."""
    match by:
        case GroupBy.TOPIC:
            return topics.all_names(session)
        case GroupBy.DEPARTMENT:
            return {str(number): name for number, name in directory.names(session).items()}
        case GroupBy.PERSON:
            found = staff.names(session, [int(key) for key in keys if key != NONE])
            often = Counter(found.values())
            return {
                str(number): name if often[name] == 1 else f"{name} ({number})"
                for number, name in found.items()
            }
        case GroupBy.PLATFORM:
            return {key: phrasing.platform(key) for key in keys}
        case GroupBy.LANGUAGE:
            return {key: phrasing.language(key) for key in keys if key != NONE}
    return {}


def _may_group(by: GroupBy, person: Person) -> bool:
    return by is not GroupBy.PERSON or person.may(Permission.READ_PEOPLE)
