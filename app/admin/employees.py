"""The people: adding, editing, pausing, signing in, leaving."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import available_timezones

from fastapi import Request, Response

from app.admin.confirmations import notice
from app.desk.profile import is_paused
from app.identity.auth import (
    MayManagePeople,
    MayReadPeople,
    Person,
    create_login_link,
    guarded,
    see_other,
)
from app.identity.decisions import change, decision
from app.web.forms import Fields, RowId, ShortText, levels, number_in
from app.web.html import render, zone_of
from app.web.problems import Problem, there
from app.wiring.composition import Chorus, Here
from bot.actions import leaving
from bot.actions.people import employees
from bot.actions.people.details import Details, Invalid, details_of, parse_cap
from bot.platforms.accounts import UnknownAccount, example_account, find_account
from bot.roles import Role
from bot.store import rows
from bot.store.engine import Session
from bot.store.house.audit_actions import AuditAction
from bot.store.people import staff
from bot.store.queries.pages import desk
from bot.store.tables.people import EmployeeRow
from routing.model.domain import EmployeeState

router = guarded("/admin")

_NEW = Details(name="", email="")


@router.get("/employees/new")
def new(request: Request, chorus: Here, person: MayManagePeople) -> Response:
    """The form for somebody new."""
    return _form(request, chorus, person, _NEW, None)


@router.post("/employees/new")
def add(request: Request, chorus: Here, person: MayManagePeople, fields: Fields) -> Response:
    try:
        details = _details(fields, _NEW)
        with change(chorus, person) as at:
            employee = employees.add_employee(
                at.session, details, opted_in=fields.get("opted_in") == "yes", now=at.now
            )
            at.record(AuditAction.EMPLOYEE_ADD, f"employee {employee.id}", email=employee.email)
    except Invalid as error:
        errors = {error.field: str(error)}
        return _form(request, chorus, person, _typed(fields, _NEW), None, typed=fields, errors=errors)
    return see_other(f"/admin/employees/{employee.id}?done=added")


@router.get("/employees/{employee_id}")
def detail(
    request: Request, chorus: Here, person: MayReadPeople, employee_id: RowId, done: str = ""
) -> Response:
    return _as_it_is(request, chorus, person, employee_id, done=done)


@router.post("/employees/{employee_id}")
def edit(
    request: Request, chorus: Here, person: MayManagePeople, employee_id: RowId, fields: Fields
) -> Response:
    """Change what is known of somebody."""
    with chorus.database.read() as session:
        before = details_of(session, _employee(session, employee_id))
    try:
        after = _details(fields, before)
        with change(chorus, person) as at:
            employee = _employee(at.session, employee_id)
            employees.edit_employee(at.session, employee, after, at.now)
            changed = [name for name in Details.__slots__ if getattr(before, name) != getattr(after, name)]
            at.record(AuditAction.EMPLOYEE_EDIT, f"employee {employee_id}", changed=changed, role=after.role)
    except Invalid as error:
        with chorus.database.read() as session:
            employee = _employee(session, employee_id)
        errors = {error.field: str(error)}
        return _form(request, chorus, person, _typed(fields, before), employee, typed=fields, errors=errors)
    return see_other(f"/admin/employees/{employee_id}?done=saved")


@router.post("/employees/{employee_id}/pause")
def pause(
    request: Request, chorus: Here, person: MayManagePeople, employee_id: RowId, days: ShortText = ""
) -> Response:
    """Nobody asks them for some days, or until they come back."""
    try:
        with change(chorus, person) as at:
            leaving.pause(at.session, _employee(at.session, employee_id), at.now, in_days(days, at.now))
            at.record(AuditAction.EMPLOYEE_PAUSE, f"employee {employee_id}", days=days)
    except Invalid as error:
        typed, errors = {"days": days}, {error.field: str(error)}
        return _as_it_is(request, chorus, person, employee_id, typed=typed, errors=errors)
    return see_other(f"/admin/employees/{employee_id}?done=paused")


@router.post("/employees/{employee_id}/resume")
def resume(chorus: Here, person: MayManagePeople, employee_id: RowId) -> Response:
    with decision(chorus, person) as at:
        employees.resume(at.session, _employee(at.session, employee_id), at.now)
        at.record(AuditAction.EMPLOYEE_RESUME, f"employee {employee_id}")
    return see_other(f"/admin/employees/{employee_id}?done=resumed")


@router.post("/employees/{employee_id}/leave")
def leave(chorus: Here, person: MayManagePeople, employee_id: RowId) -> Response:
    """Somebody leaves: everything of theirs that is under way ends, in one transaction."""
    with decision(chorus, person) as at:
        leaving.leave(at.session, _employee(at.session, employee_id), at.now)
        at.record(AuditAction.EMPLOYEE_LEAVE, f"employee {employee_id}")
    return see_other(f"/admin/employees/{employee_id}?done=left")


@router.post("/employees/{employee_id}/return")
def come_back(chorus: Here, person: MayManagePeople, employee_id: RowId) -> Response:
    """Somebody who had left is back; they accept the guidelines again and link their accounts anew."""
    with decision(chorus, person) as at:
        employees.come_back(at.session, _employee(at.session, employee_id), at.now)
        at.record(AuditAction.EMPLOYEE_RETURN, f"employee {employee_id}")
    return see_other(f"/admin/employees/{employee_id}?done=back")


@router.post("/employees/{employee_id}/link")
def link(request: Request, chorus: Here, person: MayManagePeople, employee_id: RowId) -> Response:
    """A one-time sign-in link, to hand over; it is shown this once."""
    with decision(chorus, person) as at:
        employee = _employee(at.session, employee_id)
        if employee.state == EmployeeState.LEFT:
            raise Problem(409, f"{employee.name} has left: bring them back first, then they can sign in.")
        at.record(AuditAction.EMPLOYEE_SIGN_IN_LINK, f"employee {employee_id}")
    address = create_login_link(chorus.database, chorus.settings, employee)
    return render(
        request,
        "admin/link.html",
        stands_at=f"/admin/employees/{employee_id}",
        person=person,
        employee=employee,
        address=address,
    )


@router.post("/employees/{employee_id}/accounts")
def add_account(
    request: Request, chorus: Here, person: MayManagePeople, employee_id: RowId, account: ShortText = ""
) -> Response:
    """Link an account that is known to be theirs."""
    try:
        found = find_account(account, chorus.platforms)
        with change(chorus, person) as at:
            employees.add_account(
                at.session, _employee(at.session, employee_id), found, proof="operator", now=at.now
            )
            at.record(
                AuditAction.ACCOUNT_LINK,
                f"employee {employee_id}",
                account=f"{found.platform}:{found.account_id}",
            )
    except (UnknownAccount, Invalid) as error:
        typed, errors = {"account": account}, {"account": str(error)}
        return _as_it_is(request, chorus, person, employee_id, typed=typed, errors=errors)
    return see_other(f"/admin/employees/{employee_id}?done=linked&at=accounts")


@router.post("/employees/{employee_id}/accounts/{identity_id}/unlink")
def unlink(chorus: Here, person: MayManagePeople, employee_id: RowId, identity_id: RowId) -> Response:
    """An account is theirs no more."""
    with decision(chorus, person) as at:
        employees.remove_account(at.session, _employee(at.session, employee_id), identity_id, at.now)
        at.record(AuditAction.ACCOUNT_UNLINK, f"employee {employee_id}", account=identity_id)
    return see_other(f"/admin/employees/{employee_id}?done=unlinked&at=accounts")


def _as_it_is(
    request: Request,
    chorus: Chorus,
    person: Person,
    employee_id: int,
    *,
    typed: Mapping[str, str] | None = None,
    errors: dict[str, str] | None = None,
    done: str = "",
) -> Response:
    """The page of one person as they are stored, and with what was typed into one of its smaller forms."""
    with chorus.database.read() as session:
        employee = _employee(session, employee_id)
        details = details_of(session, employee)
    return _form(request, chorus, person, details, employee, typed=typed, errors=errors, done=done)


def _form(
    request: Request,
    chorus: Chorus,
    person: Person,
    details: Details,
    employee: EmployeeRow | None,
    *,
    typed: Mapping[str, str] | None = None,
    errors: dict[str, str] | None = None,
    done: str = "",
) -> Response:
    with chorus.database.read() as session:
        return render(
            request,
            "admin/employee.html",
            status=422 if errors else 200,
            person=person,
            details=details,
            typed=typed or {},
            example=example_account(chorus.platforms),
            employee=employee,
            paused=employee is not None and is_paused(employee, chorus.database.now(session)),
            accounts=staff.accounts_of(session, employee.id) if employee else [],
            topics=desk.topic_names(session),
            roles=list(Role),
            timezones=sorted(available_timezones()),
            house_zone=chorus.settings.timezone,
            their_zone=zone_of(employee, chorus.settings.timezone),
            errors=errors or {},
            notice=notice(done),
        )


def _details(fields: Fields, before: Details) -> Details:
    """What the form says. Raises Invalid."""
    return replace(
        _typed(fields, before),
        daily_cap=parse_cap("daily_cap", fields.get("daily_cap", "")),
        open_cap=parse_cap("open_cap", fields.get("open_cap", "")),
    )


def _typed(fields: Fields, before: Details) -> Details:
    """What stands in the form, right or wrong; the caps as they were."""
    return Details(
        name=fields.get("name", before.name),
        email=fields.get("email", before.email),
        title=fields.get("title", before.title),
        role=fields.get("role", before.role),
        timezone=fields.get("timezone", before.timezone),
        hours=fields.get("hours", before.hours),
        languages=tuple(fields.get("languages", "").replace(",", " ").split()),
        language=before.language,
        listed=before.listed,
        daily_cap=before.daily_cap,
        open_cap=before.open_cap,
        topics=levels(fields),
    )


def _employee(session: Session, employee_id: int) -> EmployeeRow:
    return there(rows.find(session, EmployeeRow, employee_id), "such person")


def in_days(text: str, now: datetime) -> datetime | None:
    if not text:
        return None
    days = number_in(text, most_digits=3) or 0
    if not 0 < days <= 366:
        raise Invalid("days", "A pause has 1 to 366 days; leave it empty for one without an end.")
    return now + timedelta(days=days)
