"""The brand's accounts: do they work, is what comes in complete, and what is to be done if not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Path, Query, Request, Response

from app.admin.confirmations import notice
from app.admin.first_run.checklist import left_to_do
from app.identity.auth import MayConnect, MayWatch, guarded, see_other
from app.identity.decisions import change
from app.identity.oauth import begin, begun_by, forget, send_there, sign_in_at, tokens_for
from app.web.html import render
from app.web.problems import Problem
from app.wiring.adapters import front_of, stored_tokens
from app.wiring.composition import Chorus, Here
from app.wiring.platforms.front import Connected, NotConnected, Purpose
from bot.platforms.health import follows_wait
from bot.platforms.registry import TRAITS, traits_of
from bot.posts import PlatformError
from bot.roles import Permission
from bot.states import ConnectionState
from bot.store.house import connections
from bot.store.house.audit_actions import AuditAction
from bot.store.people import identities
from bot.store.tables.house import ConnectionRow

router = guarded("/admin/connections")

_BACK = "/admin/connections/back"
_REMOTE = tuple(str(name) for name, traits in TRAITS.items() if not traits.own_record)


@dataclass(frozen=True, slots=True)
class ConnectionLine:
    """A platform as the page shows it."""

    name: str
    is_on: bool
    state: str
    """``works``, ``reconnect``, ``not connected`` or ``off``."""
    problem: str | None
    alarm: str | None
    webhook: str | None
    looked_at: datetime | None
    changed_at: datetime | None
    to_do: tuple[str, ...]
    signs_in: bool
    calls_us: bool
    waiting: str
    """Whose accounts the brand is not let follow yet, in a sentence; empty where it is let in everywhere."""


@router.get("")
def listed(request: Request, chorus: Here, person: MayWatch, done: str = "") -> Response:
    """Every platform: how it is, when it was last read, and what to do."""
    with chorus.database.read() as session:
        rows = {row.platform: row for row in connections.all_of_them(session)}
        waiting = {name: identities.waiting_follows(session, name) for name in _REMOTE}
        is_setting_up = person.may(Permission.MANAGE_PEOPLE) and bool(left_to_do(session, chorus))
    lines = [_line(chorus, name, rows.get(name), waiting[name]) for name in _REMOTE]
    return render(
        request,
        "admin/connections.html",
        person=person,
        lines=lines,
        is_setting_up=is_setting_up,
        notice=notice(done),
    )


@router.post("/{platform}/sign-in")
def sign_in(
    request: Request,
    chorus: Here,
    person: MayConnect,
    platform: Annotated[str, Path(max_length=20)],
) -> Response:
    """Go to the platform, sign in as the brand and allow Chorus to act for it."""
    if sign_in_at(chorus, platform) is None:
        raise Problem(422, f"{platform} is not set up for this: run chorus connect {platform}.")
    address, begun = begin(chorus, person, Purpose.BRAND, platform, _BACK)
    page = render(
        request,
        "desk/sign_in_there.html",
        frame="admin/frame.html",
        person=person,
        address=address,
        platform=platform,
        brand=True,
    )
    return send_there(page, chorus.settings, address, begun)


@router.get("/back")
def back(
    request: Request,
    chorus: Here,
    person: MayConnect,
    code: Annotated[str, Query(max_length=2000)] = "",
    state: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Back from the platform, with its permission to act for the brand."""
    begun = begun_by(request, chorus, person, Purpose.BRAND, state)
    if not code:
        return forget(see_other("/admin/connections?done=not_allowed"), chorus.settings)
    try:
        tokens = tokens_for(chorus, begun, code)
        connected = _kept(chorus, begun.platform, tokens)
    except (PlatformError, NotConnected) as error:
        raise Problem(502, f"Not connected: {error}") from error
    with change(chorus, person) as at:
        at.record(AuditAction.CONNECT, begun.platform, account=connected.account.handle)
    return forget(see_other("/admin/connections?done=connected"), chorus.settings)


def _kept(chorus: Chorus, platform: str, tokens: dict[str, str]) -> Connected:
    store = stored_tokens(chorus.settings, chorus.database, platform)
    return front_of(chorus.settings, platform).keep(tokens, store, chorus.clock)


def _line(chorus: Chorus, name: str, row: ConnectionRow | None, waiting: Sequence[str]) -> ConnectionLine:
    is_on = name in chorus.platforms
    broken = row is not None and row.state == ConnectionState.RECONNECT
    state = "off" if not is_on else "reconnect" if broken else "works" if row else "not connected"
    if is_on and traits_of(name).calls_us:
        state = "reconnect" if broken else "works"
    return ConnectionLine(
        name=name,
        is_on=is_on,
        state=state,
        problem=row.problem if row else None,
        alarm=row.alarm if row else None,
        webhook=row.webhook if row else None,
        looked_at=row.looked_at if row else None,
        changed_at=row.changed_at if row else None,
        to_do=_to_do(chorus, name, state, row),
        signs_in=sign_in_at(chorus, name) is not None,
        calls_us=traits_of(name).calls_us,
        waiting=follows_wait(waiting) if name in chorus.platforms else "",
    )


def _to_do(chorus: Chorus, name: str, state: str, row: ConnectionRow | None) -> tuple[str, ...]:
    """What a person should do, most important first."""
    label = traits_of(name).label
    steps = [] if state == "works" else list(front_of(chorus.settings, name).to_do(state))
    if row is not None and row.webhook == "missing":
        steps.append(
            f"{label} calls no webhook here: mentions are polled. chorus connect {name} registers one."
        )
    if row is not None and row.webhook == "invalid":
        steps.append(
            "See that the webhook's address answers from outside, over HTTPS and without a redirect. It is "
            f"checked again every five minutes, and what {label} could not deliver is fetched."
        )
    return tuple(steps)
