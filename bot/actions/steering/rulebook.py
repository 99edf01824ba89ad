"""What is in force: the operator's settings, and on top of them what people in charge changed."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final, Generic, TypeVar

import structlog

from bot.store.engine import Database
from bot.store.house import rule_versions
from bot.store.house.rule_versions import FormerVersion

_LOOKS_EVERY: Final = 1.0
"""Seconds after which a process has heard of a change that was made in another."""
FORMER_COUNTS: Final = timedelta(days=7)
"""How long what was in force before a change is still told, so that a former tag is understood."""

T = TypeVar("T")
RuleValues = Mapping[str, Any]
log = structlog.get_logger(__name__)


class Rulebook(Generic[T]):
    """Tells what is in force at this moment; a change is in force everywhere within a second.

    Whoever asks while another thread looks gets the rules from before: nobody waits here, and a database that
    cannot be read leaves the rules as they were.
    """

    def __init__(
        self,
        database: Database,
        make: Callable[[RuleValues, Sequence[RuleValues]], T],
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        """``make`` puts the values of a version on top of the settings.

        It also gets the values of the versions that were in force within the last days.
        """
        self._database = database
        self._make = make
        self._timer = timer
        self._looking = Lock()
        self._look_at = float("-inf")
        self._version = 0
        self._former: Sequence[FormerVersion] = ()
        self._in_force = make({}, ())

    def __call__(self) -> T:
        """What is in force."""
        if self._timer() >= self._look_at:
            self.look()
        return self._in_force

    @property
    def version(self) -> int:
        """The number of the version in force; 0: nobody has changed anything."""
        return self._version

    @property
    def former(self) -> Sequence[FormerVersion]:
        """What was in force within the last days, the latest first."""
        return self._former

    @property
    def key(self) -> tuple[int, int]:
        """What is another whenever anything is that is in force, for what is remembered by it."""
        self()
        return self._version, len(self._former)

    def look(self) -> None:
        """Read whether anything was changed, or whether something from before has ceased to count."""
        if not self._looking.acquire(blocking=False):
            return
        try:
            self._look_at = self._timer() + _LOOKS_EVERY
            with self._database.read() as session:
                newest = rule_versions.newest(session)
                if newest is None:
                    return
                since = self._database.now(session) - FORMER_COUNTS
                is_another = newest.id != self._version
                if is_another:
                    former = rule_versions.ended_since(session, since)
                else:
                    former = [one for one in self._former if one.ended_at > since]
            if is_another or len(former) != len(self._former):
                self._in_force = self._make(newest.values, [one.values for one in former])
                self._version, self._former = newest.id, former
                log.info("rules changed", version=newest.id)
        except Exception:
            log.exception("the rules cannot be read; those from before stay in force")
        finally:
            self._looking.release()


def counts_until(changed_at: datetime) -> datetime:
    """Until when what was in force before a change is still told."""
    return changed_at + FORMER_COUNTS
