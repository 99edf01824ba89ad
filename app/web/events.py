"""Server-sent events: telling open pages which of their topics have moved, and nothing more."""

import random
from collections.abc import AsyncIterator, Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Header
from fastapi.responses import StreamingResponse

from app.web.forms import number_in
from app.wiring.composition import Here
from app.wiring.publish_subscribe import ChangeBroker, Ending, Member, Told
from bot.live import ENTRIES

router = APIRouter(include_in_schema=False)

_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_RETRY_MS = (2_000, 6_000)
"""Between these a browser waits before it comes again, so that not all come at once after a restart."""


def heard_until(since: str = "", last_event_id: Annotated[str, Header()] = "") -> int:
    """The number up to which whoever listens has heard everything: of the page, or of the last event."""
    return max(number_in(one) or 0 for one in (since, last_event_id))


Since = Annotated[int, Depends(heard_until)]


@router.get("/live/entries")
async def entries(chorus: Here, since: Since) -> StreamingResponse:
    """What is new in the archive, for as long as the page is open."""
    return stream(chorus.live, {ENTRIES: ENTRIES}, since)


def stream(
    live: ChangeBroker, names: Mapping[str, str], since: int, member: Member | None = None
) -> StreamingResponse:
    """An event ``change`` with the names of the topics that have moved; its id is the change's number.

    ``names`` are topics and what the page calls them. ``beat`` says that the connection stands;
    ``signed-out`` is the last one, as soon as the session of ``member`` has ended.
    """
    return StreamingResponse(
        _events(live, names, since, member), media_type="text/event-stream", headers=_HEADERS
    )


async def _events(
    live: ChangeBroker, names: Mapping[str, str], since: int, member: Member | None
) -> AsyncIterator[str]:
    # Answers at once, so that the browser knows that it is connected.
    yield f"retry: {random.randint(*_RETRY_MS)}\n\n"  # noqa: S311
    async for told in live.follow(names, since, member):
        if told.ending is Ending.SIGNED_OUT:
            yield "event: signed-out\ndata: -\n\n"
        elif told.ending is None:
            yield _event(told)


def _event(told: Told) -> str:
    what, data = ("change", " ".join(told.names)) if told.names else ("beat", "-")
    return f"id: {told.seq}\nevent: {what}\ndata: {data}\n\n"
