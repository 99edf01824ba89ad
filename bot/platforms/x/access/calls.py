"""Calls to X in the name of the brand account or of the app."""

import time
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

import httpx
import orjson

from bot.platforms.base import Clock, TokenStore
from bot.platforms.wire.http import Caller, HttpResponse, Params
from bot.platforms.x.access.auth import XTokens
from bot.platforms.x.access.costs import OnRead, ReadingCosts
from bot.platforms.x.access.refusals import account_refusal, refusal
from bot.platforms.x.account import XAccount
from bot.posts import Reconnect


class XCalls:
    """Signs each call; a token that X no longer accepts is renewed once, then the call is repeated.

    A 401 proves that nothing was accepted, so the repetition is safe for publications, too.
    """

    def __init__(
        self,
        account: XAccount,
        store: TokenStore,
        clock: Clock,
        transport: httpx.BaseTransport | None = None,
        on_read: OnRead | None = None,
    ) -> None:
        self.account = account
        self.clock = clock
        self.caller = Caller(
            account.base_url, "X", clock, allow_loopback=account.allow_loopback, transport=transport
        )
        self.tokens = XTokens(account, store, self.caller, clock)
        self.bill = ReadingCosts(clock, on_read)

    def as_brand(
        self,
        method: str,
        path: str,
        *,
        bucket: str,
        params: Params | None = None,
        json: Mapping[str, Any] | None = None,
        timeout: float = 20.0,
    ) -> HttpResponse:
        """Call with the brand account's token, within ``timeout`` seconds in all. Any status is returned."""
        end = time.monotonic() + timeout
        self.caller.gate.check(bucket)
        url = str(httpx.URL(self.account.base_url + path, params=params))
        tokens = self.tokens.load()
        answer = self._call(method, url, tokens, bucket, json, end)
        waits = account_refusal(answer, self.clock())
        if waits is not None:
            raise waits
        if answer.status == HTTPStatus.UNAUTHORIZED and "refresh_token" in tokens:
            tokens = self.tokens.renew(tokens)
            answer = self._call(method, url, tokens, bucket, json, end)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            raise Reconnect("X no longer accepts the account's permission: run `chorus connect x` again.")
        return answer

    def read(self, path: str, *, bucket: str, params: Params | None = None) -> dict[str, Any]:
        """Read something as the brand account. Raises Retry, Reconnect or Rejected."""
        return self.content(self.as_brand("GET", path, bucket=bucket, params=params))

    def as_app(
        self,
        method: str,
        path: str,
        *,
        bucket: str,
        params: Params | None = None,
        json: Mapping[str, Any] | None = None,
    ) -> HttpResponse:
        """Call with the app's own bearer token; such calls may be repeated. Raises Retry or Reconnect."""
        return self.caller.call(
            method, path, headers=self.app_headers(), params=params, json=json, bucket=bucket, writes=False
        )

    def lines(self, path: str, *, idle: float) -> Iterator[str]:
        """Read an endless answer as the app, silent for ``idle`` seconds at the most.

        Raises Retry, Reconnect or Rejected.
        """
        return self.caller.lines(
            path,
            headers=self.app_headers(),
            idle=idle,
            refused=lambda answer: refusal(self.caller, answer, writes=False),
        )

    def app_headers(self) -> dict[str, str]:
        """The app's own Authorization header. Raises Reconnect when its token is not set."""
        if not self.account.bearer_token:
            raise Reconnect(
                "X's webhooks and streams need the app's bearer token: set CHORUS_X__BEARER_TOKEN."
            )
        return {"authorization": f"Bearer {self.account.bearer_token}"}

    def content(self, answer: HttpResponse) -> dict[str, Any]:
        """The JSON object of a successful reading answer. Raises Retry, Reconnect or Rejected."""
        if not answer.ok:
            raise refusal(self.caller, answer, writes=False)
        try:
            content = orjson.loads(answer.body)
        except orjson.JSONDecodeError as error:
            raise self.caller.garbled(writes=False) from error
        if not isinstance(content, dict):
            raise self.caller.garbled(writes=False)
        return content

    def _call(
        self,
        method: str,
        url: str,
        tokens: Mapping[str, str],
        bucket: str,
        json: Mapping[str, Any] | None,
        end: float,
    ) -> HttpResponse:
        headers = self.tokens.headers(tokens, method, url)
        left = end - time.monotonic()
        return self.caller.call(method, url, headers=headers, json=json, timeout=left, bucket=bucket)
