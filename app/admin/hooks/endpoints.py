"""Outgoing hooks: who is told of what, how that goes, and what is sent again."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response

from app.admin.confirmations import Back, notice, returned
from app.admin.hooks import words
from app.identity.auth import MayManageHooks, Person, guarded, see_other
from app.identity.decisions import DecisionContext, change, decision
from app.web.forms import Fields, RowId, ShortText, moment_typed, row_named
from app.web.html import render, zone_of
from app.web.problems import Problem, there
from app.wiring.composition import Chorus, Here
from app.wiring.keys import sealer_of
from bot.actions.hooks import manage
from bot.actions.hooks.manage import EndpointDetails
from bot.actions.people.details import Invalid
from bot.actions.undecidable import Undecidable
from bot.states import LISTENED
from bot.store import rows
from bot.store.hooks import endpoints, messages
from bot.store.house.audit_actions import AuditAction
from bot.store.sealing import Unreadable
from bot.store.tables.hooks import HookEndpointRow

router = guarded("/admin")

_ONCE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
"""For a page that shows a secret."""
_WHAT = "such endpoint"
_WORDS: Mapping[str, Any] = {
    "event_names": words.EVENTS,
    "template_names": words.TEMPLATES,
    "shortened": words.shortened,
}


@router.get("/hooks")
def listed(request: Request, chorus: Here, person: MayManageHooks, done: str = "") -> Response:
    """All endpoints, and a form for one more."""
    return _list(request, chorus, person, done=done)


@router.post("/hooks")
def add(request: Request, chorus: Here, person: MayManageHooks, fields: Fields) -> Response:
    """One more endpoint; its secret is shown this once."""
    try:
        with change(chorus, person) as at:
            row, secret = manage.add(
                at.session, _typed(fields), sealer_of(chorus.settings), _private(chorus), at.now
            )
            at.record(AuditAction.HOOK_ADD, _named(row.id), host=_host(row), template=row.template)
    except Invalid as error:
        return _list(request, chorus, person, typed=fields, errors={error.field: str(error)})
    if not secret:
        return see_other(f"/admin/hooks/{row.id}?done=added")
    return _secret(request, person, row, secret)


@router.get("/hooks/{endpoint_id}")
def detail(
    request: Request, chorus: Here, person: MayManageHooks, endpoint_id: RowId, done: str = ""
) -> Response:
    """One endpoint: how it is set up, what was sent last, what was given up."""
    return _page(request, chorus, person, endpoint_id, done=done)


@router.post("/hooks/{endpoint_id}")
def edit(
    request: Request, chorus: Here, person: MayManageHooks, endpoint_id: RowId, fields: Fields
) -> Response:
    """Change where it is and what it is told of."""
    try:
        with change(chorus, person) as at:
            row = _row(at, endpoint_id)
            given = _typed({**fields, "template": row.template})
            manage.change(at.session, row, given, sealer_of(chorus.settings), _private(chorus))
            at.record(AuditAction.HOOK_EDIT, _named(endpoint_id), host=_host(row), events=row.events)
    except Invalid as error:
        errors = {error.field: str(error)}
        return _page(request, chorus, person, endpoint_id, typed=fields, errors=errors)
    except (Undecidable, Unreadable) as error:
        raise Problem(409, str(error)) from error
    return see_other(f"/admin/hooks/{endpoint_id}?done=saved")


@router.post("/hooks/{endpoint_id}/secret")
def rotate(request: Request, chorus: Here, person: MayManageHooks, endpoint_id: RowId) -> Response:
    """A new secret, shown this once; for a day messages are signed with both."""
    try:
        with decision(chorus, person) as at:
            row = _row(at, endpoint_id)
            secret = manage.rotate(at.session, row, sealer_of(chorus.settings), at.now)
            at.record(AuditAction.HOOK_SECRET, _named(endpoint_id))
    except Unreadable as error:
        raise Problem(409, str(error)) from error
    return _secret(request, person, row, secret, is_new=False)


@router.post("/hooks/{endpoint_id}/switch")
def switch(
    chorus: Here, person: MayManageHooks, endpoint_id: RowId, to: ShortText = "", back: Back = ""
) -> Response:
    """On or off."""
    if to not in ("on", "off"):
        raise Problem(422, "Choose on or off.")
    with decision(chorus, person) as at:
        manage.switch(at.session, _row(at, endpoint_id), on=to == "on")
        at.record(AuditAction.HOOK_SWITCH, _named(endpoint_id), to=to)
    return returned(back, f"/admin/hooks/{endpoint_id}", "saved")


@router.post("/hooks/{endpoint_id}/remove")
def remove(chorus: Here, person: MayManageHooks, endpoint_id: RowId) -> Response:
    """Forget it, with all its messages."""
    with decision(chorus, person) as at:
        row = _row(at, endpoint_id)
        host = _host(row)
        manage.remove(at.session, row)
        at.record(AuditAction.HOOK_REMOVE, _named(endpoint_id), host=host)
    return see_other("/admin/hooks?done=removed")


@router.post("/hooks/{endpoint_id}/test")
def send_test(chorus: Here, person: MayManageHooks, endpoint_id: RowId, back: Back = "") -> Response:
    """Send it something that says that it is a test."""
    with decision(chorus, person) as at:
        manage.send_test(at.session, _row(at, endpoint_id), at.now)
        at.record(AuditAction.HOOK_TEST, _named(endpoint_id))
    return returned(back, f"/admin/hooks/{endpoint_id}#attempts", "tested")


@router.post("/hooks/{endpoint_id}/again")
def again(
    chorus: Here,
    person: MayManageHooks,
    endpoint_id: RowId,
    message: ShortText = "",
    since: ShortText = "",
    back: Back = "",
) -> Response:
    """Send once more: one message, what happened since a moment on one's clock, or all that were given up."""
    number = row_named(message) if message else None
    moment = moment_typed(zone_of(person, chorus.settings.timezone), since) if since else None
    with decision(chorus, person) as at:
        row = _row(at, endpoint_id)
        count = manage.send_again(at.session, row, at.now, message_id=number, since=moment)
        at.record(
            AuditAction.HOOK_AGAIN,
            _named(endpoint_id),
            messages=count,
            since=moment.isoformat() if moment else None,
        )
    return returned(back, f"/admin/hooks/{endpoint_id}#attempts", "again")


