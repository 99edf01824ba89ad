"""How often paged reads may be made: Mastodon allows 300 per 15 minutes and token, undocumented."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.posts import Retry

MENTIONS_EVERY = timedelta(seconds=7.5)
ANSWERS_EVERY = timedelta(seconds=15)
WORDS_EVERY = timedelta(seconds=20)
"""Together one paged read every 4 s; with all bursts used up 295 in 15 minutes."""
MENTIONS_BURST = 40
ANSWERS_BURST = 20
WORDS_BURST = 10


class TokenBucket:
    """Lets ``burst`` calls through at once and one more ``every`` so often (a token bucket)."""

    def __init__(self, clock: Callable[[], datetime], every: timedelta, burst: int) -> None:
        self._clock = clock
        self._every = every
        self._burst = burst
        self._tokens = float(burst)
        self._filled_at = clock()
        self._lock = threading.Lock()

    def take(self) -> None:
        """Use one call. Raises Retry with the time of the next one when there is none left."""
        with self._lock:
            now = self._clock()
            self._fill(now)
            if self._tokens < 1:
                wait = (1 - self._tokens) * self._every
                raise Retry(
                    "Mastodon is read no faster than its limits allow; the next read follows soon.",
                    now + wait,
                )
            self._tokens -= 1

    def left(self) -> int:
        """How many calls could be made at once now."""
        with self._lock:
            self._fill(self._clock())
            return int(self._tokens)

    def _fill(self, now: datetime) -> None:
        """Add what the time since the last call has earned; a clock set back earns nothing."""
        earned = max(0.0, (now - self._filled_at) / self._every)
        self._tokens = min(float(self._burst), self._tokens + earned)
        self._filled_at = now
