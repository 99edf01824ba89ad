"""Signing in at a platform from a page: sent there with a secret in the browser, back with a code.

What has to be remembered in between (state, PKCE verifier, the app at that server) is in an encrypted
cookie of ten minutes that only the browser that began holds. Whoever comes back without it began elsewhere.
"""

import base64
import secrets
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson
from fastapi import Request, Response

from app.identity.auth import Person
from app.web.problems import Problem
from app.wiring.composition import Chorus
from app.wiring.keys import derive, secret_key
from app.wiring.setting_values import server_address
from app.wiring.settings import Settings
from bot.platforms.base import Platform
from bot.platforms.wire.http import Caller
from bot.posts import PlatformError, PlatformName

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

LASTS = 600
"""Seconds somebody has to sign in there."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What somebody was sent away for."""

    purpose: str
    """``employee``: to show whose account it is; ``brand``: to let Chorus use it."""
    platform: str
    person_id: int
    state: str
    redirect_uri: str
    verifier: str = ""
    server: str = ""
    client_id: str = ""
    client_secret: str = ""


def begin(
    chorus: Chorus, person: Person, purpose: str, platform: str, back: str, server: str = ""
) -> tuple[str, Errand]:
    """Where to send somebody, and what to remember. Raises Problem with what to do instead."""
    redirect_uri = f"{chorus.settings.base_url}{back}"
    try:
        if platform == PlatformName.MASTODON:
            return _to_mastodon(chorus, person, purpose, server, redirect_uri)
        if platform == PlatformName.X:
            return _to_x(chorus, person, purpose, redirect_uri)
    except PlatformError as error:
        raise Problem(502, f"The sign-in could not begin: {error}") from error
    raise Problem(422, "There is no sign-in on this platform: use a code instead.")


def tokens_for(chorus: Chorus, errand: Errand, code: str) -> dict[str, str]:
    """What the platform gives for the code. Raises PlatformError."""
    if errand.platform == PlatformName.MASTODON:
        from bot.platforms.mastodon.auth import exchange_code

        with_app = mastodon_app(errand)
        caller = mastodon_caller(chorus.settings, chorus, errand.server)
        try:
            return exchange_code(caller, with_app, code)
        finally:
            caller.close()
    from bot.platforms.x.access.auth import finish

    calls = _x(chorus).calls
    return finish(
        calls.caller,
        calls.account,
        code=code,
        verifier=errand.verifier,
        redirect_uri=errand.redirect_uri,
        now=chorus.clock(),
    )


def mastodon_app(errand: Errand) -> Any:
    """Chorus as the server of this errand knows it."""
    from bot.platforms.mastodon.auth import App

    return App(
        errand.server, errand.client_id, errand.client_secret, errand.redirect_uri, _scopes(errand.purpose)
    )


def mastodon_caller(settings: Settings, chorus: Chorus, server: str) -> Caller:
    """Calls to a server somebody named: public addresses only, no redirects, bounded."""
    return Caller(
        server, urlsplit(server).netloc, chorus.clock, allow_loopback=settings.mastodon.allow_loopback
    )


def server_of(settings: Settings, text: str) -> str:
    """The address of the server in ``example.social``, ``https://...`` or ``@jane@example.social``.

    Raises Problem where it is none.
    """
    text = text.strip()
    address = server_address(text if "://" in text else text.rpartition("@")[2])
    plain_http = address is not None and address.startswith("http:")
    if address is None or (plain_http and not settings.mastodon.allow_loopback):
        raise Problem(422, "Give your server's address, like https://mastodon.example, or your whole handle.")
    return address


def send_there(response: Response, settings: Settings, address: str, errand: Errand) -> Response:
    """Make a page that leads there by itself; a redirect after a form would be stopped by our own CSP."""
    response.headers["Refresh"] = f"0; url={address}"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.set_cookie(
        _cookie(settings),
        _fernet(settings).encrypt(orjson.dumps(asdict(errand))).decode(),
        max_age=LASTS,
        secure=_is_secure(settings),
        httponly=True,
        samesite="lax",
        path="/",
    )
    return response


