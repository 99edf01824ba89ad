"""Telling open pages what concerns them: at once or gathered, again after they were away, and no longer than
they are signed in."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Coroutine
from threading import Semaphore
from typing import Any, TypeVar

from app.wiring.publish_subscribe import ChangeBroker, Ending, Member, Told
from bot.live import ENTRIES, WORK, News
from bot.roles import Role

T = TypeVar("T")
MINE = {"employee:1": "mine"}
HOUSE = {WORK: WORK}
JANE = Member("jane", Role.EMPLOYEE)


class Log:
    """A change log that can be away, and the sessions that stand."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, ...]] = []
        """The topics that each line moves; the first has the number 1."""
        self.known_from = 0
        """Lines up to this one are forgotten."""
        self.is_away = False
        self.roles: dict[str, Role] = {}
        self.asked: list[Collection[str]] = []
        self._looks = Semaphore(0)

    def move(self, *topics: str) -> None:
        self.lines.append(topics)

    def __call__(self, after: int | None, sessions: Collection[str]) -> News:
        self._looks.release()
        if self.is_away:
            raise ConnectionError("the database is away")
        self.asked.append(sessions)
        begin = self.known_from if after is None else after
        lines = tuple(self.lines)  # as they are at one moment
        moved: dict[str, int] = {}
        for seq, topics in enumerate(lines, start=1):
            if seq > begin:
                moved.update(dict.fromkeys(topics, seq))
        known = {one: role for one, role in self.roles.items() if one in sessions}
        return News(len(lines), begin, dict(sorted(moved.items(), key=lambda one: one[1])), roles=known)

    async def looked_at(self) -> None:
        """Wait until somebody has begun to look and, after that, begun again."""
        while self._looks.acquire(blocking=False):
            pass
        for _ in range(2):
            assert await asyncio.to_thread(self._looks.acquire, timeout=20)


def run(way: Callable[[Log, ChangeBroker], Coroutine[Any, Any, T]], beat: float = 30.0) -> T:
    async def within() -> T:
        log = Log()
        async with asyncio.timeout(30):
            return await way(log, ChangeBroker(log, 0.001, gather=3600.0, beat=beat))

    return asyncio.run(within())


async def news_of(heard: AsyncIterator[Told]) -> Told:
    """The next that is no beat."""
    async for told in heard:
        if told.names or told.ending:
            return told
    raise AssertionError("nothing more is told")


def test_a_page_hears_of_its_own_topics_alone() -> None:
    async def way(log: Log, live: ChangeBroker) -> Told:
        heard = live.follow({"question:7": "question:7", **MINE})
        assert await anext(heard) == Told(0)
        log.move("employee:2", "question:8")
        await log.looked_at()
        log.move("employee:1", "question:9")
        return await news_of(heard)

    assert run(way) == Told(2, ("mine",))


def test_what_moved_before_somebody_followed_is_told_at_once() -> None:
    async def way(log: Log, live: ChangeBroker) -> list[Told]:
        log.move("employee:1")
        log.move("employee:2")
        return [await anext(live.follow(MINE, since=since)) for since in (0, 1, 2)]

    assert run(way) == [Told(2, ("mine",)), Told(2), Told(2)]


def test_whoever_comes_again_hears_what_they_missed_and_no_more() -> None:
    async def way(log: Log, live: ChangeBroker) -> list[Told]:
        stays = live.follow(MINE)
        await anext(stays)
        first = live.follow({**MINE, "question:7": "question:7"})
        last = await anext(first)
        await first.aclose()
        log.move("question:7")
        await log.looked_at()
        again = live.follow({**MINE, "question:7": "question:7"}, since=last.seq)
        told = await anext(again)
        await again.aclose()
        return [told, await anext(live.follow({**MINE, "question:7": "question:7"}, since=told.seq))]

    assert run(way) == [Told(1, ("question:7",)), Told(1)]


def test_whoever_was_away_for_longer_than_is_remembered_hears_everything() -> None:
    async def way(log: Log, live: ChangeBroker) -> list[Told]:
        for _ in range(5):
            log.move("employee:2")
        log.known_from = 3
        return [await anext(live.follow(MINE, since=since)) for since in (2, 3)]

    assert run(way) == [Told(5, ("mine",)), Told(5)]


def test_whoever_comes_from_a_log_that_is_ahead_hears_everything() -> None:
    """The database was put back to what it was before."""

    async def way(log: Log, live: ChangeBroker) -> Told:
        log.move("employee:2")
        return await anext(live.follow(MINE, since=900))

    assert run(way) == Told(1, ("mine",))


