"""Telling of an answer what became of it: its author, and others' programs."""

from collections.abc import Iterable
from datetime import datetime

from bot.actions.rules import Rules
from bot.states import AnswerState, HookEvent
from bot.store.conversations import notices
from bot.store.engine import Session
from bot.store.hooks.outbox import tell
from bot.store.tables.conversations import AnswerRow
from bot.store.tables.house import ChallengeRow

TOLD = (
    AnswerState.HELD,
    AnswerState.DROPPED,
    AnswerState.FAILED,
    AnswerState.WITHDRAWN,
    AnswerState.RETRACTED,
    AnswerState.CORRECTED,
)
"""States of an answer that its author should hear of."""


def tell_author(session: Session, rules: Rules, answer: AnswerRow, now: datetime) -> None:
    """Tell the author of an answer that did not go out, was taken back or is corrected: in that transaction.

    One that is out has a reason only where it is corrected.
    """
    if (
        rules.personal_channels
        and answer.employee_id is not None
        and (answer.state in TOLD or answer.held_for)
    ):
        notices.queue_answer(session, answer, rules.personal_channels, now)


def tell_challenger(
    session: Session, rules: Rules, challenge: ChallengeRow, answer: AnswerRow, now: datetime
) -> None:
    """Tell whoever said that an answer is wrong what became of that: in that transaction."""
    _tell_of_challenge(session, rules, challenge, answer, challenge.challenger_id, now)


def tell_challenged(
    session: Session, rules: Rules, challenge: ChallengeRow, answer: AnswerRow, now: datetime
) -> None:
    """Tell the author of an answer that stays that a colleague had said it is wrong, and why it stays."""
    if answer.employee_id is not None and answer.employee_id != challenge.challenger_id:
        _tell_of_challenge(session, rules, challenge, answer, answer.employee_id, now)


def _tell_of_challenge(
    session: Session,
    rules: Rules,
    challenge: ChallengeRow,
    answer: AnswerRow,
    employee_id: int,
    now: datetime,
) -> None:
    if rules.personal_channels:
        about = (challenge.id, answer.question_id)
        notices.queue_challenge(session, about, employee_id, rules.personal_channels, now)


def tell_held(session: Session, given: Iterable[AnswerRow]) -> None:
    """Tell whoever listens of those of these answers that wait for a person."""
    for answer in given:
        if answer.state == AnswerState.HELD:
            tell(session, HookEvent.ANSWER_HELD, answer.id)
