"""Telling the author of an answer what became of it, when they are not looking at the desk."""

from datetime import datetime

from bot.actions.rules import Rules
from bot.states import AnswerState
from bot.store.conversations import notices
from bot.store.engine import Session
from bot.store.tables.conversations import AnswerRow

TOLD = (AnswerState.HELD, AnswerState.DROPPED, AnswerState.FAILED, AnswerState.WITHDRAWN)
"""States of an answer that its author should hear of."""


def tell_author(session: Session, rules: Rules, answer: AnswerRow, now: datetime) -> None:
    """Tell the author of an answer that did not go out, in the transaction that stopped it."""
    if rules.personal_channels and answer.employee_id is not None and answer.state in TOLD:
        notices.queue_answer(session, answer, rules.personal_channels, now)
