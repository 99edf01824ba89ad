"""Calls to the brand's Bluesky server: with its session, in the time given, failures sorted.

XRPC: ``GET /xrpc/{name}`` asks, ``POST /xrpc/{name}`` changes; errors are ``{"error", "message"}``. A token
that is not valid any more is a 400, not a 401 (seen on a running server).
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import httpx

from bot.platforms.base import AnswerTags, Clock, TokenStore
from bot.platforms.bluesky.embeds import Json
from bot.platforms.wire.http import Caller, HttpResponse, Params
from bot.posts import PlatformError, Reconnect, Refusal, Rejected

SERVICE = "https://bsky.social"
PLC_DIRECTORY = "https://plc.directory"
_SPENT_TOKEN = frozenset({"ExpiredToken", "InvalidToken"})
_LOCKED_OUT = frozenset({"AccountTakedown", "AccountDeactivated", "AuthenticationRequired", "AuthMissing"})
_OTHERS = {
    "AccountTakedown": Refusal.TAKEN_DOWN,
    "RepoTakendown": Refusal.TAKEN_DOWN,
    "RepoSuspended": Refusal.TAKEN_DOWN,
    "AccountDeactivated": Refusal.DEACTIVATED,
    "RepoDeactivated": Refusal.DEACTIVATED,
}
"""What a server says of an account that is asked about, not of the one that asks."""
_CODES = {
    "InvalidSwap": Refusal.CONFLICT,
    "RecordNotFound": Refusal.NOT_FOUND,
    "NotFound": Refusal.NOT_FOUND,
    "RepoNotFound": Refusal.NOT_FOUND,
    "HandleNotFound": Refusal.NOT_FOUND,
    "XRPCNotSupported": Refusal.UNSUPPORTED,
    "MethodNotImplemented": Refusal.UNSUPPORTED,
}

Session = Mapping[str, str]

_ends_at: ContextVar[float | None] = ContextVar("bluesky_call_ends_at", default=None)


@dataclass(frozen=True, slots=True)
class BlueskyAccount:
    """The brand's account. ``service`` is its server, or Bluesky's entry door for accounts that live there.

    ``identifier`` (handle or DID) and ``app_password`` are used only when no session is stored or the
    stored one has ended for good. ``tags`` mark answers. ``allow_loopback`` lets servers be on this
    machine, for trying things out.
    """

    identifier: str = ""
    app_password: str = field(default="", repr=False)
    service: str = SERVICE
    plc_directory: str = PLC_DIRECTORY
    tags: AnswerTags = lambda: ("#chorus",)
    allow_loopback: bool = False


class Api:
    """One server, one session."""

    def __init__(
        self,
        settings: BlueskyAccount,
        tokens: TokenStore,
        clock: Clock,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.caller = Caller(
            settings.service, "Bluesky", clock, allow_loopback=settings.allow_loopback, transport=transport
        )
        self._tokens = tokens
        self._session: Session = {}

    @contextmanager
    def within(self, timeout: float) -> Iterator[None]:
        """Let all calls made inside take ``timeout`` seconds together."""
        reset = _ends_at.set(time.monotonic() + timeout)
        try:
            yield
        finally:
            _ends_at.reset(reset)

    def query(self, name: str, params: Params | None = None, *, of_others: bool = False) -> Json:
        """Ask for something. Raises Retry, Rejected (``not_found`` if it is absent) or Reconnect.

        ``of_others``: it is about another account, which may be ``taken_down`` or ``deactivated`` (Rejected).
        """

        def send(access: str) -> HttpResponse:
            headers = _bearer(access)
            path = f"/xrpc/{name}"
            return self.caller.call(
                "GET", path, params=params, headers=headers, timeout=_left(), bucket="read"
            )

        return result_of(self.caller, self._authorised(send), writes=False, of_others=of_others)

    def procedure(self, name: str, body: Mapping[str, Any]) -> Json:
        """Change something. Raises any of the four kinds of error; Rejected("conflict") for InvalidSwap."""

        def send(access: str) -> HttpResponse:
            headers = _bearer(access)
            path = f"/xrpc/{name}"
            return self.caller.call("POST", path, json=body, headers=headers, timeout=_left(), bucket="write")

        return result_of(self.caller, self._authorised(send), writes=True)

    def session(self) -> Session:
        """The brand's session (``did``, ``handle``, ``access``, ``refresh``). Raises Retry or Reconnect."""
        if not self._session.get("access"):
            self._session = dict(self._tokens.load())
        if not self._session.get("access"):
            self._session = self._tokens.refresh(self._session, self._renewed)
        return self._session

    def _authorised(self, send: Callable[[str], HttpResponse]) -> HttpResponse:
        """The answer to a call with the session's token, renewed once when it has run out."""
        session = self.session()
        answer = send(session["access"])
        if _error(answer) not in _SPENT_TOKEN:
            return answer
        self._session = self._tokens.refresh(session, self._renewed)
        return send(self._session["access"])

    def _renewed(self, stored: Session) -> Session:
        """New tokens for the stored ones. The store lets one caller at a time do this."""
        if stored.get("refresh"):
            try:
                return {**stored, **self._refreshed(stored["refresh"])}
            except Reconnect:
                if not self.settings.app_password:
                    raise
        if not (self.settings.identifier and self.settings.app_password):
            raise Reconnect("No Bluesky account is connected yet. Run: chorus connect bluesky")
        return sign_in(self.caller, self.settings.identifier, self.settings.app_password)

    def _refreshed(self, refresh: str) -> Session:
        """The next pair of tokens. A lost answer does no harm: the old one works a little longer (seen)."""
        answer = self.caller.call(
            "POST",
            "/xrpc/com.atproto.server.refreshSession",
            headers=_bearer(refresh),
            timeout=_left(),
            bucket="session",
            writes=False,
        )
        return _session_from(result_of(self.caller, answer, writes=False))


