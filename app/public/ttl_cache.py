"""Figures that cost something to count and need not be exact to the second."""

import time
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")

_SHARE = 0.01
"""Part of the time that may go into counting the same thing again."""


class TtlCache(Generic[T]):
    """A value that is counted again when asked for, but so seldom that it takes 1 % of the time at most.

    What takes 2 ms to count is at most 0.2 s old, what takes 300 ms at most half a minute.
    """

    def __init__(self, count: Callable[[], T], clock: Callable[[], float] = time.monotonic) -> None:
        self._count = count
        self._clock = clock
        self._lock = Lock()
        self._value: T | None = None
        self._stale_at = float("-inf")

    def get(self) -> T:
        """The value; one caller at a time counts."""
        with self._lock:
            started = self._clock()
            if self._value is None or started >= self._stale_at:
                self._value = self._count()
                counted = self._clock()
                self._stale_at = counted + (counted - started) / _SHARE
            return self._value
