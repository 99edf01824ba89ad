"""When posts come in faster than anybody could work on them, working on them waits a little."""

import time
from collections.abc import Callable

_MANY = 100
"""Posts within a tenth of a second."""
_LONGEST = 0.5
_NAP = 0.05


class Rush:
    """Tells the worker to rest between two transactions while more than 1,000 posts a second are stored.

    Worker and web server share one interpreter: what the one uses the other has not. A rest ends with the
    rush, and after half a second at the latest, so that the work goes on in any case.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._tenth = 0
        self._stored = self._stored_before = 0

    def note(self, posts: int) -> None:
        """So many posts have just been stored."""
        self._look_at_the_clock()
        self._stored += posts

    def give_way(self) -> None:
        """Rest while the rush lasts."""
        end = self._clock() + _LONGEST
        while self._is_on() and self._clock() < end:
            self._sleep(_NAP)

    def _is_on(self) -> bool:
        self._look_at_the_clock()
        return max(self._stored, self._stored_before) > _MANY

    def _look_at_the_clock(self) -> None:
        tenth = int(self._clock() * 10)
        if tenth != self._tenth:
            self._stored_before = self._stored if tenth == self._tenth + 1 else 0
            self._tenth, self._stored = tenth, 0
