"""Listening to platforms: polling all of them, streaming where there is a stream.

Polling is also what fills the gaps: after a crash, a lost webhook or a broken stream it reads on from the
cursor in the database, and what has come in already is ignored. One node listens to a platform at a time;
another takes over when its lease runs out.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

import structlog

from bot.platforms.base import Platform
from bot.posts import Author, Page, PlatformError, Reconnect, Retry
from bot.states import ConnectionState
from bot.store import connections, identities, switches
from bot.store.engine import Database
from bot.store.ingest import Ingest, NotStored

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
_PAGES_IN_A_ROW = 20
_LONGEST_PAUSE = 300.0
_NOTE_EVERY = 30.0


@dataclass(slots=True)
class Listener:
    """Reads one platform forward. ``pace`` is the seconds between two looks."""

    database: Database
    platform: Platform
    ingest: Ingest
    owner: str
    pace: float
    streams: bool = True
    answers_pace: float = 0.0
    """Seconds between two looks at the employees' posts, where those have a limit of their own."""
    answer_pages: int = 20
    """Pages of employees' posts read in a row."""
    clock: Callable[[], float] = monotonic
    """Seconds that only ever go on, for what this process alone has to know."""
    stopping: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _failures: int = 0
    _answers_from: float = 0.0
    _noted_from: float = 0.0
    _ours_until: float = 0.0

    def look(self) -> int:
        """Read everything new once; the number of posts handed to ingest is returned.

        Raises the platform's errors, and NotStored.
        """
        name = self.platform.name
        handled = self._read(f"{name}:mentions", self.platform.poll, _PAGES_IN_A_ROW)
        if self.clock() >= self._answers_from:
            self._answers_from = self.clock() + self.answers_pace
            handled += self._look_at_employees()
        return handled

    def _look_at_employees(self) -> int:
        name = self.platform.name
        with self.database.read() as session:
            linked = identities.handles_of(session, name)
        if not linked:
            return 0
        people = [Author(id=account, handle=handle) for account, handle in linked]
        try:
            return self._read(
                f"{name}:answers",
                lambda cursor: self.platform.poll_answers(people, cursor),
                self.answer_pages,
            )
        except Retry as error:
            if error.at is None:
                raise
            # A limit of this one kind of call: mentions go on being read meanwhile.
            with self.database.read() as session:
                wait = (error.at - self.database.now(session)).total_seconds()
            self._answers_from = self.clock() + max(wait, self.answers_pace)
            log.info("employees' posts wait", platform=name, error=str(error), seconds=round(wait))
            return 0

    def _read(self, cursor_name: str, poll: Callable[[str | None], Page], pages: int) -> int:
        handled = 0
        for _ in range(pages):
            with self.database.read() as session:
                cursor = switches.cursor(session, cursor_name)
            page = poll(cursor)
            self.ingest.write(page.posts)
            handled += len(page.posts)
            if page.cursor is not None and page.cursor != cursor:
                with self.database.write() as session:
                    now = self.database.now(session)
                    switches.move_cursor(session, cursor_name, page.cursor, now)
            if not page.more or self.stopping.is_set() or not self._is_ours():
                break
        return handled

    def start(self) -> None:
        """Listen in threads of their own until ``stop``."""
        self._threads = [threading.Thread(target=self._poll, name=f"poll-{self.platform.name}", daemon=True)]
        if self.streams:
            self._threads.append(
                threading.Thread(target=self._stream, name=f"stream-{self.platform.name}", daemon=True)
            )
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop listening; what was read is stored."""
        self.stopping.set()
        self.platform.close()
        for thread in self._threads:
            thread.join(timeout=5)

    def _is_ours(self) -> bool:
        """Whether this node is the one that listens here. The lease is renewed when half of it is over."""
        began = self.clock()
        if began < self._ours_until:
            return True
        with self.database.write() as session:
            now = self.database.now(session)
            taken = switches.take_lease(session, f"listen:{self.platform.name}", self.owner, now, LEASE)
        if taken:
            self._ours_until = began + LEASE.total_seconds() / 2
        return taken

    def turn(self) -> float:
        """Look if it is up to this node; the seconds to wait for the next turn are returned."""
        try:
            if self._is_ours():
                self.look()
                self._well()
                self._note()
        except Exception as error:  # noqa: BLE001 - a listener outlives whatever happens to it
            return self._failed(error)
        return self.pace

    def _poll(self) -> None:
        while not self.stopping.is_set():
            self.stopping.wait(self.turn())

    def _stream(self) -> None:
        while not self.stopping.is_set():
            pause = self.pace
            try:
                if self._is_ours():
                    for post in self.platform.stream():
                        self.ingest.write([post])
                        if self.stopping.is_set():
                            return
            except Exception as error:  # noqa: BLE001 - a listener outlives whatever happens to it
                pause = self._failed(error)
            self.stopping.wait(max(pause, 5.0))

    def _well(self) -> None:
        if self._failures:
            self._failures = 0
            with self.database.write() as session:
                now = self.database.now(session)
                connections.mark(session, self.platform.name, ConnectionState.CONNECTED, None, now)

    def _note(self) -> None:
        """Say now and then that this platform is being read."""
        if self.clock() < self._noted_from:
            return
        self._noted_from = self.clock() + _NOTE_EVERY
        with self.database.write() as session:
            connections.looked(session, self.platform.name, self.database.now(session))

    def _failed(self, error: Exception) -> float:
        """Note what went wrong where people see it; the seconds to wait are returned."""
        self._failures += 1
        pause = min(self.pace * 2.0 ** min(self._failures, 10), _LONGEST_PAUSE)
        name = self.platform.name
        if not isinstance(error, PlatformError | NotStored):
            log.error("listening failed", platform=name, exc_info=error)
            return pause
        log.warning("listening failed", platform=name, error=str(error), failures=self._failures)
        state = ConnectionState.RECONNECT if isinstance(error, Reconnect) else ConnectionState.CONNECTED
        try:
            with self.database.write() as session:
                now = self.database.now(session)
                connections.mark(session, name, state, str(error), now)
        except Exception:
            log.exception("the connection's state could not be stored", platform=name)
            return pause
        at: datetime | None = error.at if isinstance(error, Retry) else None
        return max(pause, (at - now).total_seconds()) if at is not None else pause


PACES: Mapping[str, float] = {"local": 0.5, "mastodon": 15.0, "bluesky": 10.0, "x": 60.0}
"""Seconds between two looks at a platform, well inside its limits."""
