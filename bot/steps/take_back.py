"""Posts of the brand's that were taken back are taken down on their platforms.

A pause of publishing does not stop it: nothing is said here, and whoever pauses because something wrong goes
out wants it gone. ``sending`` is committed before anything is deleted, and what nobody can tell is looked up.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic

import structlog

from bot.actions.rules import Rules
from bot.actions.taking_back.take_down import note
from bot.platforms.base import Platform
from bot.platforms.registry import traits_of
from bot.posts import Published, Refusal, Rejected, Retry
from bot.steps.deliver import Checkpoint
from bot.store.claim import LostLease
from bot.store.conversations import deliveries
from bot.store.engine import Database
from bot.store.tables.conversations import DeliveryRow
from bot.store.taking_back import retractions

log = structlog.get_logger(__name__)

_SHORTEST = 1.0
"""Seconds that must be left for an attempt to begin."""


@dataclass
class TakeBack:
    """Takes down what is due; what nobody can tell of is looked up by ``settle``."""

    database: Database
    platforms: Mapping[str, Platform]
    rules: Rules
    owner: str
    wake: Callable[[], None] = lambda: None
    checkpoint: Checkpoint = lambda _name: None
    jitter: Callable[[], float] = random.random

    def run(self, limit: int = 8) -> int:
        """Take up to ``limit`` posts down on each platform; the number handled is returned."""
        with self.database.read() as session:
            due = retractions.platforms_due(session, self.database.now(session))
        handled = 0
        for name in due:
            deadline = monotonic() + self.rules.sending_time.total_seconds()
            rows = retractions.claim_due(
                self.database,
                name,
                owner=self.owner,
                lease=self.rules.lease,
                sending_time=self.rules.sending_time,
                limit=limit,
                pace=traits_of(name).deletions,
            )
            for row in rows:
                self._note(row, self._attempt(row, deadline))
            handled += len(rows)
        if handled:
            self.wake()
        return handled

    def _attempt(self, row: DeliveryRow, deadline: float) -> Exception | None:
        """What kept a post from being taken down; None where it is gone."""
        platform = self.platforms.get(row.platform)
        if platform is None:
            return Rejected("Chorus is not connected there (any more).", Refusal.NOT_PERMITTED)
        try:
            self.checkpoint("before_delete")
            if deadline - monotonic() < _SHORTEST:
                return Retry("There was no time left to do it safely.")
            post = row.takes_down
            platform.delete(Published(post.external_id, post.url, post.refs))
            self.checkpoint("after_delete")
        except Exception as error:  # noqa: BLE001 - whatever it was, it is noted as the outcome
            return error
        return None

    def _note(self, row: DeliveryRow, error: Exception | None) -> None:
        line = log.bind(delivery_id=row.id, platform=row.platform)
        if error is None:
            line.info("taken down", external_id=row.takes_down.external_id)
        else:
            line.warning("not taken down", error=str(error))
        try:
            with deliveries.outcome(self.database, row) as (session, now):
                note(session, self.rules, row, error, now, jitter=self.jitter())
                self.checkpoint("while_noting")
        except LostLease:
            line.warning("taken over by another worker")
        self.checkpoint("after_noting")
