"""Pages, feeds and answers of the API are sent compressed to whoever takes them so."""

import re
from collections.abc import Iterable

from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SMALLEST = 500
_LEVEL = 5
"""Half a millisecond for 30 KB; above it more time for hardly less."""
_AS_THEY_ARE = ("/desk", "/admin", "/sign-in", "/webhooks/", "/live", "/readyz", "/metrics")
"""Pages behind the sign-in, for the size of what is compressed can betray a secret beside a text of somebody
else's choice (BREACH, CVE-2013-3587); and what is no page: live updates, the health checks."""
_REFUSED = re.compile(rb"gzip\s*;\s*q=0(\.0*)?\s*(,|$)", re.IGNORECASE)


class Compression:
    """ASGI middleware: gzip for what anybody may read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._gzip = GZipMiddleware(app, minimum_size=_SMALLEST, compresslevel=_LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and its answer back, smaller if that is wanted."""
        if scope["type"] != "http" or scope["path"].startswith(_AS_THEY_ARE):
            await self._app(scope, receive, send)
            return
        if _refuses(scope["headers"]):  # the library looks for the word alone
            fields = [field for field in scope["headers"] if field[0] != b"accept-encoding"]
            scope = {**scope, "headers": fields}
        await self._gzip(scope, receive, _marking(send))


def _refuses(fields: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether gzip is named only to be ruled out (RFC 9110, 12.5.3)."""
    return any(name == b"accept-encoding" and _REFUSED.search(value) is not None for name, value in fields)


def _marking(send: Send) -> Send:
    """What the library leaves out: how the two forms of an answer are told apart."""

    async def send_marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            if message["status"] == 304:
                headers.add_vary_header("Accept-Encoding")  # as the answer would have had (RFC 9110, 15.4.5)
            if headers.get("content-encoding") == "gzip":
                _weaken(headers)
        await send(message)

    return send_marked


def _weaken(headers: MutableHeaders) -> None:
    """A strong tag stands for the very bytes (RFC 9110, 8.8.3), and so do ranges of them."""
    tag = headers.get("etag", "")
    if tag.startswith('"'):
        headers["etag"] = f"W/{tag}"
    del headers["accept-ranges"]