@router.post("/hooks/{endpoint_id}/let-go")
def let_go(chorus: Here, person: MayManageHooks, endpoint_id: RowId, back: Back = "") -> Response:
    """Forget what it did not take."""
    with decision(chorus, person) as at:
        count = manage.let_go(at.session, _row(at, endpoint_id))
        at.record(AuditAction.HOOK_LET_GO, _named(endpoint_id), messages=count)
    return returned(back, f"/admin/hooks/{endpoint_id}", "let_go")


def _list(
    request: Request,
    chorus: Chorus,
    person: Person,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    done: str = "",
) -> Response:
    with chorus.database.read() as session:
        found, counts = endpoints.listed(session), messages.counts(session)
    return render(
        request,
        "admin/hooks.html",
        status=422 if errors else 200,
        person=person,
        endpoints=found,
        counts=counts,
        events=LISTENED,
        **_WORDS,
        typed=typed or {},
        errors=errors or {},
        notice=notice(done),
    )


def _page(
    request: Request,
    chorus: Chorus,
    person: Person,
    endpoint_id: int,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    done: str = "",
) -> Response:
    with chorus.database.read() as session:
        row = there(rows.find(session, HookEndpointRow, endpoint_id), _WHAT)
        return render(
            request,
            "admin/hook.html",
            status=422 if errors else 200,
            person=person,
            endpoint=row,
            counts=messages.counts(session),
            attempts=messages.latest_attempts(session, endpoint_id),
            dead=messages.dead(session, endpoint_id),
            events=LISTENED,
            **_WORDS,
            typed=typed or {},
            errors=errors or {},
            notice=notice(done),
        )


def _secret(
    request: Request, person: Person, row: HookEndpointRow, secret: str, *, is_new: bool = True
) -> Response:
    return render(
        request,
        "admin/hook_secret.html",
        headers=_ONCE,
        stands_at=f"/admin/hooks/{row.id}",
        person=person,
        endpoint=row,
        secret=secret,
        is_new=is_new,
    )


def _typed(fields: Mapping[str, str]) -> EndpointDetails:
    return EndpointDetails(
        name=" ".join(fields.get("name", "").split()),
        url=fields.get("url", ""),
        template=fields.get("template", ""),
        events=[name.removeprefix("event-") for name in fields if name.startswith("event-")],
        token=fields.get("token", ""),
    )


def _private(chorus: Chorus) -> tuple[str, ...]:
    return chorus.settings.hooks.private_hosts


def _row(at: DecisionContext, endpoint_id: int) -> HookEndpointRow:
    return at.row(HookEndpointRow, endpoint_id, _WHAT)


def _host(row: HookEndpointRow) -> str:
    """What the audit tells of an address: it may hold a secret in its path."""
    return row.url.partition("://")[2].partition("/")[0]


def _named(endpoint_id: int) -> str:
    return f"hook {endpoint_id}"
