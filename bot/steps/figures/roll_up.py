"""Keeps the figures of each day up to date."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.actions.figures.roll_up import is_due, roll_up
from bot.store.engine import Database
from routing.figures.working_hours import WorkingHours


@dataclass
class RollUp:
    """Counts what changed, and once everything. Nobody waits for it: pages look at what is still due."""

    database: Database
    hours: Callable[[], WorkingHours]

    def run(self) -> int:
        """Count a part; how many changes and questions were looked at is returned."""
        hours = self.hours()
        with self.database.read() as session:
            if not is_due(session, hours, self.database.now(session)):
                return 0
        with self.database.write() as session:
            return roll_up(session, hours, self.database.now(session))
