"""Telling statements: to everybody whom they concern, the most urgent first, never more than can go out."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from bot.actions import statements as deeds
from bot.actions.conversations.answer import Answering
from bot.states import StatementKind
from bot.store import rows
from bot.store.engine import Database
from bot.store.matters import statements
from bot.store.tables.matters import StatementRow

log = structlog.get_logger(__name__)

_AT_ONCE = 20
_MOST_ON_THEIR_WAY = 40
"""From so many on, no more are put into the outbox of a platform: an answer that a person gives never waits
behind thousands. What one platform takes slowly keeps nobody waiting on another."""


@dataclass
class Tell:
    """Puts statements into the outbox, as fast as the platforms take them."""

    database: Database
    answering: Answering
    wake: Callable[[], None] = lambda: None
    checkpoint: Callable[[str], None] = lambda _name: None

    def run(self) -> int:
        """Tell some people; how many is returned."""
        with self.database.read() as session:
            active = [one.id for one in statements.active(session)]
        told = sum(self._tell(number) for number in active)
        if told:
            self.wake()
        return told

    def _tell(self, number: int) -> int:
        with self.database.read() as session:
            statement = rows.one(session, StatementRow, number)
            waiting = statements.on_their_way(session)
            full = [platform for platform, count in waiting.items() if count >= _MOST_ON_THEIR_WAY]
            asked = statements.next_to_tell(session, statement, _AT_ONCE, full)
            is_over = not asked and not full and statement.kind != StatementKind.STATEMENT
        if not asked and not is_over:
            return 0
        with self.database.write() as session:
            statement, now = rows.one(session, StatementRow, number), self.database.now(session)
            if is_over:
                deeds.end_told(session, statement, now)
                return 0
            told = deeds.tell(session, self.answering, statement, asked, now)
            self.checkpoint("after_telling")
        log.info("statement told", statement=number, people=told)
        return told
