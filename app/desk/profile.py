"""What I know, when I work, and which accounts are mine."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from fastapi import Form, Request, Response

from app.identity.auth import MayAnswer, Newcomer, Person, guarded, see_other
from app.identity.decisions import change, decision
from app.identity.linking import offered
from app.public.about import sections
from app.web.addresses import behind_a_sign_in
from app.web.forms import Fields, RowId, ShortText, levels
from app.web.html import render, spoken, zone_of
from app.web.languages.interface import named_languages
from app.web.problems import Problem
from app.wiring.composition import Chorus, Here
from bot.actions import leaving
from bot.actions.people import employees
from bot.actions.people.details import Details, Invalid, details_of, parse_cap
from bot.platforms.accounts import new_code
from bot.posts import PlatformError
from bot.store import rows
from bot.store.house.audit_actions import AuditAction
from bot.store.people import access, staff
from bot.store.queries.pages import archive as public
from bot.store.queries.pages import desk as reads
from bot.store.tables.people import EmployeeRow, LinkCodeRow
from bot.text.times.hours import DAY_NAMES, NotHours, days_of_hours, format_hours, hours_of_days
from routing.model.phrases import phrase

router = guarded("/desk")

_GUIDELINES = "guidelines"
_NOTICES = {
    "saved": phrase("Saved. New questions reach you accordingly."),
    "paused": phrase("You are paused: nobody asks you until you come back."),
    "resumed": phrase("Welcome back! Questions reach you again."),
    "linked": phrase("The account is linked: what it posts with the tag is your answer."),
    "not_allowed": phrase("Nothing was linked: the permission was not given."),
    "unlinked": phrase("The account is unlinked: what it posts is not taken for an answer any more."),
}


@router.get("/welcome")
def welcome(request: Request, chorus: Here, person: Newcomer, to: str = "") -> Response:
    """The guidelines, to accept before the first question."""
    with chorus.database.read() as session:
        texts = sections(public.texts(session), chorus.settings, spoken(request, "desk/welcome.html"))
    rules = [one for one in texts if one.slug == _GUIDELINES] or texts[-1:]
    return render(request, "desk/welcome.html", person=person, texts=rules, to=behind_a_sign_in(to))


@router.post("/welcome")
def accept(chorus: Here, person: Newcomer, to: Annotated[str, Form()] = "") -> Response:
    """I take part, and go on to what I wanted to see."""
    with decision(chorus, person) as at:
        published = public.texts(at.session).get(_GUIDELINES)
        version = published.published_at.isoformat() if published else "as delivered"
        employees.opt_in(at.session, rows.one(at.session, EmployeeRow, person.id), version, at.now)
        at.record(AuditAction.GUIDELINES_ACCEPT, f"employee {person.id}", version=version)
    return see_other(behind_a_sign_in(to) or "/desk?done=welcome")


@router.get("/profile")
def profile(request: Request, chorus: Here, person: MayAnswer, done: str = "") -> Response:
    """What Chorus knows of me."""
    return _as_it_is(request, chorus, person, done=done)


@router.post("/profile")
def save(request: Request, chorus: Here, person: MayAnswer, fields: Fields) -> Response:
    """Change what I know, when I work and how much I take."""
    days = [fields.get(f"day-{number}", "") for number in range(len(DAY_NAMES))]
    with chorus.database.read() as session:
        before = details_of(session, rows.one(session, EmployeeRow, person.id))
    after = replace(
        before,
        timezone=fields.get("timezone", before.timezone),
        languages=tuple(fields.get("languages", "").replace(",", " ").split()),
        language=fields.get("language", before.language),
        listed=fields.get("listed", "yes" if before.listed else "no") == "yes",
        digest=fields.get("digest", "yes" if before.digest else "no") == "yes",
        shortcuts=fields.get("shortcuts", "yes" if before.shortcuts else "no") == "yes",
        topics=levels(fields),
    )
    try:
        after = replace(
            after,
            hours=format_hours(hours_of_days(days)),
            daily_cap=parse_cap("daily_cap", fields.get("daily_cap", "")),
            open_cap=parse_cap("open_cap", fields.get("open_cap", "")),
        )
        with change(chorus, person) as at:
            employees.edit_employee(at.session, rows.one(at.session, EmployeeRow, person.id), after, at.now)
            at.record(AuditAction.PROFILE_EDIT, f"employee {person.id}")
    except NotHours as error:
        return _page(request, chorus, person, after, days, typed=fields, errors={"hours": str(error)})
    except Invalid as error:
        return _page(request, chorus, person, after, days, typed=fields, errors={error.field: str(error)})
    return see_other("/desk/profile?done=saved")


@router.post("/pause")
def pause(request: Request, chorus: Here, person: MayAnswer, until: ShortText = "") -> Response:
    """Nobody asks me until then (or until I come back)."""
    try:
        with change(chorus, person) as at:
            employee = rows.one(at.session, EmployeeRow, person.id)
            leaving.pause(at.session, employee, at.now, _start_of(until, employee.timezone))
            at.record(AuditAction.PROFILE_PAUSE, f"employee {person.id}", until=until)
    except Invalid as error:
        return _as_it_is(request, chorus, person, typed={"until": until}, errors={"until": str(error)})
    return see_other("/desk/profile?done=paused")


@router.post("/resume")
def resume(chorus: Here, person: MayAnswer) -> Response:
    with decision(chorus, person) as at:
        employees.resume(at.session, rows.one(at.session, EmployeeRow, person.id), at.now)
        at.record(AuditAction.PROFILE_RESUME, f"employee {person.id}")
    return see_other("/desk/profile?done=resumed")


@router.post("/link")
def link(chorus: Here, person: MayAnswer, platform: ShortText = "") -> Response:
    """A one-time code to post from the account that is to be linked."""
    if platform not in chorus.platforms:
        raise Problem(422, phrase("Choose one of the feeds that Chorus is connected to."))
    with decision(chorus, person) as at:
        until = at.now + access.CODE_LASTS
        access.new_link_code(at.session, person.id, platform, new_code(), until, at.now)
        at.record(AuditAction.ACCOUNT_CODE, f"employee {person.id}", platform=platform)
    return see_other("/desk/profile#accounts")


@router.post("/accounts/{identity_id}/unlink")
def unlink(chorus: Here, person: MayAnswer, identity_id: RowId) -> Response:
    """An account is not mine any more."""
    with decision(chorus, person) as at:
        employees.remove_account(
            at.session, rows.one(at.session, EmployeeRow, person.id), identity_id, at.now
        )
        at.record(AuditAction.ACCOUNT_UNLINK, f"employee {person.id}", account=identity_id)
    return see_other("/desk/profile?done=unlinked&at=accounts")


def _as_it_is(
    request: Request,
    chorus: Chorus,
    person: Person,
    *,
    typed: Mapping[str, str] | None = None,
    errors: dict[str, str] | None = None,
    done: str = "",
) -> Response:
    """The page with what is stored, and with what was typed into one of its smaller forms."""
    with chorus.database.read() as session:
        employee = rows.one(session, EmployeeRow, person.id)
        details = details_of(session, employee)
    days = days_of_hours(employee.hours)
    return _page(request, chorus, person, details, days, typed=typed, errors=errors, done=done)


def _page(
    request: Request,
    chorus: Chorus,
    person: Person,
    details: Details,
    days: list[str],
    *,
    typed: Mapping[str, str] | None = None,
    errors: dict[str, str] | None = None,
    done: str = "",
) -> Response:
    with chorus.database.read() as session:
        now = chorus.database.now(session)
        employee = rows.one(session, EmployeeRow, person.id)
        codes = reads.link_codes(session, person.id, now)
        accounts = staff.accounts_of(session, person.id)
        topics = reads.topic_names(session)
    return render(
        request,
        "desk/profile.html",
        status=422 if errors else 200,
        person=person,
        me=employee,
        paused=is_paused(employee, now),
        details=details,
        typed=typed or {},
        tomorrow=(now.astimezone(zone_of(employee, chorus.settings.timezone)) + timedelta(days=1)).date(),
        days=list(zip(DAY_NAMES, days, strict=True)),
        topics=topics,
        accounts=accounts,
        codes=codes,
        brands=_brand_handles(chorus, codes),
        sign_ins=offered(chorus),
        platforms=[name for name, one in chorus.platforms.items() if not one.traits.calls_us],
        timezones=sorted(available_timezones()),
        tongues=named_languages(),
        errors=errors or {},
        notice=_NOTICES.get(done),
    )


def _brand_handles(chorus: Chorus, codes: Sequence[LinkCodeRow]) -> dict[str, str]:
    """What the brand is called on the platforms of these codes, where the platform tells."""
    handles = {}
    for code in codes:
        adapter = chorus.platforms.get(code.platform)
        with suppress(PlatformError):
            if adapter is not None:
                handles[code.platform] = adapter.brand().handle
    return handles


def is_paused(employee: EmployeeRow, now: datetime) -> bool:
    """Whether nobody asks them now because they said so."""
    return employee.state == "paused" or (employee.paused_until is not None and employee.paused_until > now)


def _start_of(day: str, timezone: str) -> datetime | None:
    """The beginning of a day like ``2026-03-24`` where the employee is; None for no day."""
    if not day:
        return None
    try:
        start = datetime.combine(date.fromisoformat(day), time(), ZoneInfo(timezone))
        start.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid("until", phrase("Write the day like 2026-03-24.")) from error
    return start