def errand_of(request: Request, chorus: Chorus, person: Person, purpose: str, state: str) -> Errand:
    """What the person was sent away for, if it was from here. Raises Problem."""
    from cryptography.fernet import InvalidToken

    sealed = request.cookies.get(_cookie(chorus.settings), "")
    try:
        told = orjson.loads(_fernet(chorus.settings).decrypt(sealed.encode(), ttl=LASTS))
        errand = Errand(**told)
    except (InvalidToken, ValueError, TypeError):
        raise Problem(
            409,
            "This sign-in was not begun in this browser, or more than ten minutes ago. If chorus connect "
            "asked for it, copy the address of this page into the terminal; otherwise begin again.",
        ) from None
    fits = errand.purpose == purpose and errand.person_id == person.id
    if not fits or not secrets.compare_digest(errand.state.encode(), state.encode()):
        raise Problem(403, "This sign-in belongs to another one that was begun. Begin again.")
    return errand


def forget(response: Response, settings: Settings) -> Response:
    """The errand is done: it cannot be run twice."""
    response.delete_cookie(
        _cookie(settings), path="/", secure=_is_secure(settings), httponly=True, samesite="lax"
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _to_mastodon(
    chorus: Chorus, person: Person, purpose: str, server: str, redirect_uri: str
) -> tuple[str, Errand]:
    from bot.platforms.mastodon.auth import authorize_url, register_app

    address = server_of(chorus.settings, server or chorus.settings.mastodon.base_url or "")
    caller = mastodon_caller(chorus.settings, chorus, address)
    try:
        app = register_app(
            caller,
            address,
            redirect_uri,
            _scopes(purpose),
            name=f"Chorus of {chorus.settings.brand_name}",
            website=chorus.settings.base_url,
        )
    finally:
        caller.close()
    errand = Errand(
        purpose, PlatformName.MASTODON, person.id, secrets.token_urlsafe(24), redirect_uri,
        server=address, client_id=app.client_id, client_secret=app.client_secret,
    )  # fmt: skip
    return authorize_url(app, errand.state), errand


def _to_x(chorus: Chorus, person: Person, purpose: str, redirect_uri: str) -> tuple[str, Errand]:
    from bot.platforms.x.access.auth import BRAND_SCOPES, SIGN_IN_SCOPES
    from bot.platforms.x.access.auth import begin as begin_at_x

    account = _x(chorus).calls.account
    if not account.client_id:
        raise Problem(422, "Signing in at X needs CHORUS_X__CLIENT_ID. Use a code instead.")
    going = begin_at_x(account, redirect_uri, BRAND_SCOPES if purpose == "brand" else SIGN_IN_SCOPES)
    return going.url, Errand(
        purpose, PlatformName.X, person.id, going.state, redirect_uri, verifier=going.verifier
    )


def _x(chorus: Chorus) -> Any:
    adapter: Platform | None = chorus.platforms.get(PlatformName.X)
    if adapter is None:
        raise Problem(422, "X is not set up here.")
    return adapter


def _scopes(purpose: str) -> tuple[str, ...]:
    from bot.platforms.mastodon.auth import BRAND_SCOPES, EMPLOYEE_SCOPES

    return BRAND_SCOPES if purpose == "brand" else EMPLOYEE_SCOPES


def _cookie(settings: Settings) -> str:
    return "__Host-chorus-errand" if _is_secure(settings) else "chorus-errand"


def _is_secure(settings: Settings) -> bool:
    return settings.base_url.startswith("https:")


def _fernet(settings: Settings) -> "Fernet":
    from cryptography.fernet import Fernet  # 6 MB, for those who sign in at a platform

    return Fernet(base64.urlsafe_b64encode(derive(secret_key(settings), "sign-in elsewhere")))
