"""Looking after how posts come in: a webhook that the platform gave up on, employees nobody follows yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from bot.platforms.base import Platform
from bot.platforms.health import Checked, Follows, Health
from bot.platforms.in_turn import in_turn
from bot.posts import Ambiguous, Author, PlatformError, Reconnect, Retry
from bot.states import ConnectionState
from bot.store.engine import Database
from bot.store.house import connections
from bot.store.people import identities

log = structlog.get_logger(__name__)


@dataclass
class Watch:
    """Checks each platform's way of receiving; what it finds is in log, metrics and admin page.

    Nobody waits for any of it, so that its steps never count as work.
    """

    database: Database
    platforms: Mapping[str, Platform]
    checks: Mapping[str, Checked]
    _followed: dict[str, set[str]] = field(default_factory=dict)

    def check(self) -> int:
        """Look whether each platform still calls us."""
        return in_turn(self.checks, self._check)

    def follow(self) -> int:
        """Follow the employees who are not followed yet."""
        return in_turn(self._following(), self._follow)

    def note_waiting(self) -> int:
        """Note which employees have not let the brand in yet."""
        return in_turn(self._following(), self._note_waiting)

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

    def _following(self) -> dict[str, Follows]:
        return {name: one for name, one in self.platforms.items() if isinstance(one, Follows)}

    def _follow(self, name: str, platform: Follows) -> None:
        people, new = self._people(name)
        if not new:
            return
        try:
            self._followed[name] |= _follow_all(platform, new)
            self._note(name, platform.not_yet_let_in(people))
        except PlatformError as error:
            log.info("employees could not be followed", platform=name, error=str(error))

    def _note_waiting(self, name: str, platform: Follows) -> None:
        people, new = self._people(name)
        if new:  # who is not followed yet would seem to be let in; ``follow`` notes all of them
            return
        try:
            self._note(name, platform.not_yet_let_in(people))
        except PlatformError as error:
            log.info("who lets the brand in could not be told", platform=name, error=str(error))

    def _people(self, name: str) -> tuple[list[Author], list[Author]]:
        """The employees linked on a platform, and those of them who are not followed yet."""
        with self.database.read() as session:
            linked = identities.handles_of(session, name)
        people = [Author(id=account, handle=handle) for account, handle in linked]
        known = self._followed.setdefault(name, set())
        return people, [one for one in people if one.id not in known]

    def _note(self, name: str, waiting: set[str]) -> None:
        with self.database.write() as session:
            identities.note_follows(session, name, waiting)


def _follow_all(platform: Follows, employees: Sequence[Author]) -> set[str]:
    """Follow together or, where that fails, one by one: who is followed. Raises what concerns them all."""
    try:
        platform.follow(employees)
    except (Retry, Reconnect, Ambiguous):
        raise
    except Exception:
        log.exception("employees could not be followed together", employees=len(employees))
        if len(employees) == 1:
            return set()
        return {followed for one in employees for followed in _follow_all(platform, [one])}
    return {one.id for one in employees}
