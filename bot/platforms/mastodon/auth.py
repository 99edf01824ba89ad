"""Signing in at a Mastodon server: register Chorus as an application, send a person there, take the token.

OAuth 2.0 as Mastodon's ``/api/v1/apps`` and ``/oauth/*`` offer it; GoToSocial and others do the same.
Tokens do not expire. The ``Caller`` that is given decides which addresses may be reached.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from bot.platforms.mastodon.content import Server
from bot.platforms.mastodon.instance import instance_from
from bot.platforms.wire.http import Caller, HttpResponse
from bot.posts import Refusal, Rejected, Retry

BRAND_SCOPES = (
    "read",
    "write:statuses",
    "write:follows",
    "write:accounts",
)
"""Read mentions, publish, follow the employees, set the bot flag: what the brand has to be let do."""
ASKED_SCOPES = (*BRAND_SCOPES, "write:favourites")
"""What it asks for: it can do without liking what customers answer each other."""
EMPLOYEE_SCOPES = ("read:accounts",)
"""Only who somebody is."""
OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
"""The server shows the code for copying instead of sending the browser on."""


@dataclass(frozen=True, slots=True)
class App:
    """Chorus as a Mastodon server knows it."""

    base_url: str
    client_id: str
    client_secret: str
    redirect_uri: str
    scopes: tuple[str, ...]


def register_app(
    caller: Caller,
    base_url: str,
    redirect_uri: str = OUT_OF_BAND,
    scopes: tuple[str, ...] = ASKED_SCOPES,
    name: str = "Chorus",
    website: str | None = None,
) -> App:
    """Register Chorus at a server. Raises Rejected when it refuses, Retry when it does not answer."""
    base_url = base_url.rstrip("/")
    form = {"client_name": name, "redirect_uris": redirect_uri, "scopes": " ".join(scopes)}
    if website:
        form["website"] = website
    told = _post(caller, f"{base_url}/api/v1/apps", form)
    return App(base_url, _field(told, "client_id"), _field(told, "client_secret"), redirect_uri, scopes)


def authorize_url(app: App, state: str | None = None) -> str:
    """Where a person allows Chorus to act for the account they are signed in with.

    ``state`` comes back with the code; check it against the browser's session.
    """
    query = {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": app.redirect_uri,
        "scope": " ".join(app.scopes),
        "force_login": "true",
    }
    if state:
        query["state"] = state
    return f"{app.base_url}/oauth/authorize?{urlencode(query)}"


def exchange_code(caller: Caller, app: App, code: str) -> dict[str, str]:
    """The tokens for a code, as the token store keeps them. Raises Rejected for a wrong code, or Retry."""
    form = {
        "grant_type": "authorization_code",
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "redirect_uri": app.redirect_uri,
        "scope": " ".join(app.scopes),
        "code": code.strip(),
    }
    told = _post(caller, f"{app.base_url}/oauth/token", form)
    return {
        "access_token": _field(told, "access_token"),
        "scope": str(told.get("scope") or " ".join(app.scopes)),
    }


def handle_of(caller: Caller, app: App, access_token: str) -> str:
    """Whose token it is, as ``user@host``: look that handle up on the brand's server to link the account.

    Raises Rejected for a token that is not valid, or Retry.
    """
    headers = {"authorization": f"Bearer {access_token}"}
    url = f"{app.base_url}/api/v1/accounts/verify_credentials"
    account = _told(caller.call("GET", url, headers=headers), url)
    url = f"{app.base_url}/api/v2/instance"
    host = urlsplit(app.base_url).netloc.lower()
    instance = instance_from(_told(caller.call("GET", url), url), host)
    return Server(host, instance.domain).handle(_field(account, "acct"))


def revoke(caller: Caller, app: App, access_token: str) -> None:
    """Give a token back, e.g. an employee's once their account is linked. Raises Rejected or Retry."""
    form = {"client_id": app.client_id, "client_secret": app.client_secret, "token": access_token}
    _post(caller, f"{app.base_url}/oauth/revoke", form)


def _post(caller: Caller, url: str, form: Mapping[str, str]) -> Mapping[str, Any]:
    # Losing an answer does no harm: an application or a token nobody knows of is never used.
    return _told(caller.call("POST", url, form=form, writes=False), url)


def _told(answer: HttpResponse, url: str) -> Mapping[str, Any]:
    host = urlsplit(url).netloc
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise Retry(f"{host} has trouble answering (status {answer.status}).")
    told = answer.mapping()
    if not answer.ok:
        reason = told.get("error_description") or told.get("error") or f"status {answer.status}"
        raise Rejected(f"{host} refused: {reason}", Refusal.REFUSED)
    return told


def _field(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not value:
        raise Rejected(
            f"The server's answer lacks the {name}; it does not seem to be a Mastodon server.",
            Refusal.NOT_MASTODON,
        )
    return value
