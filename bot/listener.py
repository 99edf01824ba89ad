"""Listening to platforms: polling all of them, streaming where there is a stream.

Polling is also what fills the gaps: after a crash, a lost webhook or a broken stream it reads on from the
cursor in the database, and what has come in already is ignored. One node listens to a platform at a time;
another takes over when its lease runs out.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

import structlog

from bot.platforms.base import Platform
from bot.posts import Author, Page, PlatformError, Reconnect, Retry
from bot.states import ConnectionState
from bot.store.conversations.ingest import Ingest, NotStored
from bot.store.engine import Database
from bot.store.house import connections
from bot.store.people import identities
from bot.store.running import cursors, leases

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
_PAGES_IN_A_ROW = 20
_LONGEST_PAUSE = 300.0
_SHORTEST_REST = 0.05
_SHORTEST_BREAK = 5.0
"""Seconds between two streams."""
_STANDS_AFTER = 30.0
"""Seconds after which a stream that has not failed stands: a quiet one tells nothing."""
_NOTE_EVERY = 30.0


@dataclass(slots=True)
class _BackOff:
    """How long to wait after failures in a row: twice as long each time, starting at ``first`` seconds."""

    first: float
    failures: int = 0

    def failed(self) -> float:
        """One failure more; the seconds to wait are returned."""
        self.failures += 1
        return min(self.first * 2.0 ** min(self.failures, 10), _LONGEST_PAUSE)


@dataclass(slots=True)
class Listener:
    """Reads one platform forward. ``poll_interval`` is the seconds between two looks."""

    database: Database
    platform: Platform
    ingest: Ingest
    owner: str
    poll_interval: float
    streams: bool = True
    answers_poll_interval: float = 0.0
    """Seconds between two looks at the employees' posts, where those have a limit of their own."""
    answer_pages: int = 20
    """Pages of employees' posts read in a row."""
    clock: Callable[[], float] = monotonic
    """Seconds that only ever go on, for what this process alone has to know."""
    stopping: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _polling: _BackOff = field(init=False)
    _streaming: _BackOff = field(init=False)
    _lost: bool = True
    """Whether the account has to be connected again, by the last look; before the first nobody knows."""
    _told: bool = True
    """Whether people may read of a problem with reading that is over."""
    _stream_problem: str | None = None
    _streams_since: float | None = None
    """When the stream that runs now began; None between two."""
    _answers_from: float = 0.0
    _noted_from: float = 0.0
    _ours_until: float = 0.0

    def __post_init__(self) -> None:
        self._polling = _BackOff(self.poll_interval)
        self._streaming = _BackOff(_SHORTEST_BREAK)

    def look(self) -> int:
        """Read everything new once; the number of posts handed to ingest is returned.

        Raises the platform's errors, and NotStored; what goes wrong with mentions for a reason of ours keeps
        nobody from reading the employees' posts, and is raised afterwards.
        """
        name = self.platform.name
        handled, trouble = 0, None
        try:
            handled = self._read(f"{name}:mentions", self.platform.poll, _PAGES_IN_A_ROW)
        except (PlatformError, NotStored):
            raise
        except Exception as error:  # noqa: BLE001 - raised below
            trouble = error
        if self.clock() >= self._answers_from:
            self._answers_from = self.clock() + self.answers_poll_interval
            handled += self._look_at_employees()
        if trouble is not None:
            raise trouble
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
            self._answers_from = self.clock() + max(wait, self.answers_poll_interval)
            log.info("employees' posts wait", platform=name, error=str(error), seconds=round(wait))
            return 0

    def _read(self, cursor_name: str, poll: Callable[[str | None], Page], pages: int) -> int:
        handled = 0
        for _ in range(pages):
            with self.database.read() as session:
                cursor = cursors.at(session, cursor_name)
            page = poll(cursor)
            self.ingest.write(page.posts)
            handled += len(page.posts)
            if page.cursor is not None and page.cursor != cursor:
                with self.database.write() as session:
                    now = self.database.now(session)
                    cursors.move(session, cursor_name, page.cursor, now)
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
        """Stop listening; what was read is stored, and another node may listen at once."""
        self.stopping.set()
        self.platform.close()
        for thread in self._threads:
            thread.join(timeout=5)
        if self._ours_until:
            self._give_back()

    def _give_back(self) -> None:
        self._ours_until = 0.0
        try:
            with self.database.write() as session:
                now = self.database.now(session)
                leases.give_back(session, self._lease, self.owner, now)
        except Exception:
            log.exception("the lease could not be given back", platform=self.platform.name)

    @property
    def _lease(self) -> str:
        return f"listen:{self.platform.name}"

    def _is_ours(self) -> bool:
        """Whether this node is the one that listens here. The lease is renewed when half of it is over."""
        began = self.clock()
        if began < self._ours_until:
            return True
        with self.database.write() as session:
            now = self.database.now(session)
            taken = leases.take(session, self._lease, self.owner, now, LEASE)
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
        return self.poll_interval

    def stream_turn(self) -> float:
        """Take posts from a stream until it ends; the seconds to wait before the next one are returned.

        A stream that fails has a pause of its own and is no sign that the account is lost or works: polling
        goes on beside it, and tells.
        """
        try:
            if self._is_ours():
                self._streams_since = self.clock()
                self._take_stream()
        except Exception as error:  # noqa: BLE001 - a listener outlives whatever happens to it
            return self._stream_failed(error)
        finally:
            self._streams_since = None
        return max(self.poll_interval, _SHORTEST_BREAK)

    def _take_stream(self) -> None:
        for post in self.platform.stream():
            self._streaming.failures, self._stream_problem = 0, None
            self.ingest.write([post])
            if self.stopping.is_set():
                return

    def _stream_failed(self, error: Exception) -> float:
        if self._stream_stands():
            self._streaming.failures = 0
        name, pause = self.platform.name, self._streaming.failed()
        if not isinstance(error, PlatformError | NotStored):
            log.error("streaming failed", platform=name, exc_info=error)
        else:
            log.warning("streaming failed", platform=name, error=str(error), seconds=round(pause))
        self._stream_problem = f"Posts come later than they could, for the stream does not stand: {error}"
        return self._until(error, pause)

    def _stream_stands(self) -> bool:
        began = self._streams_since
        return began is not None and self.clock() - began >= _STANDS_AFTER

    def _poll(self) -> None:
        while not self.stopping.is_set():
            self.rest(self.turn())

    def rest(self, seconds: float) -> None:
        """Wait so long, or until the account that was lost is connected again: what came meanwhile is due."""
        end = self.clock() + seconds
        while (left := end - self.clock()) > 0 and not self.stopping.is_set() and not self._is_back():
            self.stopping.wait(min(left, max(self.poll_interval, _SHORTEST_REST)))

    def _is_back(self) -> bool:
        if not (self._lost and self._polling.failures):
            return False
        try:
            with self.database.read() as session:
                row = connections.of(session, self.platform.name)
        except Exception:
            log.exception("the connection's state could not be read", platform=self.platform.name)
            return False
        return row is not None and row.state == ConnectionState.CONNECTED

    def _stream(self) -> None:
        while not self.stopping.is_set():
            self.stopping.wait(self.stream_turn())

    def _well(self) -> None:
        """Take back what was noted of a failure; a stream that does not stand is told beside."""
        self._polling.failures = 0
        problem = None if self._stream_stands() else self._stream_problem
        if not (self._told or problem):
            return
        with self.database.write() as session:
            now = self.database.now(session)
            if self._lost:
                connections.mark(session, self.platform.name, ConnectionState.CONNECTED, problem, now)
            else:
                connections.reading(session, self.platform.name, problem, now)
        self._lost, self._told = False, problem is not None

    def _note(self) -> None:
        """Say now and then that this platform is being read."""
        if self.clock() < self._noted_from:
            return
        self._noted_from = self.clock() + _NOTE_EVERY
        with self.database.write() as session:
            connections.looked(session, self.platform.name, self.database.now(session))

    def _failed(self, error: Exception) -> float:
        """Note what went wrong where people see it; the seconds to wait are returned."""
        pause = self._polling.failed()
        name = self.platform.name
        if isinstance(error, PlatformError | NotStored):
            problem = str(error)
            log.warning("listening failed", platform=name, error=problem, failures=self._polling.failures)
        else:
            problem = f"Reading fails for a fault of Chorus: {type(error).__name__}: {error}"
            log.error("listening failed", platform=name, exc_info=error)
        try:
            with self.database.write() as session:
                now = self.database.now(session)
                if isinstance(error, Reconnect):
                    connections.mark(session, name, ConnectionState.RECONNECT, problem, now)
                    self._lost = True
                else:
                    connections.reading(session, name, problem, now)
                self._told = True
        except Exception:
            log.exception("the connection's state could not be stored", platform=name)
        return self._until(error, pause)

    def _until(self, error: Exception, pause: float) -> float:
        """The seconds to wait: ``pause``, or as long as the platform says."""
        at: datetime | None = error.at if isinstance(error, Retry) else None
        if at is None:
            return pause
        try:
            with self.database.read() as session:
                return max(pause, (at - self.database.now(session)).total_seconds())
        except Exception:
            log.exception("the time could not be told", platform=self.platform.name)
            return pause
