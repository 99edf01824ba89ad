"""The rules in force: the operator's settings, and on top of them what people in charge changed."""

import time
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, Final

import structlog

from bot.actions.rules import Rules
from bot.store.engine import Database
from bot.store.house import rule_versions

_LOOKS_EVERY: Final = 1.0
"""Seconds after which a process has heard of a change that was made in another."""

log = structlog.get_logger(__name__)


class Rulebook:
    """Tells the rules of this moment; a change is in force everywhere within a second.

    Whoever asks while another thread looks gets the rules from before: nobody waits here, and a database that
    cannot be read leaves the rules as they were.
    """

    def __init__(
        self,
        database: Database,
        make: Callable[[Mapping[str, Any]], Rules],
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        """``make`` puts the values of a version on top of the settings."""
        self._database = database
        self._make = make
        self._timer = timer
        self._looking = Lock()
        self._look_at = float("-inf")
        self._version = 0
        self._rules = make({})

    def __call__(self) -> Rules:
        """The rules in force."""
        if self._timer() >= self._look_at:
            self.look()
        return self._rules

    @property
    def version(self) -> int:
        """The number of the version in force; 0: nobody has changed anything."""
        return self._version

    def look(self) -> None:
        """Read whether anything was changed."""
        if not self._looking.acquire(blocking=False):
            return
        try:
            self._look_at = self._timer() + _LOOKS_EVERY
            with self._database.read() as session:
                newest = rule_versions.newest(session)
            if newest is not None and newest.id != self._version:
                self._rules, self._version = self._make(newest.values), newest.id
                log.info("rules changed", version=newest.id)
        except Exception:
            log.exception("the rules cannot be read; those from before stay in force")
        finally:
            self._looking.release()
