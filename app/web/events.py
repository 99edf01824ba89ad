"""Server-sent events: telling open pages that something is new, and nothing more."""

import time
from collections.abc import AsyncIterator, Callable

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from app.web.problems import Problem
from app.wiring.composition import Here
from app.wiring.publish_subscribe import ChangeBroker

PUBLIC_CHANNELS = frozenset({"entries", "feed"})
"""What anybody may watch; what happens at work is for those who are signed in."""

router = APIRouter(include_in_schema=False)


@router.get("/live/{channel}")
async def watch(channel: str, chorus: Here) -> StreamingResponse:
    """Changes on one public channel, for as long as the page is open."""
    if channel not in PUBLIC_CHANNELS or (channel == "feed" and chorus.local is None):
        raise Problem(404)
    return stream(chorus.live, frozenset({channel}))


def stream(
    live: ChangeBroker, channels: frozenset[str], may_listen: Callable[[], bool] = lambda: True
) -> StreamingResponse:
    """An event ``change`` with the channel's name whenever something is new on one of ``channels``.

    ``beat`` says that the connection stands where nothing is new; ``signed-out`` is the last one, as soon as
    ``may_listen`` (asked every quarter of a minute) says no.
    """
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    events = _events(live, channels, may_listen)
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


_ASKED_EVERY = 15.0


async def _events(
    live: ChangeBroker, channels: frozenset[str], may_listen: Callable[[], bool]
) -> AsyncIterator[str]:
    yield "retry: 3000\n\n"  # answers at once, so that the browser knows that it is connected
    asked = time.monotonic()
    async for channel in live.changes(channels):
        if time.monotonic() - asked >= _ASKED_EVERY or not channel:
            asked = time.monotonic()
            if not await run_in_threadpool(may_listen):
                yield "event: signed-out\ndata: -\n\n"
                return
        yield f"event: change\ndata: {channel}\n\n" if channel else "event: beat\ndata: -\n\n"
