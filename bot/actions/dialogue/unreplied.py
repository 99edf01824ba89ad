"""A question whose customer does not reply to what was asked back."""

from collections.abc import Callable, Collection
from datetime import datetime

from bot.actions.rules import Rules
from bot.states import AnswerKind, ChangeKind
from bot.store import changes
from bot.store.conversations import answers, questions
from bot.store.engine import Session
from bot.store.row_locks import supersede
from bot.store.tables.conversations import QuestionRow
from routing.model.domain import QuestionState
from routing.model.lifecycle import Event

Remind = Callable[[Session, QuestionRow, datetime], object]
"""Remind a question's customer of what was asked back."""


def end_waiting(
    session: Session, question_ids: Collection[int], rules: Rules, remind: Remind, now: datetime
) -> list[int]:
    """Of these questions, those whose customer has had their time to reply wait no longer; their ids.

    Their next post opens such a question again. The others are looked at when their time is over, or when
    their customer is to be reminded, by the rules of today. Each is reminded once.
    """
    ended = []
    for question in questions.held_all(session, question_ids):
        if question.state != QuestionState.ASKED_BACK:
            continue
        asked_at = question.asked_back_at or now
        over = asked_at + rules.customer_patience
        if over <= now:
            questions.move(session, question, Event.UNREPLIED)
            ended.append(question.id)
            continue
        reminded_at = asked_at + rules.customer_reminder if rules.customer_reminder else None
        if reminded_at is not None and reminded_at <= now and not _is_reminded(session, question, asked_at):
            remind(session, question, now)
            changes.append(session, ChangeKind.WORK, question.id, now)
        waits = reminded_at is not None and reminded_at > now
        supersede(session, question, due_at=min(reminded_at, over) if reminded_at and waits else over)
    if ended:
        changes.append(session, ChangeKind.WORK, 0, now, questions=ended)
    return ended


def _is_reminded(session: Session, question: QuestionRow, asked_at: datetime) -> bool:
    """Whether the customer has been reminded since they were asked."""
    said = answers.of_round(session, question)
    return any(one.kind == AnswerKind.POINTER and one.written_at > asked_at for one in said)
