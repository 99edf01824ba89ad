"""Offers: writing what the router decided, and ending them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, insert, tuple_, update
from sqlmodel import Session, col, select

from bot.states import ChangeKind
from bot.store import changes
from bot.store.tables.columns import table_of
from bot.store.tables.conversations import OfferRow, QuestionRow
from bot.store.tables.values import stored_reasons
from routing.model.domain import Offer, OfferState, Outcome, Reason

_NEW = insert(table_of(OfferRow))
_OPEN = col(OfferRow.state) == OfferState.OPEN


def make(session: Session, offers: Sequence[Offer]) -> None:
    """Store the router's new offers."""
    if not offers:
        return
    rows = [
        {
            "question_id": offer.question_id,
            "employee_id": offer.employee_id,
            "round": offer.round,
            "rung": offer.rung,
            "state": OfferState.OPEN,
            "score": offer.score,
            "reasons": stored_reasons(offer.reasons),
            "offered_at": offer.offered_at,
            "expires_at": offer.expires_at,
        }
        for offer in offers
    ]
    session.connection().execute(_NEW, rows)


def of_round(
    session: Session, question_id: int, employee_ids: Sequence[int], round_number: int
) -> list[OfferRow]:
    """The offers of a question to these people in one round."""
    return list(
        session.exec(
            select(OfferRow)
            .where(
                OfferRow.question_id == question_id,
                OfferRow.round == round_number,
                col(OfferRow.employee_id).in_(employee_ids),
            )
            .order_by(col(OfferRow.id))
        ).all()
    )


def any_expired(session: Session, now: datetime) -> bool:
    """Whether an offer's time has run out."""
    return (
        session.exec(
            select(OfferRow.id).where(OfferRow.state == OfferState.OPEN, OfferRow.expires_at <= now).limit(1)
        ).first()
        is not None
    )


def is_open(session: Session, question_id: int) -> bool:
    """Whether anybody is being asked about a question."""
    statement = select(OfferRow.id).where(OfferRow.question_id == question_id, _OPEN)
    return session.exec(statement).first() is not None


def asked_of(session: Session, employee_id: int) -> list[int]:
    """The questions that somebody is being asked."""
    statement = select(OfferRow.question_id).where(OfferRow.employee_id == employee_id, _OPEN)
    return list(session.exec(statement).all())


def put(
    session: Session,
    question: QuestionRow,
    employee_id: int,
    *,
    until: datetime,
    reasons: Sequence[Reason],
    now: datetime,
) -> OfferRow:
    """Put a question in front of one employee, (again) where they were asked in this round before."""
    asked = of_round(session, question.id, [employee_id], question.round)
    offer = asked[0] if asked else OfferRow(question_id=question.id, employee_id=employee_id)
    offer.round, offer.rung, offer.state = question.round, question.rung, OfferState.OPEN
    offer.offered_at, offer.expires_at, offer.ended_at = now, until, None
    offer.reasons = stored_reasons(reasons)
    session.add(offer)
    session.flush()
    return offer


def expire(session: Session, now: datetime) -> int:
    """End the offers whose time has run out."""
    ended = _end(session, OfferState.EXPIRED, now, col(OfferRow.expires_at) <= now)
    for question_id, employee_id in ended:
        changes.append(
            session, ChangeKind.OUTCOME, question_id, now, outcome=Outcome.IGNORED, employee=employee_id
        )
    return len(ended)


def end(session: Session, offer: OfferRow, state: OfferState, now: datetime) -> bool:
    """End an offer; False when it is over by then."""
    return bool(_end(session, state, now, col(OfferRow.id) == offer.id))


def end_answered(session: Session, answered: Collection[tuple[int, int | None]], now: datetime) -> None:
    """End the open offers that have been answered: of a question to an employee each."""
    if not answered:
        return
    ids = {question_id for question_id, _ in answered}
    whose = tuple_(col(OfferRow.question_id), col(OfferRow.employee_id)).in_(answered)
    _end(session, OfferState.ANSWERED, now, col(OfferRow.question_id).in_(ids), whose)


def end_of_question(session: Session, question_id: int, state: OfferState, now: datetime) -> None:
    """End the open offers of a question."""
    end_of_questions(session, [question_id], state, now)


def end_of_questions(
    session: Session, question_ids: Collection[int], state: OfferState, now: datetime
) -> None:
    """End the open offers of these questions."""
    if question_ids:
        _end(session, state, now, col(OfferRow.question_id).in_(question_ids))


def end_of_employee(session: Session, employee_id: int, state: OfferState, now: datetime) -> None:
    """End somebody's open offers."""
    _end(session, state, now, col(OfferRow.employee_id) == employee_id)


def _end(
    session: Session, state: OfferState, now: datetime, *which: ColumnElement[bool]
) -> list[tuple[int, int]]:
    """End those of these offers that are open: the question and the employee of each is returned.

    Whoever waits for somebody with a free hand hears of each.
    """
    rows = session.execute(
        update(OfferRow)
        .where(col(OfferRow.state) == OfferState.OPEN, *which)
        .values(state=state, ended_at=now)
        .returning(col(OfferRow.question_id), col(OfferRow.employee_id))
    ).all()
    for _, employee_id in rows:
        changes.append(session, ChangeKind.HAND, employee_id, now)
    return [(question_id, employee_id) for question_id, employee_id in rows]
