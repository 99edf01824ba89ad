"""Who speaks to X: the brand's user token (OAuth 2.0 with PKCE, or OAuth 1.0a) or the app itself.

OAuth 2.0 user tokens live two hours and their refresh token works once: it is exchanged under the token
store's single flight, which stores the new pair in the same transaction. OAuth 1.0a tokens do not expire.
Sources: https://docs.x.com/fundamentals/authentication/oauth-2-0/user-access-token, RFC 7636, RFC 5849.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import httpx

from bot.platforms.base import Clock, TokenStore
from bot.platforms.wire.http import Caller, HttpResponse
from bot.platforms.wire.limits import retry_at
from bot.platforms.x.access.refusals import account_refusal, refusal
from bot.platforms.x.account import XAccount
from bot.posts import Ambiguous, Author, Reconnect, Refusal, Rejected, Retry

AUTHORIZE_URL = "https://x.com/i/oauth2/authorize"
TOKEN_PATH = "/2/oauth2/token"  # noqa: S105 - an address, no secret
BRAND_SCOPES = "tweet.read tweet.write users.read offline.access"
SIGN_IN_SCOPES = "tweet.read users.read"
EARLY = timedelta(minutes=2)
"""A token is renewed this long before it expires, so that none runs out on its way."""


@dataclass(frozen=True, slots=True)
class Authorization:
    """Where to send a person to give permission, and what to keep until they come back."""

    url: str
    state: str
    verifier: str


class XTokens:
    """The brand account's permission, renewed when it is due."""

    def __init__(self, account: XAccount, store: TokenStore, caller: Caller, clock: Clock) -> None:
        self._account = account
        self._store = store
        self._caller = caller
        self._clock = clock

    def load(self) -> Mapping[str, str]:
        """Tokens that are good now, renewed where they are about to expire. Raises Retry or Reconnect."""
        tokens = self._store.load()
        if not tokens:
            raise Reconnect("X is not connected: run `chorus connect x`.")
        return self.renew(tokens) if self._is_due(tokens) else tokens

    def renew(self, seen: Mapping[str, str]) -> Mapping[str, str]:
        """Tokens newer than ``seen``, exchanged once for all callers. Raises Retry or Reconnect."""
        if "refresh_token" not in seen:
            raise Reconnect("X no longer accepts the account's permission: run `chorus connect x` again.")
        return self._store.refresh(seen, self._exchange)

    def headers(self, tokens: Mapping[str, str], method: str, url: str) -> dict[str, str]:
        """The Authorization header for one request of the brand account."""
        if "oauth_token" in tokens:
            return sign_oauth1(
                self._account, tokens["oauth_token"], tokens["oauth_token_secret"], method, url
            )
        return {"authorization": f"Bearer {tokens['access_token']}"}

    def _is_due(self, tokens: Mapping[str, str]) -> bool:
        expires = tokens.get("expires_at")
        return expires is not None and datetime.fromisoformat(expires) - EARLY <= self._clock()

    def _exchange(self, stored: Mapping[str, str]) -> Mapping[str, str]:
        form = {"grant_type": "refresh_token", "refresh_token": stored.get("refresh_token", "")}
        try:
            answer = _ask_for_token(self._caller, self._account, form)
        except Ambiguous as error:
            # The token may be used up now; asking again settles it: X then answers 400.
            raise Retry(f"X did not answer when the permission was renewed: {error}") from error
        waits = account_refusal(answer, self._clock())
        if waits is not None:  # X blocks this call, too, when there is no money left
            raise waits
        if answer.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise Reconnect(
                "X refuses to renew the account's permission (it was withdrawn, or a renewal was lost on "
                "its way): run `chorus connect x` again."
            )
        if not answer.ok:
            raise Retry(
                f"X answered {answer.status} when the permission was renewed.",
                retry_at(answer.headers, self._clock()),
            )
        return {**stored, **_tokens(answer, self._clock(), stored.get("refresh_token", ""))}


