"""The first person in charge comes in by a one-time link; from there the pages lead through the rest."""

from dataclasses import dataclass
from typing import Annotated
from zoneinfo import available_timezones

from fastapi import APIRouter, Path, Request, Response

from app.identity.auth import SECRET_PAGE, actor, see_other, signed_in
from app.web.forms import ShortText
from app.web.html import render
from app.wiring.composition import Chorus, Here
from bot.actions.people import first_person
from bot.actions.people.details import Details, Invalid
from bot.actions.undecidable import Undecidable
from bot.platforms.accounts import UnknownAccount, example_account, find_account
from bot.store.house import audit
from bot.store.house.audit_actions import AuditAction

router = APIRouter(include_in_schema=False)

Secret = Annotated[str, Path(max_length=200)]


@dataclass(frozen=True, slots=True)
class _Typed:
    """The form as it stands."""

    name: str = ""
    email: str = ""
    account: str = ""
    timezone: str = ""


@router.get("/setup/{secret}")
def first(request: Request, chorus: Here, secret: Secret) -> Response:
    """Who they are; looking does not use the link up."""
    with chorus.database.read() as session:
        works = first_person.link_works(session, secret, chorus.database.now(session))
    if not works:
        return _over(request)
    return _form(request, chorus, _Typed(timezone=chorus.settings.timezone), {})


@router.post("/setup/{secret}")
def become_first(
    request: Request,
    chorus: Here,
    secret: Secret,
    name: ShortText = "",
    email: ShortText = "",
    account: ShortText = "",
    timezone: ShortText = "",
) -> Response:
    """Take charge and be signed in, once; what cannot be stored uses nothing up."""
    typed = _Typed(name, email, account, timezone)
    zone = timezone or chorus.settings.timezone
    with chorus.database.read() as session:  # nobody's platform is asked for whoever has no link
        if not first_person.link_works(session, secret, chorus.database.now(session)):
            return _over(request)
    try:
        accounts = [find_account(account, chorus.platforms)] if account else []
        with chorus.database.write() as session:
            now = chorus.database.now(session)
            details = Details(name=name, email=email, timezone=zone)
            employee, session_secret = first_person.become_first(session, secret, details, accounts, now)
            audit.append(session, actor(employee), AuditAction.SETUP, f"employee {employee.id}", {}, now)
    except Undecidable:
        return _over(request)
    except UnknownAccount as error:
        return _form(request, chorus, typed, {"account": str(error)})
    except Invalid as error:
        field = {"accounts": "account"}.get(error.field, error.field)
        return _form(request, chorus, typed, {field: str(error)})
    chorus.bell.ring()
    return signed_in(see_other("/admin/first-run"), chorus.settings, session_secret)


def _form(request: Request, chorus: Chorus, typed: _Typed, errors: dict[str, str]) -> Response:
    return render(
        request,
        "admin/first_run/first_person.html",
        status=422 if errors else 200,
        headers=SECRET_PAGE,
        address=request.url.path,
        typed=typed,
        errors=errors,
        example=example_account(chorus.platforms),
        timezones=sorted(available_timezones()),
    )


def _over(request: Request) -> Response:
    return render(request, "admin/first_run/link_over.html", status=410, headers=SECRET_PAGE)
