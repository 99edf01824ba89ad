"""Looks whether goals are met."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from bot.actions.figures.goals import judge
from bot.store.engine import Database
from bot.store.running import leases
from routing.figures.working_hours import WorkingHours

_LEASE = timedelta(minutes=5)


@dataclass
class GoalWatch:
    """Notes which goals are missed; that those in charge hear of it is the notices' business."""

    database: Database
    hours: Callable[[], WorkingHours]
    owner: str

    def look(self) -> int:
        """Judge all goals, on one node at a time. Nobody waits for it, so that it never counts as work."""
        with self.database.write() as session:
            now = self.database.now(session)
            if leases.take(session, "goals", self.owner, now, _LEASE):
                judge(session, self.hours(), now)
        return 0
