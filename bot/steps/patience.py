"""Waiting for customers who were asked something back: for so long, and not for ever."""

from dataclasses import dataclass
from functools import partial

import structlog

from bot.actions.conversations.answer import Answering
from bot.actions.dialogue.unreplied import end_waiting
from bot.actions.unprompted import remind
from bot.store.conversations import questions
from bot.store.engine import Database

log = structlog.get_logger(__name__)

_AT_ONCE = 100


@dataclass
class Patience:
    """Looks at questions that wait for their customer's reply, when the time for that may be over."""

    database: Database
    answering: Answering

    def run(self) -> int:
        """End the waiting of some whose time is over, remind others; how many were looked at is returned."""
        with self.database.read() as session:
            due = questions.asked_back_due(session, self.database.now(session), _AT_ONCE)
        if not due:
            return 0
        with self.database.write() as session:
            now, rules = self.database.now(session), self.answering.rules
            ended = end_waiting(session, due, rules, partial(remind, self.answering), now)
        for question_id in ended:
            log.info("the customer never replied to what was asked back", question_id=question_id)
        return len(due)
