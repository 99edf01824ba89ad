"""Pages, feeds and answers of the API are sent compressed to whoever takes them so."""

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

_SMALLEST = 500
_LEVEL = 5
"""Half a millisecond for 30 KB; above it more time for hardly less."""
_AS_THEY_ARE = ("/desk", "/admin", "/sign-in", "/webhooks/", "/live", "/readyz", "/metrics")
"""Pages behind the sign-in, for the size of what is compressed can betray a secret beside a text of somebody
else's choice (BREACH, CVE-2013-3587); and what is no page: live updates, the health checks."""


class Compression:
    """ASGI middleware: gzip for what anybody may read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._gzip = GZipMiddleware(app, minimum_size=_SMALLEST, compresslevel=_LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and its answer back, smaller if that is wanted."""
        is_public = scope["type"] == "http" and not scope["path"].startswith(_AS_THEY_ARE)
        await (self._gzip if is_public else self._app)(scope, receive, send)