def sign_oauth1(account: XAccount, token: str, token_secret: str, method: str, url: str) -> dict[str, str]:
    """The OAuth 1.0a Authorization header (HMAC-SHA1; a JSON body is not part of the signature)."""
    from authlib.oauth1 import ClientAuth

    secret = account.consumer_secrets[0] if account.consumer_secrets else ""
    client = ClientAuth(account.consumer_key, secret, token=token, token_secret=token_secret)
    _, headers, _ = client.prepare(method, url, {}, b"")
    return {"authorization": str(headers["Authorization"])}


def begin(account: XAccount, redirect_uri: str, scopes: str = BRAND_SCOPES) -> Authorization:
    """Begin the code flow with PKCE: for the brand account, or (SIGN_IN_SCOPES) to see who somebody is."""
    from authlib.common.security import generate_token
    from authlib.oauth2.rfc7636 import create_s256_code_challenge

    state, verifier = generate_token(32), generate_token(64)
    query = {
        "response_type": "code",
        "client_id": account.client_id,
        "redirect_uri": redirect_uri,
        "scope": scopes,
        "state": state,
        "code_challenge": create_s256_code_challenge(verifier),
        "code_challenge_method": "S256",
    }
    return Authorization(str(httpx.URL(AUTHORIZE_URL, params=query)), state, verifier)


def finish(
    caller: Caller, account: XAccount, *, code: str, verifier: str, redirect_uri: str, now: datetime
) -> dict[str, str]:
    """Turn the code that X sent along into tokens to store. Raises Rejected or Retry."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "code_verifier": verifier,
        "redirect_uri": redirect_uri,
    }
    try:
        answer = _ask_for_token(caller, account, form)
    except Ambiguous as error:
        raise Retry("X did not answer in full; please begin the sign-in again.") from error
    waits = account_refusal(answer, now)
    if waits is not None:
        raise waits
    if not answer.ok:
        told = answer.mapping()
        raise Rejected(
            f"X refuses the sign-in: {told.get('error_description') or answer.status}.", Refusal.REFUSED
        )
    return _tokens(answer, now, "")


def whose(caller: Caller, access_token: str) -> Author:
    """Whose access token this is: X's word for an account, by its immutable id. Raises Rejected or Retry."""
    headers = {"authorization": f"Bearer {access_token}"}
    answer = caller.call("GET", "/2/users/me", headers=headers, bucket="users/me")
    if not answer.ok:
        raise refusal(caller, answer, writes=False)
    return me(caller, answer)


def me(caller: Caller, answer: HttpResponse) -> Author:
    """The account in an answer about a user. Raises Retry when it cannot be read."""
    data = answer.mapping().get("data")
    if not isinstance(data, dict) or not data.get("id"):
        raise caller.garbled(writes=False)
    return Author(id=str(data["id"]), handle=str(data.get("username", "")), name=str(data.get("name", "")))


def _ask_for_token(caller: Caller, account: XAccount, form: Mapping[str, str]) -> HttpResponse:
    """Ask the token endpoint: a confidential app proves itself by Basic, a public one by its id alone."""
    headers: dict[str, str] = {}
    if account.client_secret:
        basic = httpx.BasicAuth(account.client_id, account.client_secret)
        request = next(basic.auth_flow(httpx.Request("POST", account.base_url)))
        headers["authorization"] = request.headers["authorization"]
    return caller.call(
        "POST", TOKEN_PATH, form={**form, "client_id": account.client_id}, headers=headers, bucket="token"
    )


def _tokens(answer: HttpResponse, now: datetime, previous: str) -> dict[str, str]:
    told: dict[str, Any] = answer.mapping()
    access = told.get("access_token")
    if not isinstance(access, str) or not access:
        raise Retry("X answered without a token.")
    tokens = {"access_token": access, "scope": str(told.get("scope", ""))}
    refresh = told.get("refresh_token") or previous
    if refresh:
        tokens["refresh_token"] = str(refresh)
    seconds = told.get("expires_in")
    if isinstance(seconds, int | float):
        tokens["expires_at"] = (now + timedelta(seconds=seconds)).isoformat()
    return tokens
