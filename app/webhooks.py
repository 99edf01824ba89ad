"""Stop 1: posts come in. The signature is checked over the raw body; 2xx only after the commit."""

import asyncio
from time import perf_counter

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import ORJSONResponse

from app.composition import Here
from app.problems import Problem
from app.telemetry import INGEST_SECONDS, WEBHOOKS
from bot.platforms.base import Platform
from bot.posts import Forged, Malformed, PlatformName
from bot.store.ingest import NotStored

log = structlog.get_logger(__name__)
router = APIRouter(tags=["webhooks"])

LONGEST_BODY = 1024 * 1024
"""Bytes; more is refused with 413."""


@router.post("/webhooks/{platform}", summary="Posts of a platform, signed by it")
async def receive(platform: str, request: Request, chorus: Here) -> Response:
    """Verify, parse and store; 200 means that everything is stored.

    A wrong signature is answered with 401, a body that is not what the platform sends with 413 or 422,
    and 503 asks to send the same again later.
    """
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
        await asyncio.wrap_future(chorus.ingest.submit(posts))
    except NotStored as error:
        WEBHOOKS.labels(platform, "not_stored").inc()
        log.exception("webhook not stored", platform=platform, error=str(error))
        raise Problem(503, "The posts could not be stored now; please send them again.") from None
    INGEST_SECONDS.observe(perf_counter() - started)
    WEBHOOKS.labels(platform, "stored").inc()
    return Response(b'{"stored":%d}' % len(posts), media_type="application/json")


def _refused(platform: str, status: int, error: Exception) -> Problem:
    outcome = "forged" if status == 401 else "malformed"
    WEBHOOKS.labels(platform, outcome).inc()
    log.warning("webhook refused", platform=platform, outcome=outcome, error=str(error)[:300])
    if isinstance(error, RecursionError):
        return Problem(422, "The body is nested too deeply.")
    return Problem(status, str(error)[:500])


def _adapter(chorus: Here, platform: str) -> Platform:
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
