"""What just happened, for pages that are open.

Every node looks at the newest numbers of the logs itself, so that a page here learns of what a worker did
elsewhere; nobody looks while no page is open. Pages are told only *that* something changed and fetch the
rest through their ordinary address, with their ordinary permissions.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress

import structlog

log = structlog.get_logger(__name__)

ChannelVersions = Callable[[], Mapping[str, int]]
"""Reads the newest number of every channel: ``entries``, ``feed``, ``work``."""


class ChangeBroker:
    """Tells subscribers on which channels something is new."""

    def __init__(self, versions: ChannelVersions, interval: float = 0.4) -> None:
        self._versions = versions
        self._interval = interval
        self._queues: set[asyncio.Queue[str]] = set()
        self._watching: asyncio.Task[None] | None = None
        self._is_blind = False

    async def changes(self, channels: frozenset[str]) -> AsyncIterator[str]:
        """Names of channels as something changes there; "" now and then while nothing does."""
        queue: asyncio.Queue[str] = asyncio.Queue(maxsize=100)
        self._queues.add(queue)
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._watch())
        try:
            while True:
                try:
                    name = await asyncio.wait_for(queue.get(), timeout=15)
                except TimeoutError:
                    yield ""
                    continue
                if name in channels:
                    yield name
        finally:
            self._queues.discard(queue)

    async def _watch(self) -> None:
        seen = await self._look()
        while self._queues:
            await asyncio.sleep(self._interval)
            now = await self._look()
            for name in (key for key, value in now.items() if value != seen.get(key, value)):
                for queue in self._queues:
                    with suppress(asyncio.QueueFull):
                        queue.put_nowait(name)
            seen |= now

    async def _look(self) -> dict[str, int]:
        """The newest numbers; none while they cannot be read, and what was missed is told afterwards."""
        try:
            found = dict(await asyncio.to_thread(self._versions))
        except Exception:
            if not self._is_blind:
                log.exception("nobody can tell what is new for open pages")
            self._is_blind = True
            return {}
        self._is_blind = False
        return found
