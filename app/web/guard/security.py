"""What guards every request: security headers, origin, size of the body, and how much one client may ask.

One plain ASGI middleware, because it is passed on the hottest way (webhooks) too.
"""

import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.guard.clients import client_address, networks_of
from app.web.guard.throttle import Limit, Throttle, ThrottleResult, client_key
from app.web.problems import Problem, respond
from app.web.refusals.submitted import keep_submitted
from app.wiring.settings import Settings
from routing.model.phrases import phrase

MAX_BODY = 1024 * 1024
"""Bytes of a request's body; more is answered with 413."""

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), browsing-topics=()"),
)
_OPEN_TO_ALL = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag, RateLimit, RateLimit-Policy, Retry-After"),
)
_PREFLIGHT = (
    *_OPEN_TO_ALL,
    (b"access-control-allow-methods", b"GET, HEAD"),
    (b"access-control-allow-headers", b"accept, if-none-match"),
    (b"access-control-max-age", b"86400"),
)
_Headers = tuple[tuple[bytes, bytes], ...]
_Refusal = tuple[int, str]
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_API = "/api/"
_STATIC = "/static/"
_FOR_EVER = ((b"cache-control", b"public, max-age=31536000, immutable"),)
"""For addresses with a fingerprint: what is behind them never changes (see ``app.web.html.static``)."""
_SIGNED = "/webhooks/"
_ENDLESS = ("/live/", "/desk/live", "/local/live")
"""Answers that end when their reader goes: a HEAD, whose reader waits for the end, is refused there."""
_SEARCHES = ("/search", "/feed.atom", "/api/v1/")
_READERS = "/q/"
_READER_LIMIT = Limit("reader", 20, 60)
_STAFF = "/staff"
_STAFF_LIMIT = Limit("staff", 20, 60)
"""Accounts asked about: enough for whoever was written to, too few to try a list of names."""
_PRIVATE = ("/private/", "/s/")
"""Private pages, and those where customers say how it went."""
_PRIVATE_LIMIT = Limit("private", 30, 60)
"""These looked at and sent: too few to guess an address or a code."""
_SIGN_IN = "/sign-in"
_JOIN = "/join"
_SETUP = "/setup/"
_TELL_FIRST = "/announcements/tell-first"
_LINKS = (f"{_SIGN_IN}/", f"{_JOIN}/", _SETUP, "/announcements/confirm/")
_SIGN_IN_LIMIT = Limit("sign-in", 30, 60)
"""Links asked for and links tried: enough for an office behind one address, too few to guess or to flood."""