def test_another_process_that_has_looked_further_costs_one_look() -> None:
    async def way(log: Log, live: ChangeBroker) -> Told:
        stays = live.follow(MINE)
        await anext(stays)
        log.move("employee:2")
        return await anext(live.follow(MINE, since=1))

    assert run(way) == Told(1)


def test_r7_what_happened_while_the_database_was_away_is_told_when_it_is_back() -> None:
    async def way(log: Log, live: ChangeBroker) -> Told:
        heard = live.follow(MINE)
        await anext(heard)
        log.is_away = True
        await log.looked_at()
        log.move("employee:1")
        log.is_away = False
        return await news_of(heard)

    assert run(way) == Told(1, ("mine",))


def test_whoever_comes_while_the_database_is_away_follows_as_soon_as_it_is_back() -> None:
    async def way(log: Log, live: ChangeBroker) -> Told:
        log.is_away = True
        coming = asyncio.ensure_future(anext(live.follow(MINE)))
        await log.looked_at()
        await log.looked_at()
        log.is_away = False
        return await coming

    assert run(way) == Told(0)


def test_what_concerns_everybody_is_told_to_few_at_once() -> None:
    async def way(log: Log, live: ChangeBroker) -> list[bool]:
        pages = [live.follow(HOUSE) for _ in range(4)]
        for page in pages:
            await anext(page)
        told = [asyncio.ensure_future(news_of(page)) for page in pages]
        log.move(WORK)
        await asyncio.wait(told, return_when=asyncio.FIRST_COMPLETED)
        first = [one.done() for one in told]
        await asyncio.gather(*told)
        return first

    assert sum(run(way)) < 4


def test_a_page_hears_of_what_concerns_everybody_once_in_a_while() -> None:
    async def way(log: Log, live: ChangeBroker) -> Told:
        heard = live.follow({**HOUSE, **MINE})
        await anext(heard)
        log.move(WORK)
        assert await news_of(heard) == Told(1, (WORK,))
        for _ in range(5):
            log.move(WORK)
            await log.looked_at()
        log.move("employee:1")
        return await news_of(heard)

    # The number stays before what is still to be told: whoever comes again with it misses nothing.
    assert run(way) == Told(1, ("mine",))


def test_everybody_hears_that_their_connection_stands() -> None:
    async def way(log: Log, live: ChangeBroker) -> list[Told]:
        public, members = live.follow(HOUSE), live.follow(MINE, 0, JANE)
        log.roles["jane"] = Role.EMPLOYEE
        return [await anext(one) for one in (public, members, public, members)]

    assert run(way, beat=0.001) == [Told(0)] * 4


def test_s16_whoever_is_signed_out_hears_so_and_no_more() -> None:
    async def way(log: Log, live: ChangeBroker) -> list[Told]:
        log.roles["somebody else"] = Role.EMPLOYEE
        return [told async for told in live.follow(MINE, 0, JANE)]

    assert run(way, beat=0.001) == [Told(0), Told(0, ending=Ending.SIGNED_OUT)]


def test_whoever_has_another_role_hears_no_more_of_what_the_former_one_might_see() -> None:
    async def way(log: Log, live: ChangeBroker) -> list[Told]:
        log.roles["jane"] = Role.READER
        return [told async for told in live.follow(MINE, 0, JANE)]

    assert run(way, beat=0.001)[-1] == Told(0, ending=Ending.ROLE_CHANGED)


def test_each_look_asks_for_a_part_of_the_sessions() -> None:
    async def way(log: Log, live: ChangeBroker) -> set[int]:
        pages = []
        for number in range(6):
            log.roles[str(number)] = Role.EMPLOYEE
            pages.append(live.follow(MINE, 0, Member(str(number), Role.EMPLOYEE)))
            await anext(pages[-1])
        log.asked.clear()
        await log.looked_at()
        return {len(one) for one in log.asked}

    assert run(way, beat=0.003) <= {2}


def test_nobody_looks_while_no_page_is_open() -> None:
    async def way(log: Log, live: ChangeBroker) -> Told:
        heard = live.follow(MINE)
        await anext(heard)
        await heard.aclose()
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})  # whoever looked has ended
        log.move("employee:1")
        return await anext(live.follow(MINE, since=0))

    assert run(way) == Told(1, ("mine",))


def test_a_page_knows_up_to_which_change_it_shows_everything() -> None:
    async def way(log: Log, live: ChangeBroker) -> list[int]:
        found = [live.seen()]
        log.move(ENTRIES)
        log.move("employee:1")
        stays = live.follow(MINE)
        await anext(stays)
        return [*found, live.seen(), live.seen(ENTRIES)]

    assert run(way) == [0, 2, 1]
