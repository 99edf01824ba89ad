"""When posts storm in: storing them comes first, and whoever can wait rests meanwhile."""

import time
from collections.abc import Callable
from threading import local

_REST_FACTOR = 40.0
_LONGEST_REST = 2.0
_NAP = 0.05
_SENDERS, _PER_SECOND = 8, 2_000.0
"""More senders than this in one commit, and more a second, are a storm: the interpreter has no time left."""
_LASTS = 0.1
"""Seconds after such a commit that still count."""

_Clock = Callable[[], float]


class Storm:
    """Notices from the commits that many are sending at once.

    ``clock`` counts seconds, ``processor`` those that the calling thread has used the processor for.
    """

    def __init__(
        self,
        clock: _Clock = time.monotonic,
        processor: _Clock = time.thread_time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock
        self._processor = processor
        self._sleep = sleep
        self._noted_at = clock()
        self._since = self._until = self._noted_at
        self._threads = local()

    def note(self, senders: int) -> None:
        """A commit holds the posts of so many senders; all that came since the last one."""
        now = self._clock()
        if senders > max(_SENDERS, _PER_SECOND * (now - self._noted_at)):
            if self._until < now:
                self._since = now
            self._until = now + _LASTS
        self._noted_at = now

    def waited(self, seconds: float) -> None:
        """The commit had to wait for others' transactions: how fast posts come in does not show in that."""
        self._noted_at += seconds

    def give_way(self) -> None:
        """Rest, between two stretches of work, while the storm lasts.

        The rest is many times as long as this thread has used the processor in the storm since its last one,
        so that posts are taken in at nearly full speed and the work on them still goes on.
        """
        used = self._processor()
        now = self._clock()
        worked = min(used - getattr(self._threads, "rested_at", used), now - self._since)
        end = now + min(worked * _REST_FACTOR, _LONGEST_REST)
        while now < min(end, self._until):
            self._sleep(min(end - now, _NAP))
            now = self._clock()
        self._threads.rested_at = self._processor()