def sign_in(caller: Caller, identifier: str, app_password: str) -> dict[str, str]:
    """A new session by app password, as the token store keeps it; 30 in 5 minutes, 300 a day are allowed.

    Raises:
        Reconnect: when the password is wrong or the account is closed.
        Retry: when the server does not answer.
    """
    answer = caller.call(
        "POST",
        "/xrpc/com.atproto.server.createSession",
        json={"identifier": identifier, "password": app_password},
        timeout=_left(),
        bucket="session",
        writes=False,
    )
    return _session_from(result_of(caller, answer, writes=False))


def result_of(caller: Caller, answer: HttpResponse, *, writes: bool, of_others: bool = False) -> Json:
    """The object a server answered with. Raises what its refusal stands for."""
    if not answer.ok:
        raise _refusal(caller, answer, writes=writes, of_others=of_others)
    try:
        told = answer.json() if answer.body else {}
    except ValueError:
        raise caller.garbled(writes=writes) from None
    if not isinstance(told, dict):
        raise caller.garbled(writes=writes)
    return told


def _refusal(caller: Caller, answer: HttpResponse, *, writes: bool, of_others: bool) -> PlatformError:
    error = _error(answer)
    message = str(answer.mapping().get("message") or error or "no reason given")
    if of_others and error in _OTHERS:
        return Rejected(f"Bluesky does not show this account: {message}", _OTHERS[error])
    if error in _SPENT_TOKEN or error in _LOCKED_OUT:
        return Reconnect(f"Bluesky lets the brand's account do no more: {message}")
    if error in _CODES:
        return Rejected(f"Bluesky refused: {message}", _CODES[error])
    if answer.status == HTTPStatus.BAD_REQUEST:
        return Rejected(f"Bluesky does not take this: {message}", _code_of(message))
    return caller.refusal(answer, writes=writes, detail=message)


def _code_of(message: str) -> Refusal:
    """The reason behind an InvalidRequest, which only its message tells."""
    if "too big" in message:
        return Refusal.TOO_LONG
    unknown = message.startswith(("Could not find repo", "Unable to resolve handle"))
    return Refusal.NOT_FOUND if unknown else Refusal.INVALID


def _error(answer: HttpResponse) -> str:
    return "" if answer.ok else str(answer.mapping().get("error") or "")


def _session_from(told: Json) -> dict[str, str]:
    try:
        return {
            "did": str(told["did"]),
            "handle": str(told.get("handle") or ""),
            "access": str(told["accessJwt"]),
            "refresh": str(told["refreshJwt"]),
        }
    except KeyError as error:
        raise Rejected(
            f"The server's session lacks {error}; is this a Bluesky server?", Refusal.NOT_BLUESKY
        ) from None


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def _left() -> float | None:
    """Seconds left of the time given by ``within``; None outside of it."""
    ends_at = _ends_at.get()
    return None if ends_at is None else ends_at - time.monotonic()
