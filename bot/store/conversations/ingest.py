"""Storing what comes in: greedy group commit.

Whatever arrived while the previous commit was under way goes into the next one, so that durability costs
one disk flush for many posts. A caller hears "stored" only after the commit. What a post brings that no
column can hold costs that field, or sets that post aside for a person; the others of its batch are stored,
and whoever reads a feed goes on.
"""

import asyncio
import queue
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from bot.posts import Post
from bot.store.conversations.arrivals import Arrivals
from bot.store.engine import Database, is_passing
from bot.store.fitting import Fitted, fit
from bot.store.rush import Rush

log = structlog.get_logger(__name__)

_MOST_IN_ONE_COMMIT = 500
_MOST_HELD = 20_000
"""Posts that may wait for their commit."""


class NotStored(Exception):
    """The posts could not be stored now; whoever sent them should send them again."""


@dataclass(slots=True)
class _Batch:
    """Posts of one sender, who waits in a thread (``done``) or on an event loop (``told``)."""

    posts: tuple[Post, ...]
    done: "Future[None] | None" = None
    told: "asyncio.Future[None] | None" = None


@dataclass(slots=True)
class _Turn:
    """What came in during one turn of an event loop."""

    loop: asyncio.AbstractEventLoop
    batches: list[_Batch] = field(default_factory=list)


