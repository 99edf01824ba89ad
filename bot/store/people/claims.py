"""Who has taken which question for themself, and until when, for whoever looks at it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from bot.store.tables.columns import among
from bot.store.tables.conversations import OfferRow
from bot.store.tables.people import EmployeeRow
from routing.model.domain import OfferState


@dataclass(frozen=True, slots=True)
class QuestionClaim:
    """Somebody has a question for themself, for a while."""

    employee_id: int
    name: str
    until: datetime


def of_questions(session: Session, question_ids: Collection[int], now: datetime) -> dict[int, QuestionClaim]:
    """Of these questions, those that somebody has right now."""
    if not question_ids:
        return {}
    rows = session.exec(
        select(OfferRow, EmployeeRow.name)
        .join(EmployeeRow, col(EmployeeRow.id) == OfferRow.employee_id)
        .where(
            col(OfferRow.question_id).in_(sorted(question_ids)),
            col(OfferRow.claimed),
            among(OfferRow.state, OfferState.OPEN),
            OfferRow.expires_at > now,
        )
    ).all()
    return {row.question_id: QuestionClaim(row.employee_id, name, row.expires_at) for row, name in rows}
