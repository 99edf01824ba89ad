"""Asks customers whose question was settled how it went."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from bot.actions.conversations.answer import Answering
from bot.actions.survey.ask import SurveyRules, ask_due, is_any_due
from bot.states import AnswerKind
from bot.store.engine import Database, Session
from bot.store.tables.conversations import AnswerRow, QuestionRow

log = structlog.get_logger(__name__)


@dataclass
class AskCustomers:
    """Puts the question into the outbox; ``link`` makes the address of a survey's page."""

    database: Database
    answering: Answering
    rules: Callable[[], SurveyRules]
    link: Callable[[int, datetime], str]
    wake: Callable[[], None] = lambda: None
    checkpoint: Callable[[str], None] = field(default=lambda _name: None)

    def run(self) -> int:
        """Ask some; how many settled questions were looked at is returned."""
        with self.database.read() as session:
            if not is_any_due(session, self.rules(), self.database.now(session)):
                return 0
        with self.database.write() as session:
            now = self.database.now(session)
            looked_at, asked = ask_due(session, self.rules(), self._say, self.link, now)
            self.checkpoint("while_asking")
        if asked:
            self.checkpoint("after_asking")
            log.info("customers asked how it went", customers=asked)
            self.wake()
        return looked_at

    def _say(self, session: Session, question: QuestionRow, words: str, now: datetime) -> AnswerRow | None:
        return self.answering.say(session, question, words, now, kind=AnswerKind.SURVEY)
