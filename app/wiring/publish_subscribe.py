"""What just happened, told to the open pages that it concerns.

Every process looks into the change log itself, once for all its pages, so that a page here learns of what a
worker did elsewhere; nobody looks while no page is open. Pages are told only *that* one of their topics moved
and fetch the rest through their ordinary address, with their ordinary permissions.

What concerns one person or one question is told at once. What concerns the whole house (``WORK``,
``ENTRIES``) is gathered: a page hears of it once in a few seconds, and all pages together so many times a
second, whoever has waited longest first. So what they fetch is bounded, however many are open.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count, islice
from math import inf

import structlog

from bot.live import ENTRIES, WORK, News
from bot.roles import Role

log = structlog.get_logger(__name__)

ReadNews = Callable[[int | None, Collection[str]], News]
"""Reads what has changed after a number, and which of these sessions still stand (``bot.live.news``)."""

_GATHERED = frozenset({WORK, ENTRIES})
_GATHERED_A_SECOND = 15
_MOST_TOPICS = 50_000


class Ending(StrEnum):
    """Why nothing more is told."""

    SIGNED_OUT = "signed out"
    ROLE_CHANGED = "role changed"
    """Whoever still may listen comes again."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who is signed in, for as long as their session stands and their role stays the same."""

    secret: str
    role: Role


@dataclass(frozen=True, slots=True)
class Told:
    """These names have moved (none: nothing has, the connection stands)."""

    seq: int
    """Whoever comes again with this number misses nothing."""
    names: tuple[str, ...] = ()
    ending: Ending | None = None


@dataclass(eq=False, slots=True)
class _Follower:
    """An open connection: its topics, by the names under which it hears of them."""

    names: Mapping[str, str]
    member: Member | None
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    moved: set[str] = field(default_factory=set)
    gathered: dict[str, int] = field(default_factory=dict)
    """Topics that are told later, with the number of the first change."""
    gathered_at: float = -inf
    ending: Ending | None = None

    def take(self, seq: int) -> Told:
        """What there is to tell by now."""
        names = tuple(sorted(self.names[topic] for topic in self.moved))
        self.moved.clear()
        self.woken.clear()
        return Told(min([seq, *(first - 1 for first in self.gathered.values())]), names, self.ending)


