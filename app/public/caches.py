"""What need not be made at every request: figures that may be some seconds old, and pages that are not."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

from fastapi import Request, Response

from app.web.html import cacheable

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


def kept_by_app(request: Request, name: str, make: Callable[[], T]) -> T:
    """What this application keeps under a name, made when it is first asked for."""
    state = request.app.state
    if not hasattr(state, name):
        setattr(state, name, make())
    kept: T = getattr(state, name)
    return kept


@dataclass(frozen=True, slots=True)
class _Page:
    body: bytes
    media_type: str
    headers: dict[str, str]


class PageCache:
    """Pages by everything they are made of: of the same things, the same page.

    The ``most`` that were asked for last stay. Whoever asks reads the newest number of the change log first
    (``changes.head``) and names it among those things, so no page is served after anything that it shows has
    changed.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._pages: OrderedDict[Hashable, _Page] = OrderedDict()
        self._lock = Lock()

    def serve(self, request: Request, made_of: Hashable, make: Callable[[], Response]) -> Response:
        """The page made of these things, made by ``make`` where it is not there; 304 to whoever has it."""
        with self._lock:
            page = self._pages.get(made_of)
            if page is not None:
                self._pages.move_to_end(made_of)
        if page is not None:
            return cacheable(request, page.body, page.media_type, page.headers)
        made = make()
        if made.status_code == 200:
            kept = {name: made.headers[name] for name in ("Cache-Control", "Vary")}
            with self._lock:
                self._pages[made_of] = _Page(bytes(made.body), made.headers["content-type"], kept)
                while len(self._pages) > self._most:
                    self._pages.popitem(last=False)
        return made
