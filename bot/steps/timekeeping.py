"""Watching the clock: whether it jumped while this process runs, and whether rows lie in its future.

Leases and due times go by the database's clock, which on SQLite is this machine's. A second clock, which
nobody sets, tells when the first one jumps.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.store.engine import Database, Session
from bot.store.running import clock

log = structlog.get_logger(__name__)

_TOLD_FOR_SECONDS = 24 * 3600.0
"""How long a jump that was not taken back is told."""


def steady_seconds() -> float:
    """Seconds that only ever go on, while the machine sleeps, too, where it can tell."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


@dataclass
class Timekeeping:
    """Sets right what a clock that was ahead has left behind. ``timer`` gives seconds that nobody sets."""

    database: Database
    timer: Callable[[], float] = steady_seconds
    wake: Callable[[], None] = lambda: None
    _offset: float | None = None
    """The database's clock less our own, in seconds, at the last look."""
    _away: float = 0.0
    """How far the clock has jumped in all since this process began."""
    _unfollowed: float = 0.0
    """How much of that what is still to end has not followed yet."""
    _jumped_at: float = field(default=0.0)

    def run(self) -> int:
        """Look whether the clock jumped, for what runs out next must not run out by a jump.

        1 where something had to be brought back, for then there is work at once.
        """
        with self.database.read() as session:
            now = self.database.now(session)
        self._watch(now)
        if not self._unfollowed:
            return 0
        self._follow()
        return self.look()

    def look(self) -> int:
        """Bring back what lies ahead of the clock, or mark how far it has come; 1 where there is work now."""
        with self.database.read() as session:
            now = self.database.now(session)
            gap = clock.ahead(session, now)
            is_marked = clock.is_marked(session, now)
        if gap > clock.TOLERANCE:
            return self._set_right()
        if not is_marked:
            with self.database.write() as session:
                clock.mark(session, self.database.now(session))
        return 0

    def trouble(self, session: Session, now: datetime) -> list[str]:
        """What is wrong with the clock, in sentences for whoever runs Chorus."""
        self._watch(now)
        found = []
        if abs(self._away) > clock.TOLERANCE.total_seconds() and self._is_news():
            way = "forward" if self._away > 0 else "back"
            found.append(
                f"The clock was put {way} by {_span(self._away)} while Chorus was running. If it is wrong "
                "now, let the machine take the time from a time server (chrony, systemd-timesyncd)."
            )
        gap = clock.ahead(session, now)
        if gap > clock.TOLERANCE:
            found.append(
                f"The database holds moments that lie {_span(gap.total_seconds())} ahead: the clock was "
                "wrong when they were written, or is now. A working node brings them back within seconds."
            )
        return found

    def _follow(self) -> None:
        by = timedelta(seconds=self._unfollowed)
        with self.database.write() as session:
            clock.follow_jump(session, by, self.database.now(session))
        self._unfollowed = 0.0

    def _watch(self, now: datetime) -> None:
        at = self.timer()
        offset = now.timestamp() - at
        jump = offset - self._offset if self._offset is not None else 0.0
        self._offset = offset
        if abs(jump) > clock.TOLERANCE.total_seconds():
            self._away += jump
            self._unfollowed += jump
            self._jumped_at = at
            log.warning("the clock jumped", seconds=round(jump))

    def _is_news(self) -> bool:
        return self.timer() - self._jumped_at < _TOLD_FOR_SECONDS

    def _set_right(self) -> int:
        with self.database.write() as session:
            by = clock.set_right(session, self.database.now(session))
        if not by:
            return 0
        log.warning(
            "what a clock that was ahead left behind was brought back", seconds=round(by.total_seconds())
        )
        self.wake()
        return 1


def _span(seconds: float) -> str:
    return str(timedelta(seconds=round(abs(seconds))))
