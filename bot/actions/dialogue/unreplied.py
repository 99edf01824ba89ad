"""A question whose customer does not reply to what was asked back."""

from collections.abc import Collection
from datetime import datetime, timedelta

from bot.states import ChangeKind
from bot.store import changes
from bot.store.conversations import questions
from bot.store.engine import Session
from bot.store.row_locks import supersede
from routing.model.domain import QuestionState
from routing.model.lifecycle import Event


def end_waiting(
    session: Session, question_ids: Collection[int], patience: timedelta, now: datetime
) -> list[int]:
    """Of these questions, those whose customer has had ``patience`` to reply wait no longer; their ids.

    Their next post opens such a question again. The others are looked at when their time is over, by the
    patience of today.
    """
    ended = []
    for question in questions.held_all(session, question_ids):
        if question.state != QuestionState.ASKED_BACK:
            continue
        over = (question.asked_back_at or now) + patience
        if over > now:
            supersede(session, question, due_at=over)
            continue
        questions.move(session, question, Event.UNREPLIED)
        ended.append(question.id)
    if ended:
        changes.append(session, ChangeKind.WORK, 0, now, questions=ended)
    return ended
