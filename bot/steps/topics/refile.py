"""Moves questions from one topic to another, a part at each turn."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.actions.topics.refiling import carry_on
from bot.store.engine import Database
from bot.store.topics import moves


@dataclass
class Refile:
    """Carries on with the oldest move that is not done; nobody waits for it."""

    database: Database
    checkpoint: Callable[[str], None] = lambda _name: None

    def run(self) -> int:
        """Move a part; 0 where there is nothing to do now."""
        with self.database.read() as session:
            move_id = moves.next_id(session)
        if move_id is None:
            return 0
        with self.database.write() as session:
            done = carry_on(session, move_id, self.database.now(session))
            self.checkpoint("while_refiling")
        if done:
            self.checkpoint("after_refiling")
        return int(done)
