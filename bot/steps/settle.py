"""Messages with an unknown outcome: read back until it is certain whether they went out.

Found: ``sent``. Absent in two reads at least a minute apart, both after the send's deadline: ``ready``, or
left to a person where the rules say so. Where a platform takes the same id twice without harm (local,
Bluesky), the same message is simply put again.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from bot.actions.record import record_failed, record_sent
from bot.actions.rules import Rules
from bot.platforms.base import Platform
from bot.platforms.registry import traits_of
from bot.posts import PlatformError, Reconnect, Rejected, Retry
from bot.states import ConnectionState, DeliveryCode, DeliveryState
from bot.store.claim import LostLease, finish
from bot.store.conversations import deliveries
from bot.store.engine import Database, is_passing
from bot.store.house import connections
from bot.store.tables.conversations import DeliveryRow

log = structlog.get_logger(__name__)

BETWEEN_READS = timedelta(seconds=60)
_FIRST_WAIT = timedelta(seconds=15)
_LONGEST_WAIT = timedelta(minutes=15)


@dataclass
class Settle:
    """Finds out what became of messages in state ``unknown``."""

    database: Database
    platforms: Mapping[str, Platform]
    rules: Rules
    owner: str
    wake: Callable[[], None] = lambda: None

    def run(self, limit: int = 20) -> int:
        """Turn lapsed sendings into unknown ones, and look up to ``limit`` of these up."""
        with self.database.read() as session:
            if not deliveries.any_in_doubt(session, self.database.now(session)):
                return 0
        with self.database.write() as session:
            deliveries.lapse(session, self.database.now(session))
        rows = deliveries.claim_unknown(self.database, owner=self.owner, lease=self.rules.lease, limit=limit)
        for row in rows:
            try:
                self._settle(row)
            except LostLease:
                log.warning("delivery taken over by another worker", delivery_id=row.id)
            except Exception as error:
                if is_passing(error):  # no other message could be settled now either
                    raise
                log.exception("delivery could not be settled", delivery_id=row.id)
                self._failed(row, f"{type(error).__name__}: {error}")
        if rows:
            self.wake()
        return len(rows)

    def _failed(self, row: DeliveryRow, why: str) -> None:
        """A fault of ours with one message: it is tried again, ever later, and at last left to a person."""
        failures = row.attempts + 1
        is_last = failures >= self.rules.attempts
        wait = min(_FIRST_WAIT * 2.0 ** min(row.attempts, 10), _LONGEST_WAIT)
        values: dict[str, Any] = {"attempts": failures, "last_error": why[:2000]}
        if is_last:
            reason = f"Nobody can tell whether it went out, for looking fails: {why}"
            values |= {"due_at": None, "reason": reason[:2000], "code": DeliveryCode.BY_HAND}
        with suppress(LostLease), self.database.write() as session:
            finish(session, row, **{"due_at": self.database.now(session) + wait, **values})

    def _settle(self, row: DeliveryRow) -> None:
        platform = self.platforms.get(row.platform)
        if platform is None:
            self._later(row, timedelta(minutes=5), f"{row.platform} is not connected.")
            return
        try:
            found = platform.find(deliveries.outgoing(row))
        except Reconnect as error:
            with self.database.write() as session:
                now = self.database.now(session)
                connections.mark(session, row.platform, ConnectionState.RECONNECT, str(error), now)
            self._later(row, timedelta(minutes=5), str(error), code=row.code or DeliveryCode.NO_ACCOUNT)
            return
        except Rejected as error:
            self._leave_to_person(row, str(error))
            return
        except PlatformError as error:
            at = error.at if isinstance(error, Retry) else None
            with self.database.read() as session:
                now = self.database.now(session)
            self._later(row, max((at or now) - now, timedelta(seconds=15)), str(error))
            return
        if found is None:
            self._absent(row)
            return
        with deliveries.outcome(self.database, row) as (session, now):
            following = deliveries.sent(session, row, found, now)
            if following is None:
                record_sent(session, row, now)
        log.info("delivery found on the platform", delivery_id=row.id, external_id=found.external_id)

    def _absent(self, row: DeliveryRow) -> None:
        with deliveries.outcome(self.database, row) as (session, now):
            to_person = self.rules.unknown_to_person or (
                row.code == DeliveryCode.RESTORED and not traits_of(row.platform).own_record
            )
            if traits_of(row.platform).repeats_safely and not to_person:
                finish(session, row, state=DeliveryState.READY, due_at=now, reason=None)
                return
            if row.deadline_at is not None and now <= row.deadline_at:
                finish(session, row, due_at=row.deadline_at + timedelta(seconds=1))
                return
            if row.absent_at is None:
                finish(session, row, absent_at=now, due_at=now + BETWEEN_READS)
                return
            if now - row.absent_at < BETWEEN_READS:
                finish(session, row, due_at=row.absent_at + BETWEEN_READS)
                return
            if not to_person:
                finish(session, row, state=DeliveryState.READY, due_at=now, reason=None)
                return
        self._leave_to_person(row, "It was not found on the platform: send it again, or mark it as sent.")

    def _later(self, row: DeliveryRow, wait: timedelta, why: str, *, code: str | None = None) -> None:
        code = code or (None if row.code == DeliveryCode.NO_ACCOUNT else row.code)
        with self.database.write() as session:
            due_at = self.database.now(session) + wait
            finish(session, row, due_at=due_at, last_error=why[:2000], code=code)

    def _leave_to_person(self, row: DeliveryRow, why: str) -> None:
        """Only a person can decide: the message is not looked at again by itself."""
        with deliveries.outcome(self.database, row) as (session, now):
            finish(session, row, due_at=None, reason=why, code=DeliveryCode.BY_HAND)
            record_failed(session, row, why, now, undecided=True)
