"""A question goes from one employee to others: somebody refers it, pauses or leaves."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.store import offers, questions
from bot.store.details import Invalid
from bot.store.identities import may_answer
from bot.store.people import EmployeeRow
from bot.store.tables import OfferRow, QuestionRow
from routing.domain import OfferState, QuestionState
from routing.lifecycle import Event

REFERRED_LASTS = timedelta(hours=1)
"""How long somebody has for a question that a colleague referred to them, at the least."""
_OFFERABLE = (QuestionState.OPEN, QuestionState.OFFERED)


def release_offers(session: Session, employee_id: int, now: datetime) -> None:
    """Somebody's open offers end; a question nobody else is being asked about goes on at once."""
    rows = session.exec(
        select(OfferRow).where(OfferRow.employee_id == employee_id, OfferRow.state == OfferState.OPEN)
    ).all()
    for row in rows:
        row.state, row.ended_at = OfferState.WITHDRAWN, now
        session.add(row)
    session.flush()
    for row in rows:
        question = session.get(QuestionRow, row.question_id)
        if question is not None and question.due_at is not None and not _is_offered(session, row.question_id):
            question.due_at = now
            session.add(question)
    session.flush()


def refer(
    session: Session,
    question: QuestionRow,
    giver: EmployeeRow,
    taker: EmployeeRow,
    now: datetime,
) -> OfferRow:
    """Put a question in front of a colleague instead; the giver's own offer, if any, ends.

    Raises Invalid when the colleague cannot take it.
    """
    if question.state not in questions.WAITING:
        raise Invalid("colleague", "This question does not wait for an answer any more.")
    if not may_answer(taker) or taker.id == giver.id:
        raise Invalid("colleague", f"{taker.name} cannot take questions at the moment.")
    own = _offer_of(session, question, giver.id or 0)
    offer = _offer_of(session, question, taker.id or 0) or OfferRow(
        question_id=question.id or 0,
        employee_id=taker.id or 0,
        round=question.round,
        offered_at=now,
        expires_at=now,
    )
    last = own.expires_at if own is not None else now
    offer.state, offer.ended_at, offer.rung = OfferState.OPEN, None, question.rung
    offer.offered_at, offer.expires_at = now, max(last, now + REFERRED_LASTS)
    offer.reasons = [
        {"kind": "referred", "text": f"{giver.name} thinks that you know this", "share": 1.0},
    ]
    session.add(offer)
    session.flush()
    if own is not None:
        offers.decline(session, own, OfferState.REFERRED, now)
    if question.state in _OFFERABLE:
        due_at = max(question.due_at or offer.expires_at, offer.expires_at)
        questions.move(session, question, Event.OFFERED, due_at=due_at)
    return offer


def _offer_of(session: Session, question: QuestionRow, employee_id: int) -> OfferRow | None:
    return session.exec(
        select(OfferRow).where(
            OfferRow.question_id == question.id,
            OfferRow.employee_id == employee_id,
            OfferRow.round == question.round,
        )
    ).first()


def _is_offered(session: Session, question_id: int) -> bool:
    statement = select(OfferRow.id).where(
        OfferRow.question_id == question_id, col(OfferRow.state) == OfferState.OPEN
    )
    return session.exec(statement).first() is not None
