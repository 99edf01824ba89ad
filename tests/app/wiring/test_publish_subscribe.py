"""Telling open pages that something is new: quickly, and again after the database was away."""

import asyncio
from collections.abc import Mapping
from threading import Semaphore

from app.wiring.publish_subscribe import ChangeBroker


class Numbers:
    """The newest number of each channel; fails while it is told to."""

    def __init__(self) -> None:
        self.now = {"work": 1, "entries": 1}
        self.is_away = False
        self._looks = Semaphore(0)

    def __call__(self) -> Mapping[str, int]:
        self._looks.release()
        if self.is_away:
            raise ConnectionError("the database is away")
        return dict(self.now)

    async def looked_at(self) -> None:
        """Wait until somebody has begun to look and, after that, begun again."""
        while self._looks.acquire(blocking=False):
            pass
        for _ in range(2):
            assert await asyncio.to_thread(self._looks.acquire, timeout=5)


def test_a_page_hears_of_its_channels_alone() -> None:
    numbers = Numbers()

    async def listen() -> str:
        heard = ChangeBroker(numbers, interval=0).changes(frozenset({"work"}))
        first = asyncio.ensure_future(anext(heard))
        await numbers.looked_at()
        numbers.now["entries"] = 2
        await numbers.looked_at()
        numbers.now["work"] = 2
        async with asyncio.timeout(5):
            return await first

    assert asyncio.run(listen()) == "work"


def test_r7_what_happened_while_the_database_was_away_is_told_when_it_is_back() -> None:
    numbers = Numbers()

    async def listen() -> str:
        heard = ChangeBroker(numbers, interval=0).changes(frozenset({"work"}))
        first = asyncio.ensure_future(anext(heard))
        await numbers.looked_at()
        numbers.is_away = True
        await numbers.looked_at()
        numbers.now["work"] = 2
        numbers.is_away = False
        async with asyncio.timeout(5):
            return await first

    assert asyncio.run(listen()) == "work"