class Ingest:
    """The door every post comes in by, from webhooks and listeners alike.

    ``wake`` is called after each commit, so that intake need not wait for its next look; ``noted`` with the
    platform and the field that could not be stored as it came (``post``: nothing could be made of it).
    """

    def __init__(
        self,
        database: Database,
        wake: Callable[[], None] = lambda: None,
        noted: Callable[[str, str], None] = lambda _platform, _field: None,
    ) -> None:
        self.rush = Rush()
        self._database = database
        self._wake = wake
        self._waiting: queue.SimpleQueue[list[_Batch] | None] = queue.SimpleQueue()
        self._door = threading.Lock()
        """Held for a moment by who hands over and who closes: nothing comes into the queue after its end."""
        self._thread: threading.Thread | None = None
        self._held = 0
        self._is_closed = False
        self._turn: _Turn | None = None
        self._noted = noted
        self._arrivals = Arrivals(database.engine.dialect.name)

    def submit(self, posts: Iterable[Post]) -> "Future[None]":
        """Hand posts over; the future is done after the commit, or fails with NotStored."""
        done: Future[None] = Future()
        batch = _Batch(tuple(posts), done=done)
        if batch.posts:
            self._hand_over([batch])
        else:
            done.set_result(None)
        return done

    async def stored(self, posts: Iterable[Post]) -> None:
        """Return after the posts' commit. Raises NotStored.

        What one turn of the event loop brings is handed over together at its end, and a commit wakes the
        loop once, however many wait for it: the two threads share one interpreter, and every time one
        disturbs the other costs as much as storing several posts.
        """
        loop = asyncio.get_running_loop()
        told: asyncio.Future[None] = loop.create_future()
        batch = _Batch(tuple(posts), told=told)
        if not batch.posts:
            return
        turn = self._turn
        if turn is None or turn.loop is not loop:
            self._turn = turn = _Turn(loop)
            loop.call_soon(self._end, turn)
        turn.batches.append(batch)
        await told

    def write(self, posts: Iterable[Post]) -> None:
        """Store posts and return after the commit. Raises NotStored."""
        self.submit(posts).result()

    def _end(self, turn: _Turn) -> None:
        if self._turn is turn:
            self._turn = None
        self._hand_over(turn.batches)

    def _hand_over(self, batches: list[_Batch]) -> None:
        """Leave batches to the committing thread, or tell their senders that nothing is taken now."""
        with self._door:
            is_open = not self._is_closed and self._held < _MOST_HELD
            if is_open:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="ingest", daemon=True)
                    self._thread.start()
                self._held += _size(batches)
                self._waiting.put(batches)
        if not is_open:
            _tell(batches, NotStored("Chorus cannot take more posts at the moment."))

    def close(self) -> None:
        """Commit what is waiting, then take nothing more."""
        with self._door:
            self._is_closed = True
            self._waiting.put(None)
        if self._thread is not None:
            self._thread.join(timeout=20)

    def _run(self) -> None:
        is_last = False
        while not is_last:
            first = self._waiting.get()
            if first is None:
                return
            batches, is_last = self._gather(first)
            self._commit(batches)

    def _gather(self, first: list[_Batch]) -> tuple[list[_Batch], bool]:
        """What goes into the next commit, and whether nothing comes after it."""
        batches, is_last = list(first), False
        count = _size(first)
        while not is_last and count < _MOST_IN_ONE_COMMIT:
            try:
                more = self._waiting.get_nowait()
            except queue.Empty:
                break
            if more is None:
                is_last = True
            else:
                batches += more
                count += _size(more)
        with self._door:
            self._held -= count
        return batches, is_last

    def _commit(self, batches: Sequence[_Batch]) -> None:
        try:
            self._store([post for batch in batches for post in batch.posts])
        except Exception as error:  # noqa: BLE001 - whatever it was, the senders must hear of it
            if is_passing(error):
                _tell(batches, _not_stored(error))
            elif len(batches) == 1:
                self._one_by_one(batches[0])
            else:  # one of them is the cause: the others must not suffer for it
                for batch in batches:
                    self._commit([batch])
            return
        _tell(batches, None)
        self._wake()

    def _one_by_one(self, batch: _Batch) -> None:
        """Store what could not be stored together one by one, and set aside whichever cannot be at all."""
        failure = None
        for post in batch.posts:
            try:
                self._store_or_set_aside(post)
            except Exception as error:  # noqa: BLE001 - the sender must hear of it
                failure = _not_stored(error)
        _tell([batch], failure)
        self._wake()

    def _store_or_set_aside(self, post: Post) -> None:
        try:
            self._store([post])
        except Exception as error:
            if is_passing(error):
                raise
            log.exception("post cannot be stored", platform=post.platform)
            with self._database.connect() as connection:
                why = f"It cannot be stored: {type(error).__name__}: {error}"
                self._arrivals.put_aside(connection, post, why, self._database.now(connection))
            self._noted(post.platform, "post")

    def _store(self, posts: Sequence[Post]) -> None:
        came = [fit(post) for post in posts]
        with self._database.connect() as connection:
            self._arrivals.put(connection, came, self._database.now(connection))
        self.rush.note(len(posts))
        for one in came:
            if one.lost or one.unusable:
                self._tell_of(one)

    def _tell_of(self, came: Fitted) -> None:
        """Let those who run Chorus know what could not be stored as it came."""
        known = {"platform": came.post.platform, "external_id": came.post.external_id[:200]}
        for misfit in came.lost:
            log.warning("field of a post not stored", field=misfit.field, why=misfit.why, **known)
            self._noted(came.post.platform, misfit.field)
        if came.unusable:
            log.error("post set aside", why=came.unusable, **known)
            self._noted(came.post.platform, "post")


def _not_stored(error: Exception) -> NotStored:
    failure = NotStored(f"The post could not be stored: {type(error).__name__}.")
    failure.__cause__ = error
    return failure


def _size(batches: Iterable[_Batch]) -> int:
    return sum(len(batch.posts) for batch in batches)


def _tell(batches: Iterable[_Batch], failure: NotStored | None) -> None:
    """Let everybody who waits for these posts know how it went."""
    by_loop: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = defaultdict(list)
    for batch in batches:
        if batch.told is not None:
            by_loop[batch.told.get_loop()].append(batch.told)
        elif batch.done is not None:
            _settle(batch.done, failure)
    for loop, waiting in by_loop.items():
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_settle_all, waiting, failure)


def _settle_all(waiting: Sequence["asyncio.Future[None]"], failure: NotStored | None) -> None:
    for one in waiting:
        if not one.done():  # whoever waited may have hung up
            _settle(one, failure)


def _settle(waiting: "Future[None] | asyncio.Future[None]", failure: NotStored | None) -> None:
    if failure is None:
        waiting.set_result(None)
    else:
        waiting.set_exception(failure)
