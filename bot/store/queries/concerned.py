"""Whom a question concerns: who is asked about it, and who has answered it."""

from collections.abc import Sequence

from sqlalchemy import union
from sqlmodel import Session, col, select

from bot.store.tables.columns import among
from bot.store.tables.conversations import AnswerRow, OfferRow
from routing.model.domain import OfferState

_AT_ONCE = 1000
"""So many values one statement takes on every database."""


def employees_of(session: Session, question_ids: Sequence[int]) -> list[tuple[int, int]]:
    """Pairs of question and employee: those who have it in front of them (or will again), and answerers."""
    found: list[tuple[int, int]] = []
    for first in range(0, len(question_ids), _AT_ONCE):
        found += _pairs(session, question_ids[first : first + _AT_ONCE])
    return found


def _pairs(session: Session, question_ids: Sequence[int]) -> list[tuple[int, int]]:
    asked = select(OfferRow.question_id, OfferRow.employee_id).where(
        col(OfferRow.question_id).in_(question_ids),
        among(OfferRow.state, OfferState.OPEN, OfferState.RESTING),
    )
    answered = select(AnswerRow.question_id, AnswerRow.employee_id).where(
        col(AnswerRow.question_id).in_(question_ids), col(AnswerRow.employee_id).is_not(None)
    )
    return [(question, employee) for question, employee in session.execute(union(asked, answered))]