def install_security(app: FastAPI, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
    """Put the guard in front of ``app``; ``clock`` counts seconds for the limits."""
    app.add_middleware(Guard, settings=settings, clock=clock)


class Guard:
    """The middleware. Use ``install_security``."""

    def __init__(self, app: ASGIApp, settings: Settings, clock: Callable[[], float]) -> None:
        self._app = app
        self._trusted = settings.trusted_proxies
        networks_of(self._trusted)  # a mistyped address fails the start, not the first request
        self._own_hosts = frozenset({urlsplit(settings.base_url).netloc.lower()})
        extra = ((b"strict-transport-security", b"max-age=31536000"),)
        self._headers = _HEADERS + (extra if settings.is_https else ())
        self._searches = Throttle(Limit("search", settings.search.requests_per_minute, 60), clock)
        self._readers = Throttle(_READER_LIMIT, clock)
        self._staff = Throttle(_STAFF_LIMIT, clock)
        self._private = Throttle(_PRIVATE_LIMIT, clock)
        self._sign_ins = Throttle(_SIGN_IN_LIMIT, clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method, path = scope["method"], scope["path"]
        if sum(name == b"host" for name, _ in scope["headers"]) > 1:
            await _refuse(scope, receive, _with_headers(send, self._headers), _TWO_HOSTS)
            return
        if method == "HEAD" and not path.startswith(_ENDLESS):
            scope, send, method = {**scope, "method": "GET"}, _without_body(send), "GET"
        if method == "OPTIONS" and path.startswith(_API):
            await _answer_preflight(send, self._headers + _PREFLIGHT)
            return
        extra = self._headers
        if path.startswith(_API):
            extra += _OPEN_TO_ALL
        elif path.startswith(_STATIC) and scope["query_string"].startswith(b"v="):
            extra += _FOR_EVER
        verdict = self._verdict(scope, method, path)
        if verdict is not None:
            extra += tuple((name.lower().encode(), value.encode()) for name, value in verdict.headers.items())
        refusal = None
        if method not in _SAFE:
            refusal = self._unacceptable(scope, path)
            receive = _counting(receive)
        # Later, for whoever has to wait gets back what they typed, and another site must not type for them.
        refusal = refusal or _too_many(verdict)
        if refusal is not None:
            await _refuse(scope, receive, _with_headers(send, extra), refusal)
            return
        await self._app(scope, receive, _with_headers(send, extra))

    def _unacceptable(self, scope: Scope, path: str) -> _Refusal | None:
        """Why a request that may change something is refused without looking at its body."""
        if not path.startswith(_SIGNED) and self._is_foreign(dict(scope["headers"])):
            return 403, phrase("This request came from another site, so nothing was done.")
        if _declared_size(scope["headers"]) > MAX_BODY:
            return 413, _TOO_LARGE
        return None

    def _verdict(self, scope: Scope, method: str, path: str) -> ThrottleResult | None:
        if method == "GET" and path.startswith(_SEARCHES):
            throttle = self._searches
        elif method == "POST" and path.startswith(_READERS):
            throttle = self._readers
        elif method == "GET" and path.startswith(_STAFF):
            throttle = self._staff
        elif path.startswith(_PRIVATE):
            throttle = self._private
        elif path.startswith(_LINKS) or (method == "POST" and path in (_SIGN_IN, _JOIN, _TELL_FIRST)):
            throttle = self._sign_ins
        else:
            return None
        return throttle.take(client_key(client_address(scope, self._trusted)))

    def _is_foreign(self, headers: dict[bytes, bytes]) -> bool:
        """Whether a browser says that another site made it send this (so no token is needed).

        Browsers send Sec-Fetch-Site, older ones Origin; neither can be set by a page. Programs send none.
        """
        site = headers.get(b"sec-fetch-site")
        if site is not None:
            return site not in (b"same-origin", b"none")
        origin = headers.get(b"origin")
        if origin is None:
            return False
        try:
            host = urlsplit(origin.decode("latin-1")).netloc.lower()
        except ValueError:  # no address at all, so none of ours
            return True
        return host not in self._own_hosts and host != headers.get(b"host", b"").decode("latin-1").lower()


_MOST_TYPED = 64 * 1024
"""Bytes of a form that are given back to whoever has to wait: what people type, not what floods."""
_TWO_HOSTS = (
    400,
    phrase("The request names more than one Host, so nobody can tell which is meant (RFC 9112, 3.2)."),
)
_TOO_LARGE = phrase(
    "The body is larger than %(most)s KiB, which is the most that is accepted.", most=MAX_BODY // 1024
)


def _declared_size(headers: Iterable[tuple[bytes, bytes]]) -> int:
    for name, value in headers:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


def _counting(receive: Receive) -> Receive:
    """Stops reading where a body turns out larger than it may be, whatever it declared."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > MAX_BODY:
            raise Problem(413, _TOO_LARGE)
        return message

    return counted


def _without_body(send: Send) -> Send:
    """HEAD is GET whose body stays here: every page answers it, with the same headers."""

    async def send_headers(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return send_headers


def _too_many(verdict: ThrottleResult | None) -> _Refusal | None:
    if verdict is None or verdict.passes:
        return None
    return 429, phrase(
        "Too many requests from your address. Please wait %(seconds)s seconds.", seconds=verdict.reset
    )


def _with_headers(send: Send, extra: _Headers) -> Send:
    """Adds headers to a response, except those that it sets itself."""

    async def send_guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = {name for name, _ in message["headers"]}
            message["headers"] = [*message["headers"], *[pair for pair in extra if pair[0] not in given]]
        await send(message)

    return send_guarded


async def _refuse(scope: Scope, receive: Receive, send: Send, refusal: _Refusal) -> None:
    status, detail = refusal
    if status == HTTPStatus.TOO_MANY_REQUESTS and _declared_size(scope["headers"]) <= _MOST_TYPED:
        receive = await keep_submitted(scope, receive)
    await respond(Request(scope), status, detail)(scope, receive, send)


async def _answer_preflight(send: Send, headers: _Headers) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": list(headers)})
    await send({"type": "http.response.body"})
