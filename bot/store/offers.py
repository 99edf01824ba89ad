"""Offers: writing what the router decided, and ending them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, update
from sqlmodel import Session, col, select

from bot.store import changes
from bot.store.columns import table_of
from bot.store.tables import OfferRow, QuestionRow
from routing.domain import Offer, OfferState, Outcome

_NEW = insert(table_of(OfferRow))


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
            "reasons": [{"kind": r.kind, "text": r.text, "share": round(r.share, 6)} for r in offer.reasons],
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


def expire(session: Session, now: datetime) -> int:
    """End the offers whose time has run out."""
    rows = session.exec(
        select(OfferRow.question_id, OfferRow.employee_id).where(
            OfferRow.state == OfferState.OPEN, OfferRow.expires_at <= now
        )
    ).all()
    if not rows:
        return 0
    session.execute(
        update(OfferRow)
        .where(col(OfferRow.state) == OfferState.OPEN, col(OfferRow.expires_at) <= now)
        .values(state=OfferState.EXPIRED, ended_at=now)
        .execution_options(synchronize_session=False)
    )
    for question_id, employee_id in rows:
        changes.append(session, "outcome", question_id, now, outcome=Outcome.IGNORED, employee=employee_id)
    return len(rows)


def decline(session: Session, offer: OfferRow, state: OfferState, now: datetime) -> None:
    """Somebody passes or refers: when nobody else is being asked, the ladder moves on at once."""
    if offer.state != OfferState.OPEN:
        return
    offer.state, offer.ended_at = state, now
    session.add(offer)
    session.flush()
    changes.append(
        session, "outcome", offer.question_id, now, outcome=Outcome.PASSED, employee=offer.employee_id
    )
    others = session.exec(
        select(OfferRow.id).where(
            OfferRow.question_id == offer.question_id, OfferRow.state == OfferState.OPEN
        )
    ).first()
    question = session.get(QuestionRow, offer.question_id)
    if others is None and question is not None and question.due_at is not None:
        question.due_at = now
        session.add(question)
