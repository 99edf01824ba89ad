"""Looking after how posts come in: a webhook that the platform gave up on, employees nobody follows yet."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import monotonic

import structlog

from bot.platforms.base import Platform
from bot.platforms.health import Checked, Follows, Health
from bot.posts import Ambiguous, Author, PlatformError, Reconnect, Retry
from bot.states import ConnectionState
from bot.store.engine import Database
from bot.store.house import connections
from bot.store.people import identities

log = structlog.get_logger(__name__)

EVERY_SECONDS = 300.0
"""Seconds between two looks at a webhook."""
_FOLLOW_EVERY_SECONDS = 15.0


@dataclass
class Watch:
    """Checks each platform's way of receiving; what it finds is in log, metrics and admin page."""

    database: Database
    platforms: Mapping[str, Platform]
    checks: Mapping[str, Checked]
    _not_before: dict[str, float] = field(default_factory=dict)
    _followed: dict[str, set[str]] = field(default_factory=dict)

    def run(self) -> int:
        """Do what is due; the number of looks is returned, so that the caller need not hurry back.

        A platform that fails takes none of the others' turns; what the first one raised is raised at the end.
        """
        failures: list[Exception] = []
        for name, checked in self.checks.items():
            if self._is_due(f"check:{name}", EVERY_SECONDS):
                self._alone(failures, name, partial(self._check, name, checked))
        for name, platform in self.platforms.items():
            if isinstance(platform, Follows):
                self._alone(failures, name, partial(self._look_after_follows, name, platform))
        if failures:
            raise failures[0]
        return 0

    def _alone(self, failures: list[Exception], name: str, look: Callable[[], None]) -> None:
        try:
            look()
        except Exception as error:
            log.exception("platform could not be looked after", platform=name)
            failures.append(error)

    def _is_due(self, what: str, every: float) -> bool:
        if monotonic() < self._not_before.get(what, 0.0):
            return False
        self._not_before[what] = monotonic() + every
        return True

    def _check(self, name: str, checked: Checked) -> None:
        with self.database.read() as session:
            row = connections.of(session, name)
            since = row.webhook_at if row is not None else None
            before = row.alarm if row is not None else None
            now = self.database.now(session)
        try:
            found = checked.check(since, now)
        except Reconnect as error:
            with self.database.write() as session:
                connections.mark(
                    session, name, ConnectionState.RECONNECT, str(error), self.database.now(session)
                )
            log.warning("connection is broken", platform=name, error=str(error))
            return
        except PlatformError as error:
            log.info("webhook could not be looked at", platform=name, error=str(error))
            return
        self._tell(name, found, before)
        with self.database.write() as session:
            connections.checked(
                session, name, self.database.now(session), webhook=found.webhook, alarm=found.alarm
            )

    def _tell(self, name: str, found: Health, before: str | None) -> None:
        if found.note:
            log.warning("webhook mended", platform=name, note=found.note)
        if found.alarm:
            log.error("webhook is not called", platform=name, alarm=found.alarm)
        elif before:
            log.info("webhook works again", platform=name)

    def _look_after_follows(self, name: str, platform: Follows) -> None:
        if not self._is_due(f"follow:{name}", _FOLLOW_EVERY_SECONDS):
            return
        with self.database.read() as session:
            linked = identities.handles_of(session, name)
        people = [Author(id=account, handle=handle) for account, handle in linked]
        known = self._followed.setdefault(name, set())
        new = [one for one in people if one.id not in known]
        try:
            if new:
                known |= _following(platform, new)
            if new or self._is_due(f"let in:{name}", EVERY_SECONDS):
                self._note_waiting(name, platform.not_yet_let_in(people))
        except PlatformError as error:
            log.info("employees could not be followed", platform=name, error=str(error))

    def _note_waiting(self, name: str, waiting: set[str]) -> None:
        with self.database.write() as session:
            identities.note_follows(session, name, waiting)


def _following(platform: Follows, employees: Sequence[Author]) -> set[str]:
    """Follow together or, where that fails, one by one: who is followed. Raises what concerns them all."""
    try:
        platform.follow(employees)
    except (Retry, Reconnect, Ambiguous):
        raise
    except Exception:
        log.exception("employees could not be followed together", employees=len(employees))
        if len(employees) == 1:
            return set()
        return {followed for one in employees for followed in _following(platform, [one])}
    return {one.id for one in employees}
