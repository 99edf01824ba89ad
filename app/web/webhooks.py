"""Stop 1: posts come in. The signature is checked over the raw body; 2xx only after the commit."""

from time import perf_counter
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Request, Response

from app.web.problem_models import UNUSABLE, DoorAnswers, problem_response
from app.web.problems import Problem
from app.wiring.composition import Chorus
from app.wiring.telemetry import INGEST_SECONDS, WEBHOOKS
from bot.platforms.base import Challenged, Platform
from bot.posts import Forged, Malformed, PlatformError, PlatformName, Post, Refusal, Rejected
from bot.store.conversations.ingest import NotStored

log = structlog.get_logger(__name__)

_NAMES = frozenset(str(name) for name in PlatformName)
router = APIRouter(
    tags=["webhooks"],
    responses={
        **UNUSABLE,
        404: problem_response("No such platform is connected here."),
        503: problem_response("It cannot be done now; please send the same again."),
    },
)
_OF_POSTS: DoorAnswers = {
    401: problem_response("The signature is not the platform's."),
    408: problem_response("The body did not come."),
    413: problem_response("The body is larger than is accepted."),
}
_OF_CHALLENGES: DoorAnswers = {
    400: problem_response("That is no token of X's."),
    405: problem_response("This platform does not ask."),
}


@router.post("/webhooks/{platform}", summary="Posts of a platform, signed by it", responses=_OF_POSTS)
async def receive(platform: str, request: Request) -> Response:
    """Verify, parse and store; 200 means that everything is stored.

    A wrong signature is answered with 401, a body that is not what the platform sends with 413 or 422,
    and 503 asks to send the same again later.
    """
    chorus: Chorus = request.app.state.chorus
    adapter = _adapter(chorus, platform)
    started = perf_counter()
    body = await request.body()
    try:
        adapter.verify(body, request.headers)
    except Forged as error:
        raise _refused(platform, 401, error) from None
    posts = _parsed(platform, adapter, body)
    try:
        await chorus.ingest.stored(posts)
    except NotStored as error:
        WEBHOOKS.labels(platform, "not_stored").inc()
        log.exception("webhook not stored", platform=platform, error=str(error))
        raise Problem(503, "The posts could not be stored now; please send them again.") from None
    INGEST_SECONDS.observe(perf_counter() - started)
    WEBHOOKS.labels(platform, "stored").inc()
    return Response(b'{"stored":%d}' % len(posts), media_type="application/json")


def _parsed(platform: str, adapter: Platform, body: bytes) -> list[Post]:
    """The posts of a signed body. What cannot be read will not be read when it comes again: never a 5xx."""
    try:
        return adapter.parse(body)
    except (Malformed, RecursionError) as error:
        raise _refused(platform, 422, error) from None
    except PlatformError:
        raise
    except Exception as error:
        log.exception("webhook could not be read", platform=platform)
        unread = Malformed(f"Chorus could not read this body: {type(error).__name__}.")
        raise _refused(platform, 422, unread) from error


def _refused(platform: str, status: int, error: Exception) -> Problem:
    outcome = "forged" if status == 401 else "malformed"
    WEBHOOKS.labels(platform, outcome).inc()
    log.warning("webhook refused", platform=platform, outcome=outcome, error=str(error)[:300])
    if isinstance(error, RecursionError):
        return Problem(422, "The body is nested too deeply.")
    return Problem(status, str(error)[:500])


def _adapter(chorus: Chorus, platform: str) -> Platform:
    adapter = chorus.platforms.get(platform)
    if adapter is None or platform not in _NAMES:
        raise Problem(404, "No such platform is connected here.")
    return adapter


def _challenged(platform: str, request: Request) -> Challenged:
    adapter = _adapter(request.app.state.chorus, platform)
    if not isinstance(adapter, Challenged):
        raise Problem(405, headers={"Allow": "POST"})
    return adapter


@router.get(
    "/webhooks/{platform}",
    summary="A platform (X) asks whether the webhook is ours",
    responses=_OF_CHALLENGES,
)
async def challenge(
    platform: str, crc_token: str, adapter: Annotated[Challenged, Depends(_challenged)]
) -> dict[str, str]:
    """The challenge-response check of X: an HMAC of the token with the consumer secret.

    Anything but a token of X's opaque shape is answered with 400, and 503 says that no secret is set.
    """
    try:
        return adapter.crc_response(crc_token)
    except Rejected as error:
        log.warning("challenge refused", platform=platform, error=str(error))
        raise Problem(400 if error.code == Refusal.NO_CHALLENGE else 503, str(error)) from None
