"""Signing in at a Mastodon server: register Chorus as an application, send a person there, take the token.

OAuth 2.0 as Mastodon's ``/api/v1/apps`` and ``/oauth/*`` offer it; GoToSocial and others do the same.
Tokens do not expire. The client is given, so that the caller decides which addresses may be reached.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import orjson

from bot.posts import Rejected, Retry

BRAND_SCOPES = (
    "read",
    "write:statuses",
    "write:follows",
    "write:accounts",
)
"""Read mentions, publish, follow the employees, set the bot flag."""
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
    client: httpx.Client,
    base_url: str,
    redirect_uri: str = OUT_OF_BAND,
    scopes: tuple[str, ...] = BRAND_SCOPES,
    name: str = "Chorus",
    website: str | None = None,
) -> App:
    """Register Chorus at a server. Raises Rejected when it refuses, Retry when it does not answer."""
    base_url = base_url.rstrip("/")
    form = {"client_name": name, "redirect_uris": redirect_uri, "scopes": " ".join(scopes)}
    if website:
        form["website"] = website
    told = _post(client, f"{base_url}/api/v1/apps", form)
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


def exchange_code(client: httpx.Client, app: App, code: str) -> dict[str, str]:
    """The tokens for a code, as the token store keeps them. Raises Rejected for a wrong code, or Retry."""
    form = {
        "grant_type": "authorization_code",
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "redirect_uri": app.redirect_uri,
        "scope": " ".join(app.scopes),
        "code": code.strip(),
    }
    told = _post(client, f"{app.base_url}/oauth/token", form)
    return {
        "access_token": _field(told, "access_token"),
        "scope": str(told.get("scope") or " ".join(app.scopes)),
    }


def revoke(client: httpx.Client, app: App, access_token: str) -> None:
    """Give a token back, e.g. an employee's once their account is linked. Raises Rejected or Retry."""
    form = {"client_id": app.client_id, "client_secret": app.client_secret, "token": access_token}
    _post(client, f"{app.base_url}/oauth/revoke", form)


def _post(client: httpx.Client, url: str, form: Mapping[str, str]) -> Mapping[str, Any]:
    try:
        response = client.post(url, data=form)
        told = orjson.loads(response.content or b"{}")
    except httpx.HTTPError as error:
        raise Retry(f"{httpx.URL(url).host} does not answer: {error}. Is the address right?") from error
    except orjson.JSONDecodeError:
        raise Rejected(
            f"{httpx.URL(url).host} does not answer like a Mastodon server.", "not_mastodon"
        ) from None
    if response.is_server_error:
        raise Retry(f"{httpx.URL(url).host} has trouble answering (status {response.status_code}).")
    if not response.is_success or not isinstance(told, dict):
        raise Rejected(f"{httpx.URL(url).host} refused: {_reason(told)}", "refused")
    return told


def _reason(told: object) -> str:
    if not isinstance(told, dict):
        return "no reason given"
    return str(told.get("error_description") or told.get("error") or "no reason given")


def _field(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not value:
        raise Rejected(
            f"The server's answer lacks the {name}; it does not seem to be a Mastodon server.", "not_mastodon"
        )
    return value
