"""Signing in at a platform from a page: sent there with a secret in the browser, back with a code.

What has to be remembered in between (state, PKCE verifier, the app at that server) is in an encrypted
cookie of ten minutes that only the browser that began holds. Whoever comes back without it began elsewhere.
"""

import base64
import secrets
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import orjson
from fastapi import Request, Response

from app.identity.auth import Person
from app.web.problems import Problem
from app.wiring.adapters import front_of
from app.wiring.composition import Chorus
from app.wiring.keys import derive, secret_key
from app.wiring.platforms.front import NotOffered, Purpose, SignIn, Ticket
from app.wiring.settings import Settings
from bot.platforms.accounts import Account
from bot.posts import PlatformError
from routing.model.phrases import phrase

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

LASTS = 600
"""Seconds somebody has to sign in there."""


@dataclass(frozen=True, slots=True)
class OAuthState:
    """What somebody was sent away for, remembered until they come back."""

    platform: str
    person_id: int
    ticket: Ticket


def sign_in_at(chorus: Chorus, platform: str) -> SignIn | None:
    """How to sign in at a platform; None where it is not on, or offers nothing of the kind."""
    adapter = chorus.platforms.get(platform)
    return front_of(chorus.settings, platform).sign_in(adapter, chorus.clock) if adapter is not None else None


def begin(
    chorus: Chorus, person: Person, purpose: Purpose, platform: str, back: str, server: str = ""
) -> tuple[str, OAuthState]:
    """Where to send somebody, and what to remember. Raises Problem with what to do instead."""
    try:
        address, ticket = _sign_in_of(chorus, platform).begin(
            purpose, f"{chorus.settings.base_url}{back}", server
        )
    except NotOffered as error:
        raise Problem(422, str(error)) from error
    except PlatformError as error:
        raise Problem(502, phrase("The sign-in could not begin: %(why)s", why=str(error))) from error
    return address, OAuthState(platform, person.id, ticket)


def tokens_for(chorus: Chorus, begun: OAuthState, code: str) -> dict[str, str]:
    """What the platform gives for the code. Raises PlatformError, or Problem where it is not on any more."""
    return _sign_in_of(chorus, begun.platform).finish(begun.ticket, code)


def account_behind(chorus: Chorus, begun: OAuthState, code: str) -> Account:
    """Whose account it is, by the platform's word. Raises as ``tokens_for``."""
    way = _sign_in_of(chorus, begun.platform)
    return way.whose(begun.ticket, way.finish(begun.ticket, code))


def _sign_in_of(chorus: Chorus, platform: str) -> SignIn:
    found = sign_in_at(chorus, platform)
    if found is None:
        raise Problem(422, phrase("There is no sign-in on this platform: use a code instead."))
    return found


def send_there(response: Response, settings: Settings, address: str, begun: OAuthState) -> Response:
    """Make a page that leads there by itself; a redirect after a form would be stopped by our own CSP."""
    response.headers["Refresh"] = f"0; url={address}"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.set_cookie(
        _cookie(settings),
        _fernet(settings).encrypt(orjson.dumps(asdict(begun))).decode(),
        max_age=LASTS,
        secure=settings.is_https,
        httponly=True,
        samesite="lax",
        path="/",
    )
    return response


def begun_by(request: Request, chorus: Chorus, person: Person, purpose: Purpose, state: str) -> OAuthState:
    """What the person was sent away for, if it was from here. Raises Problem."""
    from cryptography.fernet import InvalidToken

    sealed = request.cookies.get(_cookie(chorus.settings), "")
    try:
        told = orjson.loads(_fernet(chorus.settings).decrypt(sealed.encode(), ttl=LASTS))
        begun = OAuthState(**{**told, "ticket": Ticket(**told["ticket"])})
    except (InvalidToken, ValueError, TypeError, KeyError):
        raise Problem(
            409,
            phrase(
                "This sign-in was not begun in this browser, or more than ten minutes ago. If chorus connect "
                "asked for it, copy the address of this page into the terminal; otherwise begin again."
            ),
        ) from None
    ticket = begun.ticket
    fits = ticket.purpose == purpose and begun.person_id == person.id
    if not fits or not secrets.compare_digest(ticket.state.encode(), state.encode()):
        raise Problem(403, phrase("This sign-in belongs to another one that was begun. Begin again."))
    return begun


def forget(response: Response, settings: Settings) -> Response:
    """The sign-in is done: it cannot be run twice."""
    response.delete_cookie(
        _cookie(settings), path="/", secure=settings.is_https, httponly=True, samesite="lax"
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _cookie(settings: Settings) -> str:
    return "__Host-chorus-oauth" if settings.is_https else "chorus-oauth"


def _fernet(settings: Settings) -> "Fernet":
    from cryptography.fernet import Fernet  # 6 MB, for those who sign in at a platform

    return Fernet(base64.urlsafe_b64encode(derive(secret_key(settings), "sign-in elsewhere")))
