"""A question goes from one employee to others: somebody passes or refers it, pauses or leaves."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.store import changes
from bot.store.conversations import offers, questions
from bot.store.hold import held, hold
from bot.store.people.details import Invalid
from bot.store.people.identities import may_answer
from bot.store.tables.conversations import OfferRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from bot.store.tables.values import stored_reasons
from routing.model.domain import OfferState, Outcome, QuestionState, Reason
from routing.model.lifecycle import Event

REFERRED_LASTS = timedelta(hours=1)
"""How long somebody has for a question that a colleague referred to them, at the least."""
_OFFERABLE = (QuestionState.OPEN, QuestionState.OFFERED)


def release_offers(session: Session, employee_id: int, now: datetime) -> None:
    """Somebody's open offers end; a question nobody else is being asked about goes on at once."""
    theirs = col(OfferRow.employee_id) == employee_id
    open_now = select(OfferRow.question_id).where(theirs, OfferRow.state == OfferState.OPEN)
    asked = questions.held_all(session, session.exec(open_now).all())
    offers.end(session, OfferState.WITHDRAWN, now, theirs)
    for question in asked:
        if not _is_offered(session, question.id):
            questions.look_at_once(session, question, now)


def decline(session: Session, offer: OfferRow, state: OfferState, now: datetime) -> bool:
    """Somebody passes or refers: when nobody else is being asked, the ladder moves on at once.

    False when the offer is over by then, so that there is nothing to decline.
    """
    question = held(session, QuestionRow, offer.question_id)
    ended = offers.end(session, state, now, col(OfferRow.id) == offer.id)
    if not ended or question is None:
        return False
    changes.append(
        session, "outcome", offer.question_id, now, outcome=Outcome.PASSED, employee=offer.employee_id
    )
    if not _is_offered(session, offer.question_id):
        questions.look_at_once(session, question, now)
    return True


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
    hold(session, question)
    if question.state not in questions.WAITING:
        raise Invalid("colleague", "This question does not wait for an answer any more.")
    if not may_answer(taker) or taker.id == giver.id:
        raise Invalid("colleague", f"{taker.name} cannot take questions at the moment.")
    own = _offer_of(session, question, giver.id)
    offer = _offer_of(session, question, taker.id) or OfferRow(
        question_id=question.id,
        employee_id=taker.id,
        round=question.round,
        offered_at=now,
        expires_at=now,
    )
    last = own.expires_at if own is not None else now
    offer.state, offer.ended_at, offer.rung = OfferState.OPEN, None, question.rung
    offer.offered_at, offer.expires_at = now, max(last, now + REFERRED_LASTS)
    offer.reasons = stored_reasons([Reason("referred", f"{giver.name} thinks that you know this", 1.0)])
    session.add(offer)
    session.flush()
    if own is not None:
        decline(session, own, OfferState.REFERRED, now)
    if question.state in _OFFERABLE:
        due_at = max(question.due_at or offer.expires_at, offer.expires_at)
        questions.move(session, question, Event.OFFERED, due_at=due_at)
    changes.append(session, "work", question.id, now)
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
