"""Linking an employee's account by signing in at its platform: who they are there, and nothing more.

The account is stored by its immutable id. The token that proves it is given back or thrown away at once.
"""

from contextlib import suppress
from typing import Annotated

from fastapi import Query, Request, Response

from app.identity.auth import MayAnswer, guarded, recorded, see_other
from app.identity.permission import (
    Errand,
    begin,
    errand_of,
    forget,
    mastodon_app,
    mastodon_caller,
    send_there,
    tokens_for,
)
from app.web.forms import Line
from app.web.html import render
from app.web.problems import Problem
from app.wiring.composition import Chorus, Here
from bot.actions.people import employees
from bot.actions.people.details import Invalid
from bot.platforms.accounts import Account
from bot.posts import PlatformError, PlatformName
from bot.store import rows
from bot.store.tables.people import EmployeeRow

router = guarded("/desk/link")

_BACK = "/desk/link/back"
_PURPOSE = "employee"


def offered(chorus: Chorus) -> list[str]:
    """The platforms at which employees can sign in to link their account."""
    names = []
    if PlatformName.MASTODON in chorus.platforms:
        names.append(str(PlatformName.MASTODON))
    if PlatformName.X in chorus.platforms and chorus.settings.x.client_id:
        names.append(str(PlatformName.X))
    return names


@router.post("/sign-in")
def sign_in(
    request: Request, chorus: Here, person: MayAnswer, platform: Line = "", server: Line = ""
) -> Response:
    """Go to the platform and sign in there."""
    if platform not in offered(chorus):
        raise Problem(422, "Choose a feed at which one can sign in, or use a code.")
    address, errand = begin(chorus, person, _PURPOSE, platform, _BACK, server)
    page = render(
        request, "desk/sign_in_there.html", person=person, address=address, platform=platform, brand=False
    )
    return send_there(page, chorus.settings, address, errand)


@router.get("/back")
def back(
    request: Request,
    chorus: Here,
    person: MayAnswer,
    code: Annotated[str, Query(max_length=2000)] = "",
    state: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Here they are again, with the platform's word for who they are."""
    errand = errand_of(request, chorus, person, _PURPOSE, state)
    if not code:
        return forget(see_other("/desk/profile?done=not_allowed#accounts"), chorus.settings)
    try:
        account = _account(chorus, errand, code)
    except PlatformError as error:
        raise Problem(502, f"The account could not be linked: {error}") from error
    try:
        with chorus.database.write() as session:
            now = chorus.database.now(session)
            employee = rows.one(session, EmployeeRow, person.id)
            employees.add_account(session, employee, account, proof="oauth", now=now)
            recorded(
                session, person, "linked an account", f"employee {person.id}", now,
                platform=account.platform, account=account.account_id,
            )  # fmt: skip
    except Invalid as error:
        raise Problem(409, str(error)) from error
    chorus.bell.ring()
    return forget(see_other("/desk/profile?done=linked#accounts"), chorus.settings)


def _account(chorus: Chorus, errand: Errand, code: str) -> Account:
    tokens = tokens_for(chorus, errand, code)
    if errand.platform == PlatformName.X:
        from bot.platforms.x.access.auth import whose

        adapter = chorus.platforms[PlatformName.X]
        author = whose(adapter.calls.caller, tokens["access_token"])  # type: ignore[attr-defined]
        return Account(PlatformName.X, author.id, author.handle)
    return _mastodon_account(chorus, errand, tokens["access_token"])


def _mastodon_account(chorus: Chorus, errand: Errand, token: str) -> Account:
    """The account as the brand's server knows it: that one's id is what its posts carry there."""
    from bot.platforms.mastodon.auth import handle_of, revoke
    from bot.platforms.mastodon.homes import check_home

    caller, app = mastodon_caller(chorus.settings, chorus, errand.server), mastodon_app(errand)
    try:
        handle = handle_of(caller, app, token)
        if errand.server != (chorus.settings.mastodon.base_url or "").rstrip("/").lower():
            check_home(caller, handle, errand.server)
        with suppress(PlatformError):  # a token that cannot be given back only says who somebody is
            revoke(caller, app, token)
    finally:
        caller.close()
    author = chorus.platforms[PlatformName.MASTODON].identify(handle)
    return Account(PlatformName.MASTODON, author.id, author.handle or handle)
