"""The departments: which there are, what each answers for, and who is in it."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Query, Request, Response

from app.admin.board.waiting import KINDS
from app.admin.confirmations import notice
from app.admin.departments.given_pages import given_to
from app.admin.departments.sight import department_seen, is_led_by, sees_all
from app.admin.figures.shown import wanted
from app.identity.auth import MayManageDepartments, MayReadDepartments, Person, guarded, see_other
from app.identity.decisions import change, decision
from app.web.forms import Fields, LongText, PageStart, RowId, ShortText, storable
from app.web.html import render, zone_of
from app.wiring.composition import Chorus, Here
from bot.actions.departments import manage
from bot.actions.people.details import Invalid
from bot.store.departments import answers, directory
from bot.store.departments.drivers import period
from bot.store.figures import goals
from bot.store.house.audit_actions import AuditAction
from bot.store.matters import campaigns
from bot.store.matters.surges import going_on
from bot.store.queries.pages import desk
from bot.store.queries.pages.staff import StaffFilter, staff
from bot.store.queries.voice import matter_list
from bot.store.queries.voice.matter_list import MatterFilter
from bot.store.tables.departments import DepartmentRow
from bot.store.topics import named as topics

router = guarded("/admin/departments")

_MATTERS = 50
_CAMPAIGNS = 50


@router.get("")
def listed(
    request: Request,
    chorus: Here,
    person: MayReadDepartments,
    words: Annotated[str, Query(max_length=200)] = "",
    done: str = "",
) -> Response:
    """All departments, or those that hold some words; for whoever sees only their own, these."""
    return _list(request, chorus, person, words=storable(words), done=done)


@router.post("")
def make(
    request: Request,
    chorus: Here,
    person: MayManageDepartments,
    name: ShortText = "",
    description: LongText = "",
    email: ShortText = "",
) -> Response:
    """A new department."""
    try:
        with change(chorus, person) as at:
            row = manage.make(at.session, name, description, email, at.now)
            at.record(AuditAction.DEPARTMENT_ADD, _named(row.id), name=row.name)
            number = row.id
    except Invalid as error:
        typed = {"name": name, "description": description, "email": email}
        return _list(request, chorus, person, typed=typed, errors={error.field: str(error)})
    return see_other(f"/admin/departments/{number}?done=added")


@router.get("/{department_id}")
def detail(
    request: Request,
    chorus: Here,
    person: MayReadDepartments,
    department_id: RowId,
    after: PageStart = None,
    done: str = "",
) -> Response:
    """One department: its matters, its topics and its people."""
    return _one(request, chorus, person, department_id, after=after, done=done)


@router.post("/{department_id}")
def edit(
    request: Request, chorus: Here, person: MayManageDepartments, department_id: RowId, fields: Fields
) -> Response:
    """Change what is known of a department, and what it answers for."""
    slugs = [name.removeprefix("topic-") for name in fields if name.startswith("topic-")]
    try:
        with change(chorus, person) as at:
            row = at.row(DepartmentRow, department_id, "such department")
            before = row.name
            manage.edit(
                at.session,
                row,
                fields.get("name", ""),
                fields.get("description", ""),
                fields.get("email", ""),
                slugs,
                at.now,
            )
            at.record(AuditAction.DEPARTMENT_EDIT, _named(row.id), before=before, name=row.name, topics=slugs)
    except Invalid as error:
        errors = {error.field: str(error)}
        return _one(request, chorus, person, department_id, typed=fields, errors=errors)
    return see_other(f"/admin/departments/{department_id}?done=saved")


@router.post("/{department_id}/people")
def put_in(
    request: Request,
    chorus: Here,
    person: MayManageDepartments,
    department_id: RowId,
    who: ShortText = "",
    leads: ShortText = "",
) -> Response:
    """Somebody is in the department from now on, in charge of it or not."""
    try:
        with change(chorus, person) as at:
            row = at.row(DepartmentRow, department_id, "such department")
            number = manage.put_in(at.session, row, who, leads=leads == "yes", now=at.now)
            at.record(
                AuditAction.DEPARTMENT_PEOPLE, _named(row.id), employee=number, in_charge=leads == "yes"
            )
    except Invalid as error:
        typed, errors = {"who": who, "leads": leads}, {"who": str(error)}
        return _one(request, chorus, person, department_id, typed=typed, errors=errors)
    return see_other(f"/admin/departments/{department_id}?done=saved&at=people")


@router.post("/{department_id}/people/{employee_id}/remove")
def take_out(
    chorus: Here, person: MayManageDepartments, department_id: RowId, employee_id: RowId
) -> Response:
    """Somebody is in the department no more."""
    with decision(chorus, person) as at:
        row = at.row(DepartmentRow, department_id, "such department")
        manage.take_out(at.session, row, employee_id, at.now)
        at.record(AuditAction.DEPARTMENT_PEOPLE, _named(row.id), out=employee_id)
    return see_other(f"/admin/departments/{department_id}?done=removed&at=people")


@router.post("/{department_id}/retire")
def retire(chorus: Here, person: MayManageDepartments, department_id: RowId) -> Response:
    """It answers for nothing any more."""
    with decision(chorus, person) as at:
        manage.retire(at.session, at.row(DepartmentRow, department_id, "such department"), at.now)
        at.record(AuditAction.DEPARTMENT_RETIRE, _named(department_id))
    return see_other(f"/admin/departments/{department_id}?done=retired")


@router.post("/{department_id}/reopen")
def reopen(chorus: Here, person: MayManageDepartments, department_id: RowId) -> Response:
    """A retired department is one again."""
    with decision(chorus, person) as at:
        manage.reopen(at.session, at.row(DepartmentRow, department_id, "such department"), at.now)
        at.record(AuditAction.DEPARTMENT_REOPEN, _named(department_id))
    return see_other(f"/admin/departments/{department_id}?done=saved")


def _list(
    request: Request,
    chorus: Chorus,
    person: Person,
    *,
    words: str = "",
    typed: Mapping[str, str] | None = None,
    errors: dict[str, str] | None = None,
    done: str = "",
) -> Response:
    with chorus.database.read() as session:
        only = None if sees_all(person) else directory.led_by(session, person.id)
        found = directory.listed(session, only, words)
    return render(
        request,
        "admin/departments.html",
        status=422 if errors else 200,
        person=person,
        departments=found,
        words=words,
        typed=typed or {},
        errors=errors or {},
        longest_name=manage.LONGEST_NAME,
        longest_description=manage.LONGEST_DESCRIPTION,
        notice=notice(done),
    )


def _one(
    request: Request,
    chorus: Chorus,
    person: Person,
    department_id: int,
    *,
    after: int | None = None,
    typed: Mapping[str, str] | None = None,
    errors: dict[str, str] | None = None,
    done: str = "",
) -> Response:
    with chorus.database.read() as session:
        row = department_seen(session, person, department_id)
        now = chorus.database.now(session)
        leads = {one.id for one in directory.leads_of(session, row.id)}
        matters, _ = matter_list.listed(session, MatterFilter(department=row.id), now, _MATTERS)
        praised = matter_list.praised(session, now, _MATTERS, row.id)
        people, further = staff(session, StaffFilter(department=row.id, after=after), now)
        known, owners, taken = (
            topics.ids(session),
            directory.owners_of_topics(session),
            directory.names(session),
        )
        names = desk.topic_names(session)
        return render(
            request,
            "admin/department.html",
            status=422 if errors else 200,
            person=person,
            department=row,
            leads=leads,
            praised=praised,
            people=people,
            after=after,
            further=further,
            names=names,
            mine={slug for slug, number in known.items() if owners.get(number) == row.id},
            elsewhere={
                slug: taken.get(owners[number], "")
                for slug, number in known.items()
                if owners.get(number, row.id) != row.id
            },
            matters=matters,
            surges=going_on(session, [one.matter for one in matters], now),
            campaigns=campaigns.listed(session, _CAMPAIGNS, directory.answers_for(session, row.id)),
            goals=[
                (one, wanted(one)) for one in goals.of_topics(session, directory.slugs_of(session, row.id))
            ],
            moment=now,
            answers=answers.standing(session, [one.matter.id for one in matters]),
            given=given_to(session, chorus, person, row.id, now),
            kinds=KINDS,
            is_led=is_led_by(session, person, row.id),
            public_help=answers.public_help(
                session, period(session, now), row.id, zone_of(None, chorus.settings.timezone)
            ),
            typed=typed or {},
            errors=errors or {},
            longest_name=manage.LONGEST_NAME,
            longest_description=manage.LONGEST_DESCRIPTION,
            notice=notice(done),
        )


def _named(department_id: int) -> str:
    return f"department {department_id}"
