"""Tokens with which programs read questions and answers: made, shown once, revoked."""

from collections.abc import Mapping

from fastapi import Request, Response

from app.admin.confirmations import Back, notice, returned
from app.identity.auth import MayManageHooks, Person, guarded
from app.identity.decisions import change, decision
from app.web.forms import Fields, RowId
from app.web.html import render
from app.wiring.composition import Chorus, Here
from bot.actions.hooks import tokens
from bot.actions.people.details import Invalid
from bot.roles import Scope
from bot.store.house.audit_actions import AuditAction
from bot.store.people import api_tokens
from bot.store.tables.hooks import ApiTokenRow

router = guarded("/admin")

_ONCE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


@router.get("/tokens")
def listed(request: Request, chorus: Here, person: MayManageHooks, done: str = "") -> Response:
    """All tokens, when each was last used, and a form for one more."""
    return _page(request, chorus, person, done=done)


@router.post("/tokens")
def make(request: Request, chorus: Here, person: MayManageHooks, fields: Fields) -> Response:
    """One more token; its secret is shown this once."""
    scopes = [name.removeprefix("scope-") for name in fields if name.startswith("scope-")]
    try:
        with change(chorus, person) as at:
            row, secret = tokens.make(
                at.session, fields.get("name", ""), scopes, fields.get("days", ""), at.now
            )
            at.record(AuditAction.TOKEN_MAKE, f"token {row.id}", name=row.name, scopes=row.scopes)
    except Invalid as error:
        return _page(request, chorus, person, typed=fields, errors={error.field: str(error)})
    return render(
        request,
        "admin/token_secret.html",
        headers=_ONCE,
        stands_at="/admin/tokens",
        person=person,
        token=row,
        secret=secret,
    )


@router.post("/tokens/{token_id}/revoke")
def revoke(chorus: Here, person: MayManageHooks, token_id: RowId, back: Back = "") -> Response:
    """It works no more."""
    with decision(chorus, person) as at:
        tokens.revoke(at.session, at.row(ApiTokenRow, token_id, "such token"), at.now)
        at.record(AuditAction.TOKEN_REVOKE, f"token {token_id}")
    return returned(back, "/admin/tokens", "revoked")


def _page(
    request: Request,
    chorus: Chorus,
    person: Person,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    done: str = "",
) -> Response:
    with chorus.database.read() as session:
        now = chorus.database.now(session)
        found = [(one, api_tokens.works(one, now)) for one in api_tokens.listed(session)]
    return render(
        request,
        "admin/tokens.html",
        status=422 if errors else 200,
        person=person,
        tokens=found,
        scopes=list(Scope),
        typed=typed or {},
        errors=errors or {},
        notice=notice(done),
    )
