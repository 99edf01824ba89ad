"""Linking an employee's account by signing in at its platform: who they are there, and nothing more.

The account is stored by its immutable id. The token that proves it is given back or thrown away at once.
"""

from typing import Annotated

from fastapi import Query, Request, Response

from app.identity.auth import MayAnswer, guarded, see_other
from app.identity.decisions import decision
from app.identity.oauth import account_behind, begin, begun_by, forget, send_there, sign_in_at
from app.web.forms import ShortText
from app.web.html import render
from app.web.problems import Problem
from app.wiring.composition import Chorus, Here
from app.wiring.platforms.front import Purpose, SignIn
from bot.actions.people import employees
from bot.posts import PlatformError
from bot.store import rows
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.people import EmployeeRow
from routing.model.phrases import phrase

router = guarded("/desk/link")

_BACK = "/desk/link/back"


def offered(chorus: Chorus) -> dict[str, SignIn]:
    """The platforms at which employees can sign in to link their account, and how."""
    found = {name: sign_in_at(chorus, name) for name in chorus.platforms}
    return {name: way for name, way in found.items() if way is not None}


@router.post("/sign-in")
def sign_in(
    request: Request, chorus: Here, person: MayAnswer, platform: ShortText = "", server: ShortText = ""
) -> Response:
    """Go to the platform and sign in there."""
    if platform not in offered(chorus):
        raise Problem(422, phrase("Choose a feed at which one can sign in, or use a code."))
    address, begun = begin(chorus, person, Purpose.EMPLOYEE, platform, _BACK, server)
    page = render(
        request, "desk/sign_in_there.html", person=person, address=address, platform=platform, brand=False
    )
    return send_there(page, chorus.settings, address, begun)


@router.get("/back")
def back(
    request: Request,
    chorus: Here,
    person: MayAnswer,
    code: Annotated[str, Query(max_length=2000)] = "",
    state: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Here they are again, with the platform's word for who they are."""
    begun = begun_by(request, chorus, person, Purpose.EMPLOYEE, state)
    if not code:
        return forget(see_other("/desk/profile?done=not_allowed&at=accounts"), chorus.settings)
    try:
        account = account_behind(chorus, begun, code)
    except PlatformError as error:
        raise Problem(502, phrase("The account could not be linked: %(why)s", why=str(error))) from error
    with decision(chorus, person) as at:
        employee = rows.one(at.session, EmployeeRow, person.id)
        employees.add_account(at.session, employee, account, proof="oauth", now=at.now)
        named = {"platform": account.platform, "account": account.account_id}
        at.record(AuditAction.ACCOUNT_LINK, f"employee {person.id}", **named)
    return forget(see_other("/desk/profile?done=linked&at=accounts"), chorus.settings)