class ChangeBroker:
    """Tells followers which of their topics have moved.

    In seconds: it looks every ``interval``; a page hears of what is gathered once in ``gather``, and every
    ``beat`` that its connection stands, after its session was looked at.
    """

    def __init__(
        self, read: ReadNews, interval: float = 0.4, *, gather: float = 3.0, beat: float = 15.0
    ) -> None:
        self._read = read
        self._interval = interval
        self._seq = 0
        self._known_from = 0
        self._last: OrderedDict[str, int] = OrderedDict()
        """Each topic's last change after ``_known_from``, in the order of the changes."""
        self._followers: dict[str, set[_Follower]] = {}
        self._gather = gather
        self._beats = _Wheel(max(1, round(beat / interval)))
        self._gathering: dict[_Follower, None] = {}
        """Those with something gathered, in the order in which they came."""
        self._watching: asyncio.Task[None] | None = None
        self._looked = asyncio.Event()
        self._coming = 0
        """So many wait for the next look before they follow."""
        self._is_begun = False
        self._is_blind = False

    def seen(self, topic: str | None = None) -> int:
        """A number so that whoever reads from the database from now on misses nothing up to it.

        With a topic, one that stays the same while that topic does. 0 before anybody looked.
        """
        return self._seq if topic is None else self._last.get(topic, self._known_from)

    async def follow(
        self, names: Mapping[str, str], since: int = 0, member: Member | None = None
    ) -> AsyncIterator[Told]:
        """What moves of these topics, each told by its name; at once what has moved after ``since``."""
        await self._look_as_far_as(since)
        follower = _Follower(names, member)
        self._join(follower)
        try:
            yield Told(self._seq, self._missed(names, since))
            told = None
            while told is None or told.ending is None:
                await follower.woken.wait()
                told = follower.take(self._seq)
                yield told
        finally:
            self._leave(follower)

    async def _look_as_far_as(self, since: int) -> None:
        """Begin to watch, if nobody does; another process may have looked further than this one."""
        if self._watching is None or self._watching.done():
            self._looked, self._is_begun = asyncio.Event(), False
            self._watching = asyncio.create_task(self._watch())
        elif self._is_begun and since <= self._seq:
            return
        self._coming += 1
        try:
            await self._looked.wait()
        finally:
            self._coming -= 1

    def _join(self, follower: _Follower) -> None:
        for topic in follower.names:
            self._followers.setdefault(topic, set()).add(follower)
        self._beats.add(follower)

    def _leave(self, follower: _Follower) -> None:
        for topic in follower.names:
            self._followers[topic].discard(follower)
            if not self._followers[topic]:
                del self._followers[topic]
        self._beats.remove(follower)
        self._gathering.pop(follower, None)

    def _missed(self, names: Mapping[str, str], since: int) -> tuple[str, ...]:
        """What has moved after ``since``: everything, where nobody knows so far back or ahead."""
        if not self._known_from <= since <= self._seq:
            return tuple(sorted(names.values()))
        return tuple(sorted(name for topic, name in names.items() if self._last.get(topic, 0) > since))

    async def _watch(self) -> None:
        after: int | None = None
        while self._followers or self._coming:
            due = self._beats.due
            found = await self._look(after, [one.member.secret for one in due if one.member is not None])
            if found is not None:
                self._take_in(found, anew=after is None)
                self._tell_gathered(asyncio.get_running_loop().time())
                if not found.more:
                    self._beat(due, found.roles)
                after, self._is_begun = found.seq, True
                looked, self._looked = self._looked, asyncio.Event()
                looked.set()
            if found is None or not found.more:
                await asyncio.sleep(self._interval)

    async def _look(self, after: int | None, sessions: Collection[str]) -> News | None:
        """What is new; None while it cannot be read, and what was missed is told afterwards."""
        try:
            found = await asyncio.to_thread(self._read, after, sessions)
        except Exception:
            if not self._is_blind:
                log.exception("nobody can tell what is new for open pages")
            self._is_blind = True
            return None
        self._is_blind = False
        return found

    def _take_in(self, found: News, *, anew: bool) -> None:
        if anew:
            self._last.clear()
            self._known_from = found.known_from
        self._seq = found.seq
        for topic, seq in found.moved.items():
            self._last[topic] = seq
            self._last.move_to_end(topic)
            if not anew:  # whoever comes now is told by ``_missed``
                self._tell(topic, seq)
        while len(self._last) > _MOST_TOPICS:
            _, self._known_from = self._last.popitem(last=False)

    def _tell(self, topic: str, seq: int) -> None:
        for follower in self._followers.get(topic, ()):
            if topic in _GATHERED:
                follower.gathered.setdefault(topic, seq)
                self._gathering.setdefault(follower)
            else:
                follower.moved.add(topic)
                follower.woken.set()

    def _tell_gathered(self, now: float) -> None:
        """Tell of what concerns everybody, to no more than so many at once."""
        rested = (one for one in self._gathering if now - one.gathered_at >= self._gather)
        for follower in list(islice(rested, max(1, round(_GATHERED_A_SECOND * self._interval)))):
            del self._gathering[follower]
            follower.moved.update(follower.gathered)
            follower.gathered.clear()
            follower.gathered_at = now
            follower.woken.set()

    def _beat(self, due: Iterable[_Follower], roles: Mapping[str, Role]) -> None:
        """Tell a part of all followers that their connection stands, or that they are signed out."""
        for follower in due:
            member = follower.member
            if member is not None and roles.get(member.secret) is not member.role:
                is_out = member.secret not in roles
                follower.ending = Ending.SIGNED_OUT if is_out else Ending.ROLE_CHANGED
            follower.woken.set()
        self._beats.turn()


class _Wheel:
    """Followers in equal parts, of which one is due at each turn: nothing is done for all at once."""

    def __init__(self, parts: int) -> None:
        self._parts: list[set[_Follower]] = [set() for _ in range(parts)]
        self._of: dict[_Follower, int] = {}
        self._next = count()
        self._now = 0

    @property
    def due(self) -> list[_Follower]:
        return list(self._parts[self._now])

    def turn(self) -> None:
        self._now = (self._now + 1) % len(self._parts)

    def add(self, follower: _Follower) -> None:
        part = self._of[follower] = next(self._next) % len(self._parts)
        self._parts[part].add(follower)

    def remove(self, follower: _Follower) -> None:
        self._parts[self._of.pop(follower)].discard(follower)
