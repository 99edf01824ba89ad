"""Calls to the brand's server: with its token, within the time given, failures sorted into our four kinds."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import httpx

from bot.platforms.base import AnswerTags, Clock, TokenStore
from bot.platforms.mastodon.content import Json, Server
from bot.platforms.mastodon.instance import Instance, instance_from
from bot.platforms.wire.http import USER_AGENT, Caller, HttpResponse, Params
from bot.posts import PlatformError, Reconnect, Refusal, Rejected, Retry

INSTANCE_LASTS = timedelta(days=1)
INSTANCE_ASKED_AGAIN = timedelta(minutes=1)
_TOO_LONG = ("too long", "character limit", "max characters", "exceed")
_LOCKED_OUT = ("scope", "disabled", "suspended", "unconfirmed", "confirmed e-mail", "pending approval")

_ends_at: ContextVar[float | None] = ContextVar("mastodon_call_ends_at", default=None)


@dataclass(frozen=True, slots=True)
class MastodonAccount:
    """The brand's account on a server that speaks Mastodon's client API.

    ``tags`` mark answers. ``webhook_secrets`` are those of the server admin's webhooks, two at a time while
    one is replaced. ``allow_loopback`` lets the server be on this machine, for trying things out.
    """

    base_url: str
    tags: AnswerTags = lambda: ("#chorus",)
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    allow_loopback: bool = False


class Api:
    """One server, one account, one rate-limit budget."""

    def __init__(
        self,
        settings: MastodonAccount,
        tokens: TokenStore,
        clock: Clock,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        parts = urlsplit(settings.base_url)
        self.settings = settings
        self.clock = clock
        self.host = parts.netloc.lower()
        self.is_secure = parts.scheme == "https"
        self.user_agent = USER_AGENT
        self.knows_batches = True
        """Whether the server hands out several statuses at once (Mastodon since 4.3)."""
        self.caller = Caller(
            settings.base_url, "Mastodon", clock, allow_loopback=settings.allow_loopback, transport=transport
        )
        self._tokens = tokens
        self._token: str | None = None
        self._account: Json | None = None
        self._instance: Instance | None = None
        self._ask_again_at: datetime | None = None
        self._lock = Lock()

    @contextmanager
    def within(self, timeout: float) -> Iterator[None]:
        """Let all calls made inside take ``timeout`` seconds together."""
        reset = _ends_at.set(time.monotonic() + timeout)
        try:
            yield
        finally:
            _ends_at.reset(reset)

    def read(self, path: str, query: Params | None = None) -> Json:
        """An object the server holds. Raises Retry, Rejected (``not_found`` if it is absent) or Reconnect."""
        told = self._read(path, query)
        if not isinstance(told, dict):
            raise self.caller.garbled(writes=False)
        return told

    def is_public(self, path: str) -> bool:
        """Whether the server shows something to people who are not signed in. Raises Retry."""
        return self.caller.call("GET", path, timeout=_left(), bucket="read").ok

    def read_list(self, path: str, query: Params | None = None) -> list[Json]:
        """A list of objects, those without an id left out. Raises as ``read`` does."""
        told = self._read(path, query)
        if not isinstance(told, list):
            raise self.caller.garbled(writes=False)
        return [item for item in told if isinstance(item, dict) and item.get("id")]

    def write(self, method: str, path: str, body: Mapping[str, Any] | None, key: str | None = None) -> Json:
        """Change something, under an idempotency key if given. Raises any of the four kinds of error."""
        headers = {"idempotency-key": key} if key else {}
        bucket = "delete" if method == "DELETE" or path.endswith("/unreblog") else "write"

        def send(token: str) -> HttpResponse:
            return self.caller.call(
                method, path, json=body, headers=headers | _bearer(token), timeout=_left(), bucket=bucket
            )

        told = self._result(self._authorised(send), writes=True)
        return told if isinstance(told, dict) else {}

    def token(self) -> str:
        """The brand's access token. Raises Reconnect when there is none."""
        if self._token is None:
            self._token = self._tokens.load().get("access_token") or None
        if self._token is None:
            raise Reconnect("No Mastodon account is connected yet. Run: chorus connect mastodon")
        return self._token

    def account(self) -> Json:
        """The brand's own account, asked for once. Raises Retry or Reconnect."""
        if self._account is None:
            self._account = self.read("/api/v1/accounts/verify_credentials")
        return self._account

    def instance(self) -> Instance:
        """What the server says of itself, asked for once a day; the last answer stands while it is silent.

        Raises:
            Retry: when it has never answered.
        """
        with self._lock:
            now = self.clock()
            if self._ask_again_at is None or now >= self._ask_again_at:
                self._ask_again_at = now + INSTANCE_ASKED_AGAIN
                self._instance = self._asked_instance() or self._instance
                if self._instance is not None:
                    self._ask_again_at = now + INSTANCE_LASTS
            if self._instance is None:
                raise Retry(f"{self.host} does not tell its limits now.", self._ask_again_at)
            return self._instance

    @property
    def server(self) -> Server:
        """Host and domain of the server; while it is silent its handles are taken to carry its host."""
        try:
            return Server(self.host, self.instance().domain)
        except Retry:
            return Server(self.host, self.host)

    def _asked_instance(self) -> Instance | None:
        for path in ("/api/v2/instance", "/api/v1/instance"):
            try:
                answer = self.caller.call("GET", path, timeout=_left(), bucket="instance")
            except Retry:
                return None
            if answer.ok and (told := answer.mapping()):
                return instance_from(told, self.host)
        return None

    def _read(self, path: str, query: Params | None) -> Any:
        def send(token: str) -> HttpResponse:
            return self.caller.call(
                "GET", path, params=query, headers=_bearer(token), timeout=_left(), bucket="read"
            )

        return self._result(self._authorised(send), writes=False)

    def _authorised(self, send: Callable[[str], HttpResponse]) -> HttpResponse:
        """The answer to a call with the brand's token, which another process may have replaced meanwhile."""
        token = self.token()
        answer = send(token)
        if answer.status != HTTPStatus.UNAUTHORIZED:
            return answer
        self._token = None
        return send(self.token()) if self.token() != token else answer

    def _result(self, answer: HttpResponse, *, writes: bool) -> Any:
        if not answer.ok:
            raise self._refusal(answer, writes=writes)
        try:
            return answer.json() if answer.body else {}
        except ValueError:
            raise self.caller.garbled(writes=writes) from None

    def _refusal(self, answer: HttpResponse, *, writes: bool) -> PlatformError:
        """Sort a refusal: 422 is Mastodon's and 400 GoToSocial's word for a text it does not take."""
        detail = str(answer.mapping().get("error") or "no reason given")
        words = detail.casefold()
        match answer.status:
            case HTTPStatus.NOT_FOUND | HTTPStatus.GONE:
                return Rejected(f"{self.host} does not have it (any more): {detail}", Refusal.NOT_FOUND)
            case HTTPStatus.BAD_REQUEST | HTTPStatus.UNPROCESSABLE_ENTITY:
                code = Refusal.TOO_LONG if any(sign in words for sign in _TOO_LONG) else Refusal.INVALID
                return Rejected(f"{self.host} does not take this: {detail}", code)
            case HTTPStatus.FORBIDDEN if any(sign in words for sign in _LOCKED_OUT):
                return Reconnect(f"{self.host} lets the brand's account do no more: {detail}")
            case HTTPStatus.FORBIDDEN:
                return Rejected(f"{self.host} does not permit this: {detail}", Refusal.NOT_PERMITTED)
            case _:
                return self.caller.refusal(answer, writes=writes, detail=detail)


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def _left() -> float | None:
    """Seconds left of the time given by ``within``; None outside of it."""
    ends_at = _ends_at.get()
    return None if ends_at is None else ends_at - time.monotonic()
