"""Messages with an unknown outcome: read back until it is certain whether they went out.

What was to take a post down is looked up, too: whether that post is still there.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import structlog

from bot.actions.deliveries.outcome import RECONNECT_PAUSE
from bot.actions.deliveries.read_back import note_read_back
from bot.actions.rules import Rules
from bot.actions.taking_back.take_down import note_look
from bot.platforms.base import Platform
from bot.posts import PlatformError, Published, Retry
from bot.steps.looks.still_there import is_there
from bot.store.claim import LostLease
from bot.store.conversations import deliveries
from bot.store.engine import Database, is_passing
from bot.store.tables.conversations import DeliveryRow

log = structlog.get_logger(__name__)


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
                with suppress(LostLease):
                    self._failed(row, error)
        if rows:
            self.wake()
        return len(rows)

    def _settle(self, row: DeliveryRow) -> None:
        if row.target_id is None:
            self._note(row, self._found(row))
        else:
            self._note_look(row, is_there(self.platforms.get(row.platform), row))

    def _failed(self, row: DeliveryRow, error: Exception) -> None:
        if row.target_id is None:
            self._note(row, error)
        else:
            self._note_look(row, error)

    def _found(self, row: DeliveryRow) -> Published | PlatformError | None:
        """Where the platform has a message; None where it has not, or what it said instead."""
        platform = self.platforms.get(row.platform)
        if platform is None:
            with self.database.read() as session:
                at = self.database.now(session) + RECONNECT_PAUSE
            return Retry(f"{row.platform} is not connected.", at)
        try:
            return platform.find(deliveries.outgoing(row))
        except PlatformError as error:
            return error

    def _note_look(self, row: DeliveryRow, found: bool | Exception) -> None:
        with deliveries.outcome(self.database, row) as (session, now):
            note_look(session, self.rules, row, found, now)
        log.info("post that was to go looked up", delivery_id=row.id, found=str(found))

    def _note(self, row: DeliveryRow, found: Published | Exception | None) -> None:
        with deliveries.outcome(self.database, row) as (session, now):
            note_read_back(session, self.rules, row, found, now)
        if isinstance(found, Published):
            log.info("delivery found on the platform", delivery_id=row.id, external_id=found.external_id)
