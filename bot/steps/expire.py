"""Housekeeping: ending the offers whose time has run out, and forgetting what nobody follows any more."""

from dataclasses import dataclass
from datetime import timedelta

from bot.store import changes
from bot.store.conversations import offers
from bot.store.engine import Database

_KEEP_WORK = timedelta(hours=1)


@dataclass
class Expire:
    """Ends offers on time, so that desks and caps show it."""

    database: Database

    def run(self) -> int:
        """End what has expired; how many offers is returned."""
        with self.database.read() as session:
            if not offers.any_expired(session, self.database.now(session)):
                return 0
        with self.database.write() as session:
            return offers.expire(session, self.database.now(session))

    def forget(self) -> int:
        """Forget the changes that nobody follows any more; that is never work that others wait for."""
        with self.database.write() as session:
            changes.forget_work(session, self.database.now(session) - _KEEP_WORK)
        return 0
