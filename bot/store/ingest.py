"""Storing what comes in: greedy group commit.

Whatever arrived while the previous commit was under way goes into the next one, so that durability costs
one disk flush for many posts. A caller hears "stored" only after the commit. Inserts ignore what is there
already: one duplicate cannot fail a batch, and a webhook delivered twice has no second effect.
"""

import asyncio
import queue
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

from sqlalchemy import Connection, and_, or_
from sqlalchemy.exc import DBAPIError

from bot.posts import Post, PostEvent
from bot.states import PostState
from bot.store.bulk import MOST_ROWS, BulkInsert, insert_of
from bot.store.columns import table_of
from bot.store.engine import Database, is_passing
from bot.store.storm import Storm
from bot.store.tables import PostRow

_NEW = PostState.NEW.value
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

    ``wake`` is called after each commit, so that intake need not wait for its next look.
    """

    def __init__(self, database: Database, wake: Callable[[], None] = lambda: None) -> None:
        self.storm = Storm()
        self._database = database
        self._wake = wake
        self._waiting: queue.SimpleQueue[list[_Batch] | None] = queue.SimpleQueue()
        self._door = threading.Lock()
        """Held for a moment by who hands over and who closes: nothing comes into the queue after its end."""
        self._thread: threading.Thread | None = None
        self._held = 0
        self._is_closed = False
        self._turn: _Turn | None = None
        self._bulk: BulkInsert | None = None
        self._insert = insert_of(database.engine.dialect.name)

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
        self.storm.note(len(batches))
        return batches, is_last

    def _commit(self, batches: Sequence[_Batch]) -> None:
        try:
            self._store([post for batch in batches for post in batch.posts])
        except Exception as error:  # noqa: BLE001 - whatever it was, the senders must hear of it
            if len(batches) > 1 and not (isinstance(error, DBAPIError) and is_passing(error)):
                for batch in batches:  # one of them is the cause: the others must not suffer for it
                    self._commit([batch])
                return
            failure = NotStored(f"The post could not be stored: {type(error).__name__}.")
            failure.__cause__ = error
            _tell(batches, failure)
            return
        _tell(batches, None)
        self._wake()

    def _store(self, posts: Sequence[Post]) -> None:
        created = [post for post in posts if post.event is PostEvent.CREATED]
        changed = [post for post in posts if post.event is not PostEvent.CREATED]
        is_one_statement = not changed and len(created) <= MOST_ROWS
        began = monotonic()
        with self._database.autocommit() if is_one_statement else self._database.connect() as connection:
            self.storm.waited(monotonic() - began)
            now = self._database.now(connection)
            if created:
                self._put_created(connection, created, now)
            for event, put in ((PostEvent.EDITED, self._put_edited), (PostEvent.DELETED, self._put_deleted)):
                rows = [_changed(post, now) for post in changed if post.event is event]
                if rows:
                    put(connection, rows)

    def _put_created(self, connection: Connection, posts: Sequence[Post], now: datetime) -> None:
        if self._bulk is None:
            self._bulk = BulkInsert(
                table_of(PostRow), _COLUMNS, ("platform", "external_id"), connection.dialect
            )
        self._bulk.execute(connection, [_values(post, now) for post in posts])

    def _put_edited(self, connection: Connection, rows: list[dict[str, Any]]) -> None:
        insert, old = self._insert(PostRow), _columns()
        new = insert.excluded
        changes = {
            name: new[name]
            for name in (
                "text",
                "language",
                "visibility",
                "mentions",
                "tags",
                "warning",
                "choices",
                "pictures",
                "edited_at",
                "followers",
                "refs",
                "url",
            )
        }
        statement = insert.on_conflict_do_update(
            index_elements=["platform", "external_id"],
            set_={**changes, **_afresh(new)},
            where=and_(
                old.deleted_at.is_(None),
                or_(old.edited_at.is_(None), old.edited_at < new.edited_at),
                or_(old.text != new.text, old.visibility != new.visibility, old.warning != new.warning),
            ),
        )
        connection.execute(statement, rows)

    def _put_deleted(self, connection: Connection, rows: list[dict[str, Any]]) -> None:
        insert, old = self._insert(PostRow), _columns()
        new = insert.excluded
        gone = {name: new[name] for name in (*_WORDS, "deleted_at")}
        statement = insert.on_conflict_do_update(
            index_elements=["platform", "external_id"],
            set_={**gone, **_afresh(new)},
            where=old.deleted_at.is_(None),
        )
        connection.execute(statement, rows)


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


def _columns() -> Any:
    return PostRow


def _afresh(new: Any) -> dict[str, Any]:
    """Intake looks again, and whoever has the row under a lease right now loses it."""
    return {
        "state": new["state"],
        "due_at": new["due_at"],
        "lease_until": None,
        "attempts": 0,
        "fence": _columns().fence + 1,
    }


def _clean(text: str) -> str:
    """Without what no database can store: NUL, and halves of surrogate pairs."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


_COLUMNS = (
    "platform",
    "external_id",
    "author_id",
    "author_handle",
    "author_name",
    "followers",
    "indexable",
    "text",
    "language",
    "visibility",
    "in_reply_to",
    "thread",
    "url",
    "mentions",
    "tags",
    "refs",
    "is_repost",
    "warning",
    "choices",
    "pictures",
    "posted_at",
    "received_at",
    "state",
    "due_at",
)
"""What is stored of every post; the other columns begin as the table says."""

_WORDS: dict[str, Any] = {
    "author_name": "",
    "text": "",
    "mentions": [],
    "tags": [],
    "warning": "",
    "choices": [],
    "pictures": [],
}
"""What a tombstone does not keep of a post."""


def _values(post: Post, now: datetime) -> tuple[Any, ...]:
    """A post's values for ``_COLUMNS``."""
    author = post.author
    return (
        post.platform,
        _clean(post.external_id),
        _clean(author.id),
        _clean(author.handle),
        _clean(author.name),
        author.followers,
        author.indexable,
        _clean(post.text),
        post.language,
        post.visibility.value,
        post.in_reply_to,
        post.thread,
        post.url,
        [{"handle": _clean(one.handle), "id": one.id} for one in post.mentions],
        [_clean(tag) for tag in post.tags],
        dict(post.refs),
        post.is_repost,
        _clean(post.warning),
        [_clean(choice) for choice in post.choices],
        [_clean(picture) for picture in post.pictures],
        post.posted_at,
        now,
        _NEW,
        now,
    )


def _changed(post: Post, now: datetime) -> dict[str, Any]:
    """The row of an edited post, or of a deleted one: its tombstone."""
    row = dict(zip(_COLUMNS, _values(post, now), strict=True))
    if post.event is PostEvent.DELETED:
        return {**row, **_WORDS, "deleted_at": now}
    return {**row, "edited_at": post.edited_at or now}
