"""Liking, in the brand's name, what customers answered each other, and taking likes back.

Liking twice does no harm, so nothing needs to be read back: what was not noted is simply done once more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.platforms.base import LikesPosts, Platform
from bot.posts import PlatformError, Rejected, Retry
from bot.states import DeliveryState
from bot.store.community import likes
from bot.store.engine import Database
from bot.store.running import leases, switches
from bot.store.tables.columns import LONGEST_REASON
from bot.store.tables.listening import LikeRow

log = structlog.get_logger(__name__)

_AT_ONCE = 20
_LEASE = timedelta(minutes=3)
_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=6)
_ATTEMPTS = 12


@dataclass
class GiveLikes:
    """Gives and takes back what is due, one node at a time; nothing while publishing is paused."""

    database: Database
    platforms: Mapping[str, Platform]
    owner: str

    def run(self) -> int:
        """Do some; how many were tried is returned."""
        able = {name: one for name, one in self.platforms.items() if isinstance(one, LikesPosts)}
        with self.database.read() as session:
            now = self.database.now(session)
            if switches.is_paused(session) or not likes.due(session, list(able), now, 1):
                return 0
        with self.database.write() as session:
            now = self.database.now(session)
            if not leases.take(session, "likes", self.owner, now, _LEASE):
                return 0
            rows = likes.due(session, list(able), now, _AT_ONCE)
        for row in rows:
            self._do(able[row.platform], row)
        return len(rows)

    def _do(self, platform: LikesPosts, row: LikeRow) -> None:
        state, why, error = DeliveryState.SENT, "", None
        try:
            if row.wanted:
                platform.like(row.external_id, row.refs, row.key, row.created_at)
            else:
                platform.unlike(row.external_id, row.key)
        except PlatformError as refusal:
            error, why = refusal, str(refusal)[:LONGEST_REASON]
            is_final = isinstance(refusal, Rejected) or row.attempts + 1 >= _ATTEMPTS
            state = DeliveryState.REJECTED if is_final else DeliveryState.READY
            log.info("a like was not taken", platform=row.platform, answer_id=row.answer_id, error=why)
        with self.database.write() as session:
            now = self.database.now(session)
            pause = min(_PAUSE * 2.0 ** min(row.attempts, 10), _LONGEST_PAUSE)
            told = error.at if isinstance(error, Retry) and error.at is not None else now
            likes.settle(session, row, state, now, why, max(now + pause, told))
