"""Top drivers: what most people ask about, of a department or of the house, and what that costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Query, Request, Response

from app.admin.departments.sight import department_seen
from app.files.csv_files import csv_text
from app.identity.auth import MayReadDepartments, MayReadQuestions, Person, guarded
from app.web import phrasing
from app.web.forms import RowId
from app.web.html import render, zone_of
from app.wiring.composition import Chorus, Here
from bot.store.departments import directory
from bot.store.departments.answers import public_help
from bot.store.departments.drivers import (
    MOST_READ,
    NOBODYS,
    DriverFacet,
    drivers,
    in_all,
    matters_named,
    period,
    said,
)
from bot.store.engine import Session
from bot.store.matters.costs import MINUTES_A_PASS, MatterCost, costs
from bot.store.matters.surges import going_on_in
from bot.store.tables.departments import DepartmentRow
from bot.store.topics import named as topics
from bot.text.display import plain
from routing.matters.drivers import RAREST, Driver, DriverPeriod, by_product_word

router = guarded("/admin")

_LISTED = 50
_IN_FILE = 1_000
_MINUTE = timedelta(minutes=1)
_By = Annotated[DriverFacet, Query()]


@dataclass(frozen=True, slots=True)
class DriverLine:
    """A driver as a page shows it: what it is called, its page and what it costs, where it has any.

    ``surge`` is of a matter alone: how its surge was noticed, empty where it does not surge now.
    """

    driver: Driver
    name: str
    address: str = ""
    surge: str | None = None
    cost: MatterCost | None = None


@dataclass(frozen=True, slots=True)
class DriverReport:
    """What drives the questions of a department (None: of the house), by one facet."""

    by: DriverFacet
    period: DriverPeriod
    department: DepartmentRow | None
    total: Driver
    lines: tuple[DriverLine, ...]
    is_complete: bool
    """Whether all questions of these weeks were read, where their words are counted."""


@router.get("/drivers")
def of_house(
    request: Request, chorus: Here, person: MayReadQuestions, by: _By = DriverFacet.MATTER
) -> Response:
    """What drives the questions of the whole house."""
    return _page(request, chorus, person, None, by)


@router.get("/drivers.csv")
def of_house_as_csv(chorus: Here, person: MayReadQuestions, by: _By = DriverFacet.MATTER) -> Response:
    """The same for a spreadsheet."""
    return _file(chorus, person, None, by)


@router.get("/departments/{department_id}/drivers")
def of_department(
    request: Request,
    chorus: Here,
    person: MayReadDepartments,
    department_id: RowId,
    by: _By = DriverFacet.MATTER,
) -> Response:
    """What drives the questions of a department."""
    return _page(request, chorus, person, department_id, by)


@router.get("/departments/{department_id}/drivers.csv")
def of_department_as_csv(
    chorus: Here, person: MayReadDepartments, department_id: RowId, by: _By = DriverFacet.MATTER
) -> Response:
    """The same for a spreadsheet."""
    return _file(chorus, person, department_id, by)


def _page(
    request: Request, chorus: Chorus, person: Person, department_id: int | None, by: DriverFacet
) -> Response:
    with chorus.database.read() as session:
        report = _report(chorus, session, person, department_id, by, _LISTED)
        surging = [
            one.driver.key
            for one in report.lines
            if one.surge is not None and isinstance(one.driver.key, int)
        ]
        surges = going_on_in(session, surging, report.period.end)
        helped = public_help(session, report.period, department_id, zone_of(None, chorus.settings.timezone))
    return render(
        request,
        "admin/drivers.html",
        person=person,
        report=report,
        surges=surges,
        here="/admin/drivers" if department_id is None else f"/admin/departments/{department_id}/drivers",
        facets=[one for one in DriverFacet if one is not DriverFacet.DEPARTMENT or department_id is None],
        public_help=helped,
        most_read=MOST_READ,
        rarest=RAREST,
        minutes_an_answer=chorus.settings.matters.minutes_an_answer,
        minutes_a_pass=MINUTES_A_PASS,
    )


def _file(chorus: Chorus, person: Person, department_id: int | None, by: DriverFacet) -> Response:
    with chorus.database.read() as session:
        report = _report(chorus, session, person, department_id, by, _IN_FILE)
    columns, rows = _of_weeks(report) if by is DriverFacet.WEEK else _of_drivers(report)
    name = "drivers" if department_id is None else f"drivers-department-{department_id}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}-by-{by.value}.csv"',
        "Cache-Control": "no-store",
    }
    return Response(csv_text(columns, rows), media_type="text/csv; charset=utf-8", headers=headers)


def _of_weeks(report: DriverReport) -> tuple[list[str], list[list[object]]]:
    ends = (f"{end:%Y-%m-%d}" for _, end in report.period.weeks)
    return ["week_to", "people"], [list(one) for one in zip(ends, report.total.weeks, strict=True)]


def _of_drivers(report: DriverReport) -> tuple[list[str], list[list[object]]]:
    weeks = [f"people_in_week_to_{end:%Y-%m-%d}" for _, end in report.period.weeks]
    columns = [report.by.value, *weeks, "people_in_all", "usual_a_week", "more_than_usual", "waiting"]
    if report.by is DriverFacet.MATTER:
        columns += ["people_minutes", "waited_minutes"]
    rows: list[list[object]] = [
        [
            one.name,
            *one.driver.weeks,
            one.driver.people,
            "" if one.driver.usual is None else round(one.driver.usual, 1),
            "yes" if one.driver.is_more or one.surge else "no",
            one.driver.waiting,
            *([round(one.cost.work / _MINUTE), round(one.cost.waited / _MINUTE)] if one.cost else []),
        ]
        for one in report.lines
    ]
    return columns, rows


def _report(
    chorus: Chorus,
    session: Session,
    person: Person,
    department_id: int | None,
    by: DriverFacet,
    limit: int,
) -> DriverReport:
    department = None if department_id is None else department_seen(session, person, department_id)
    if by is DriverFacet.DEPARTMENT and department is not None:
        by = DriverFacet.MATTER
    at = period(session, chorus.database.now(session))
    total, is_complete = in_all(session, at, department_id), True
    if by is DriverFacet.WORD:
        asked = said(session, at, department_id)
        is_complete = len(asked) < MOST_READ
        found = by_product_word(asked, _product_words(session, department_id), at)[:limit]
    elif by is DriverFacet.WEEK:
        found = [total]
    else:
        found = drivers(session, at, by, department_id, limit)
    lines = _named(chorus, session, by, found, at, zone_of(person, chorus.settings.timezone))
    return DriverReport(by, at, department, total, tuple(lines), is_complete)


def _product_words(session: Session, department_id: int | None) -> list[str]:
    """The keywords of a department's topics, or of all."""
    owners = directory.of_topics(session)
    known = topics.as_known(session)
    mine = [one for one in known if department_id is None or owners.get(one.slug) == department_id]
    return list(dict.fromkeys(word for one in mine for word in one.keywords))


