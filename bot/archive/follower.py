"""Keeps what follows the change log up to date: a thread that waits to be woken and takes in what is new."""

from collections.abc import Sequence
from threading import Event, Thread
from typing import Final, Protocol

import structlog

INTERVAL: Final = 0.5
"""Seconds after which it looks by itself: a wake-up call that was lost costs no more than this."""

_LONGEST_PAUSE: Final = 30.0
"""Seconds between tries while something is persistently wrong, at most."""

_log = structlog.get_logger(__name__)


class Follows(Protocol):
    """A replica of something that the change log tells of."""

    def follow(self) -> int:
        """Take in what has changed; returns how many changes."""


class Follower:
    """Runs ``follow`` of each replica, in turn, in a thread of its own.

    ``nudge`` makes it look at once (a change was committed here, or the database said so). An error is
    logged and tried again, ever more rarely while it lasts; ``trouble`` then says what is wrong.
    """

    def __init__(self, replicas: Sequence[Follows], *, interval: float = INTERVAL) -> None:
        self.trouble: str | None = None
        self._replicas = tuple(replicas)
        self._interval = interval
        self._woken = Event()
        self._stopping = Event()
        self._failures = 0
        self._thread = Thread(target=self._run, name="archive-follower", daemon=True)

    def start(self) -> None:
        """Begin; the first look is taken at once."""
        self._thread.start()

    def nudge(self) -> None:
        """Look now. Returns at once; safe from any thread."""
        self._woken.set()

    def stop(self, timeout: float = 10.0) -> None:
        """End after what is being taken in just now; ``timeout`` in seconds."""
        self._stopping.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def look(self) -> int:
        """Take in what is new, once, in the calling thread; returns how much that was."""
        done = 0
        try:
            for replica in self._replicas:
                done += replica.follow()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told and tried again
            self._failures += 1
            self.trouble = str(error)
            _log.exception("archive: cannot follow the entries", failures=self._failures)
        else:
            self._failures = 0
            self.trouble = None
        return done

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._woken.clear()
            if not self.look() and not self._stopping.is_set():
                self._woken.wait(self._pause())

    def _pause(self) -> float:
        return min(_LONGEST_PAUSE, self._interval * 2.0 ** min(self._failures, 10))
