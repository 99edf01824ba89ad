"""What X charges for reading: counted as it comes, and handed over to be kept.

X charges for a post or an account once in a day of UTC, whichever way it comes; what was seen today is
remembered here, so that it counts once in this process. Source: docs.x.com/x-api/getting-started/pricing.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta

import structlog

from bot.platforms.base import Clock
from bot.platforms.x.content.field_names import Json, included_posts, objects
from bot.posts import Read

OnRead = Callable[[Mapping[Read, int]], None]
"""Keeps what was read, for as long as a month."""
_log = structlog.get_logger(__name__)
_EVERY = timedelta(seconds=60)
_REMEMBERED = 200_000


class ReadingCosts:
    """Counts what X lets us read. Thread-safe."""

    def __init__(self, clock: Clock, on_read: OnRead | None) -> None:
        self._clock = clock
        self._on_read = on_read
        self._pending: Counter[Read] = Counter()
        self._seen: set[str] = set()
        self._day: date | None = None
        self._handed_over: datetime | None = None
        self._lock = threading.Lock()

    def answer(self, content: Json, kind: Read) -> None:
        """Count the posts of an answer, and what came along with them; they are handed over at once."""
        includes = content.get("includes")
        beside = includes if isinstance(includes, dict) else {}
        self.count(kind, _ids(objects(content.get("data"))))
        self.count(Read.POST, _ids(included_posts(beside)))
        self.count(Read.USER, _ids(objects(beside.get("users"))))
        self.hand_over()

    def event(self, post_id: str) -> None:
        """Count an event about a post. A webhook's sender does not wait until that is kept."""
        self.count(Read.POST, [post_id])
        now = self._clock()
        if self._handed_over is None or now - self._handed_over >= _EVERY:
            self._handed_over = now
            threading.Thread(target=self.hand_over, name="x-bill", daemon=True).start()

    def count(self, kind: Read, ids: Iterable[str]) -> None:
        """Count what was not seen today yet."""
        if self._on_read is None:
            return
        today, group = self._clock().date(), "user" if kind is Read.USER else "post"
        with self._lock:
            if today != self._day:
                self._day, self._seen = today, set()
            new = {f"{group} {one}" for one in ids} - self._seen
            if len(self._seen) < _REMEMBERED:
                self._seen |= new
            self._pending[kind] += len(new)

    def hand_over(self) -> None:
        """Have what was counted kept; what cannot be kept now is handed over with the next."""
        with self._lock:
            pending, self._pending = +self._pending, Counter()
        if self._on_read is None or not pending:
            return
        try:
            self._on_read(pending)
        except Exception:  # noqa: BLE001 - reading goes on, whatever becomes of the bill
            _log.exception("x_bill_not_kept")
            with self._lock:
                self._pending += pending


def _ids(things: Iterable[Json]) -> list[str]:
    return [str(one["id"]) for one in things if one.get("id")]
