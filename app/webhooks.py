"""Stop 1: posts come in. The signature is checked over the raw body; 2xx only after the commit."""

from collections.abc import Callable, Coroutine
from functools import cache
from time import perf_counter
from typing import Any

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import ORJSONResponse
from fastapi.routing import APIRoute
from prometheus_client import Counter

from app.composition import Chorus, Here
from app.problems import Problem
from app.telemetry import INGEST_SECONDS, WEBHOOKS
from bot.platforms.base import Platform
from bot.posts import Forged, Malformed, PlatformName
from bot.store.ingest import NotStored

log = structlog.get_logger(__name__)


class _Bare(APIRoute):
    """Documented like every route, but called with nothing more than the path's platform and the request.

    The framework's reading of parameters costs as much as checking the signature and parsing the posts.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        return self._call

    async def _call(self, request: Request) -> Response:
        response: Response = await self.endpoint(request.path_params["platform"], request)
        return response


router = APIRouter(tags=["webhooks"])

LONGEST_BODY = 1024 * 1024
"""Bytes; more is refused with 413."""


async def receive(platform: str, request: Request) -> Response:
    """Verify, parse and store; 200 means that everything is stored.

    A wrong signature is answered with 401, a body that is not what the platform sends with 413 or 422,
    and 503 asks to send the same again later.
    """
    chorus: Chorus = request.app.state.chorus
    adapter = _adapter(chorus, platform)
    started = perf_counter()
    body = await request.body()
    if len(body) > LONGEST_BODY:
        raise Problem(413, "A webhook's body may have 1 MiB at most.")
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in request.headers.raw}
    try:
        adapter.verify(body, headers)
        posts = adapter.parse(body)
    except Forged as error:
        raise _refused(platform, 401, error) from None
    except (Malformed, RecursionError) as error:
        raise _refused(platform, 422, error) from None
    try:
        await chorus.ingest.stored(posts)
    except NotStored as error:
        WEBHOOKS.labels(platform, "not_stored").inc()
        log.exception("webhook not stored", platform=platform, error=str(error))
        raise Problem(503, "The posts could not be stored now; please send them again.") from None
    INGEST_SECONDS.observe(perf_counter() - started)
    _stored(platform).inc()
    return Response(b'{"stored":%d}' % len(posts), media_type="application/json")


@cache
def _stored(platform: str) -> Counter:
    return WEBHOOKS.labels(platform, "stored")


def _refused(platform: str, status: int, error: Exception) -> Problem:
    outcome = "forged" if status == 401 else "malformed"
    WEBHOOKS.labels(platform, outcome).inc()
    log.warning("webhook refused", platform=platform, outcome=outcome, error=str(error)[:300])
    if isinstance(error, RecursionError):
        return Problem(422, "The body is nested too deeply.")
    return Problem(status, str(error)[:500])


def _adapter(chorus: Chorus, platform: str) -> Platform:
    adapter = chorus.platforms.get(platform)
    if adapter is None or platform not in {str(name) for name in PlatformName}:
        raise Problem(404, "No such platform is connected here.")
    return adapter


@router.get("/webhooks/x", summary="X asks whether the webhook is ours")
async def challenge(crc_token: str, chorus: Here) -> ORJSONResponse:
    """The challenge-response check of X: an HMAC of the token with the consumer secret."""
    adapter = _adapter(chorus, PlatformName.X)
    answer = getattr(adapter, "crc_response", None)
    if answer is None:
        raise Problem(404, "X is not connected here.")
    return ORJSONResponse(answer(crc_token))


router.add_api_route(
    "/webhooks/{platform}",
    receive,
    methods=["POST"],
    summary="Posts of a platform, signed by it",
    route_class_override=_Bare,
)
