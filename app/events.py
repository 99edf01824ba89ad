"""Server-sent events: telling open pages that something is new, and nothing more."""

from collections.abc import AsyncIterator

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from app.composition import Here
from app.problems import Problem
from bot.live import Live

PUBLIC_CHANNELS = frozenset({"entries", "feed"})
"""What anybody may watch; what happens at work is for those who are signed in."""

router = APIRouter(include_in_schema=False)


@router.get("/live/{channel}")
async def watch(channel: str, chorus: Here) -> StreamingResponse:
    """Changes on one public channel, for as long as the page is open."""
    if channel not in PUBLIC_CHANNELS or (channel == "feed" and "local" not in chorus.platforms):
        raise Problem(404)
    return stream(chorus.live, frozenset({channel}))


def stream(live: Live, channels: frozenset[str]) -> StreamingResponse:
    """An event ``change`` with the channel's name whenever something is new on one of ``channels``."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_events(live, channels), media_type="text/event-stream", headers=headers)


async def _events(live: Live, channels: frozenset[str]) -> AsyncIterator[str]:
    yield "retry: 3000\n\n"  # answers at once, so that the browser knows that it is connected
    async for channel in live.changes(channels):
        yield f"event: change\ndata: {channel}\n\n" if channel else ": still here\n\n"