def _named(
    chorus: Chorus,
    session: Session,
    by: DriverFacet,
    found: Sequence[Driver],
    at: DriverPeriod,
    zone: ZoneInfo,
) -> list[DriverLine]:
    if by is DriverFacet.MATTER:
        return _matters(chorus, session, found, at)
    if by is DriverFacet.WEEK:
        return _weeks(found[0], at, zone)
    names: dict[Any, str] = {}
    if by is DriverFacet.TOPIC:
        names |= topics.all_names(session)
        names[None] = "no topic"
    elif by is DriverFacet.DEPARTMENT:
        names |= directory.names(session)
        names[NOBODYS] = "nobody's"
    elif by is DriverFacet.PLATFORM:
        names.update((one.key, phrasing.platform(str(one.key))) for one in found)
    elif by is DriverFacet.LANGUAGE:
        names.update((one.key, phrasing.language(str(one.key)) if one.key else "not known") for one in found)
    return [DriverLine(one, plain(str(names.get(one.key, one.key)))) for one in found]


def _matters(chorus: Chorus, session: Session, found: Sequence[Driver], at: DriverPeriod) -> list[DriverLine]:
    ids = [one.key for one in found if isinstance(one.key, int)]
    rows = matters_named(session, ids)
    minutes = chorus.settings.matters.minutes_an_answer
    spent = costs(session, ids, at.end, minutes_an_answer=minutes, since=at.start)
    return [
        DriverLine(one, plain(row.title), f"/admin/matters/{row.id}", row.surge, spent[row.id])
        for one in found
        if isinstance(one.key, int) and (row := rows.get(one.key)) is not None
    ]


def _weeks(total: Driver, at: DriverPeriod, zone: ZoneInfo) -> list[DriverLine]:
    """One line for each week, the latest first."""
    days = [f"{phrasing.day(begins, zone)} to {phrasing.day(ends, zone)}" for begins, ends in at.weeks]
    return [
        DriverLine(Driver(name, (people,), people, 0, 0), name)
        for name, people in zip(days, total.weeks, strict=True)
    ]
