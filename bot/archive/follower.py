"""Keeps what follows the change log up to date: a thread that waits to be woken and takes in what is new."""

from collections.abc import Sequence
from threading import Event, Thread
from typing import Final, Protocol

import structlog

INTERVAL: Final = 0.5
"""Seconds after which it looks by itself: a wake-up call that was lost costs no more than this."""

GATHER: Final = 0.25
"""Seconds between two looks, however often it is nudged: one change costs as much to take in as many.

The first change after a quiet while is taken in at once.
"""

_MOST_SKIPPED: Final = 63
"""Looks left out, at most, while a replica persistently fails: half a minute at the usual interval."""

_log = structlog.get_logger(__name__)


class Replica(Protocol):
    """A replica of something that the change log tells of."""

    def follow(self) -> int:
        """Take in what has changed; returns how many changes."""


class Follower:
    """Runs ``follow`` of each replica, in turn, in a thread of its own.

    ``nudge`` makes it look soon (a change was committed here, or the database said so): at once, unless it
    looked less than ``gather`` seconds ago; without one it looks every ``interval`` seconds. A replica that
    fails is logged and tried again, ever more rarely while that lasts; the others go on as usual.
    """

    def __init__(
        self, replicas: Sequence[Replica], *, interval: float = INTERVAL, gather: float = GATHER
    ) -> None:
        self._replicas = [_Replica(each) for each in replicas]
        self._interval = interval
        self._gather = gather
        self._woken = Event()
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="archive-follower", daemon=True)
        self.taken_in = 0
        """Grows after every look that took in something or failed at it: what is asked between two looks with
        the same number is asked of the same replicas. Whoever keeps an answer reads it before asking."""

    @property
    def trouble(self) -> str | None:
        """What is wrong with the first replica that fails; None while all is well."""
        return next((each.trouble for each in self._replicas if each.trouble is not None), None)

    def start(self) -> None:
        """Begin; the first look is taken at once."""
        self._thread.start()

    def nudge(self) -> None:
        """Look soon. Returns at once; safe from any thread."""
        self._woken.set()

    def stop(self, timeout: float = 10.0) -> None:
        """End after what is being taken in just now; ``timeout`` in seconds."""
        self._stopping.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def look(self) -> int:
        """Take in what is new, once, in the calling thread; returns how much that was."""
        done = sum(each.look() for each in self._replicas)
        if done or self.trouble is not None:
            self.taken_in += 1
        return done

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._woken.clear()
            self.look()
            if not self._stopping.wait(self._gather):
                self._woken.wait(max(self._interval - self._gather, 0.0))


class _Replica:
    """One replica, and how it has been failing."""

    def __init__(self, followed: Replica) -> None:
        self.trouble: str | None = None
        self._followed = followed
        self._failures = 0
        self._skip = 0

    def look(self) -> int:
        if self._skip:
            self._skip -= 1
            return 0
        try:
            done = self._followed.follow()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told and tried again
            self._failures += 1
            self._skip = min(_MOST_SKIPPED, 2 ** min(self._failures - 1, 10) - 1)
            self.trouble = str(error) or type(error).__name__
            _log.exception("archive: cannot follow the entries", failures=self._failures)
            return 0
        self._failures = 0
        self.trouble = None
        return done
