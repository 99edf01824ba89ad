"""Writers of one process, one at a time and in the order in which they came.

SQLite lets one writer in and has the others look again after ever longer naps, so that a busy worker could
keep a new post out for a second. Within a process this does better: whoever has waited longest is next.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Turnstile:
    """Lets one thread through at a time, first come, first served."""

    def __init__(self, patience: float) -> None:
        """After ``patience`` seconds of waiting go on regardless: the database then says what is wrong."""
        self._patience = patience
        self._guard = threading.Lock()
        self._is_taken = False
        self._waiting: deque[threading.Lock] = deque()

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Within the block no other thread is inside."""
        is_inside = self._enter()
        try:
            yield
        finally:
            if is_inside:
                self._leave()

    def _enter(self) -> bool:
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return True
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        if turn.acquire(timeout=self._patience):
            return True
        with self._guard:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return False
        return True  # its turn came in the very moment in which it gave up

    def _leave(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False
