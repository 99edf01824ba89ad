"""Housekeeping: ending the offers whose time has run out, and forgetting what nobody follows any more."""

from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

from bot.store import changes
from bot.store.conversations import offers
from bot.store.engine import Database

_KEEP_WORK = timedelta(hours=1)
_FORGET_EVERY_SECONDS = 600.0


@dataclass
class Expire:
    """Ends offers on time, so that desks and caps show it."""

    database: Database
    _forgot_at: float = field(default_factory=monotonic)

    def run(self) -> int:
        """End what has expired; how many offers is returned."""
        if monotonic() - self._forgot_at > _FORGET_EVERY_SECONDS:
            self._forgot_at = monotonic()
            with self.database.write() as session:
                changes.forget_work(session, self.database.now(session) - _KEEP_WORK)
        with self.database.read() as session:
            if not offers.any_expired(session, self.database.now(session)):
                return 0
        with self.database.write() as session:
            return offers.expire(session, self.database.now(session))
