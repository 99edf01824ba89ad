"""Offers: writing what the router decided, and ending them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, insert, tuple_, update
from sqlmodel import Session, col, select

from bot.states import ChangeKind
from bot.store import changes
from bot.store.conversations import questions
from bot.store.people import loads
from bot.store.tables.columns import among, said, table_of
from bot.store.tables.conversations import OfferRow, QuestionRow
from bot.store.tables.values import stored_reasons
from routing.model.domain import Offer, OfferState, Outcome, Reason

_NEW = insert(table_of(OfferRow))
_OPEN = col(OfferRow.state) == OfferState.OPEN
_IS_OPEN = among(OfferRow.state, OfferState.OPEN)
"""For the offers of one question: there are few, and an employee may have many open."""
_LIVES = among(OfferRow.state, OfferState.OPEN, OfferState.RESTING)
"""For the same, and what rests: it goes on later."""
_OPEN_BY_TIME = col(OfferRow.state) == said(OfferState.OPEN)
"""For what goes along the open ones in the order in which they run out."""


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
    for offer in offers:
        loads.note_made(session, offer.employee_id, offer.offered_at)


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
            select(OfferRow.id)
            .where(_OPEN_BY_TIME, OfferRow.expires_at <= now)
            .order_by(col(OfferRow.expires_at))  # or PostgreSQL hopes to meet one early, anywhere
            .limit(1)
        ).first()
        is not None
    )


def is_open(session: Session, question_id: int) -> bool:
    """Whether anybody is being asked about a question."""
    statement = select(OfferRow.id).where(OfferRow.question_id == question_id, _IS_OPEN)
    return session.exec(statement).first() is not None


def living_of(session: Session, question_id: int) -> list[OfferRow]:
    """The open offers of a question and those that rest, the earliest first."""
    statement = select(OfferRow).where(OfferRow.question_id == question_id, _LIVES)
    return list(session.exec(statement.order_by(col(OfferRow.id))).all())


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
    claimed: bool = False,
) -> OfferRow:
    """Put a question in front of one employee, (again) where they were asked in this round before.

    ``claimed``: they have taken it for themself.
    """
    offer = _held_offer(session, question, employee_id)
    if offer is None:
        offer = OfferRow(question_id=question.id, employee_id=employee_id)
        loads.note_made(session, employee_id, now)
    else:
        was_open = offer.state == OfferState.OPEN
        loads.note_made_again(session, employee_id, now, before=offer.offered_at, was_open=was_open)
    frees = offer.claimed and offer.state == OfferState.OPEN and not claimed
    offer.round, offer.rung, offer.state = question.round, question.rung, OfferState.OPEN
    offer.offered_at, offer.expires_at, offer.rested_at, offer.ended_at = now, until, None, None
    offer.reasons, offer.claimed = stored_reasons(reasons), claimed
    session.add(offer)
    session.flush()
    if frees:
        go_on(session, [question.id], now)
    return offer


def claim_of(session: Session, question_id: int) -> OfferRow | None:
    """The offer of whoever has taken a question for themself; its time may be over. The question is held."""
    return session.exec(
        select(OfferRow).where(OfferRow.question_id == question_id, col(OfferRow.claimed), _IS_OPEN),
        execution_options={"populate_existing": True},
    ).first()


def rest(session: Session, question_id: int, now: datetime, *, but: int) -> None:
    """The open offers of a question rest, save that of the employee ``but``: they keep no hand busy."""
    whose = {"question": question_id, "employee": but}
    rows = session.execute(_RESTING, {"became": OfferState.RESTING, "now": now, **whose}).all()
    for employee_id in sorted(one for (one,) in rows):
        _free_hand(session, employee_id, now)


def go_on(session: Session, question_ids: Collection[int], now: datetime) -> None:
    """What rested of these questions is in front of people again, for the time that was left."""
    resting = session.exec(
        select(OfferRow)
        .where(col(OfferRow.question_id).in_(sorted(question_ids)), among(OfferRow.state, OfferState.RESTING))
        .order_by(col(OfferRow.id))
        .with_for_update(),
        execution_options={"populate_existing": True},
    ).all()
    for offer in resting:
        rested = now - (offer.rested_at or now)
        offer.state, offer.rested_at = OfferState.OPEN, None
        offer.offered_at, offer.expires_at = offer.offered_at + rested, offer.expires_at + rested
        session.add(offer)
        loads.note_awake(session, offer.employee_id)
    session.flush()


def _held_offer(session: Session, question: QuestionRow, employee_id: int) -> OfferRow | None:
    """The offer of this round as it is now: it may be running out just then."""
    return session.exec(
        select(OfferRow)
        .where(
            OfferRow.question_id == question.id,
            OfferRow.employee_id == employee_id,
            OfferRow.round == question.round,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def expire(session: Session, now: datetime) -> int:
    """End the offers whose time has run out."""
    ended = _end(session, _EXPIRED, OfferState.EXPIRED, now)
    for question_id, employee_id in ended:
        changes.append(
            session, ChangeKind.OUTCOME, question_id, now, outcome=Outcome.IGNORED, employee=employee_id
        )
    return len(ended)


def end(session: Session, offer: OfferRow, state: OfferState, now: datetime) -> bool:
    """End an offer; False when it is over by then."""
    return bool(_end(session, _ONE, state, now, offer=offer.id))


def end_answered(session: Session, answered: Collection[tuple[int, int | None]], now: datetime) -> None:
    """End the open offers that have been answered: of a question to an employee each."""
    if not answered:
        return
    ids = sorted({question_id for question_id, _ in answered})
    _end(session, _OF_WHOM, OfferState.ANSWERED, now, questions=ids, whose=list(answered))


def end_of_question(session: Session, question_id: int, state: OfferState, now: datetime) -> None:
    """End the open offers of a question."""
    end_of_questions(session, [question_id], state, now)


def end_of_questions(
    session: Session, question_ids: Collection[int], state: OfferState, now: datetime
) -> None:
    """End the open offers of these questions, and those that rest."""
    if question_ids:
        _end(session, _OF_QUESTIONS, state, now, questions=list(question_ids))


def end_of_employee(session: Session, employee_id: int, state: OfferState, now: datetime) -> None:
    """End somebody's open offers, and those that rest."""
    _end(session, _OF_EMPLOYEE, state, now, employee=employee_id)


def _holding(*which: ColumnElement[bool]) -> Any:
    """These offers, held, with their new state.

    In the order of their numbers, so that two who end some of the same never wait for each other.
    """
    in_order = col(OfferRow.id) + 0  # an expression: by the bare number SQLite would walk along all offers
    held = select(OfferRow.id).where(*which).order_by(in_order).with_for_update()
    return update(OfferRow).where(col(OfferRow.id).in_(held)).values(state=bindparam("became"))


def _ending(*which: ColumnElement[bool]) -> Any:
    """The statement that ends these offers; making it takes longer than running it."""
    of_each = (OfferRow.question_id, OfferRow.employee_id, OfferRow.claimed, OfferRow.rested_at)
    return _holding(*which).values(ended_at=bindparam("now")).returning(*map(col, of_each))


_OF_ASKED = col(OfferRow.question_id).in_(bindparam("questions", expanding=True))
_EXPIRED = _ending(_OPEN_BY_TIME, col(OfferRow.expires_at) <= bindparam("now"))
_ONE = _ending(_LIVES, col(OfferRow.id) == bindparam("offer"))
_RESTING = (
    _holding(
        _IS_OPEN,
        col(OfferRow.question_id) == bindparam("question"),
        col(OfferRow.employee_id) != bindparam("employee"),
    )
    .values(rested_at=bindparam("now"))
    .returning(col(OfferRow.employee_id))
)
_OF_QUESTIONS = _ending(_LIVES, _OF_ASKED)
_OF_WHOM = _ending(
    _LIVES,
    _OF_ASKED,
    tuple_(col(OfferRow.question_id), col(OfferRow.employee_id)).in_(bindparam("whose", expanding=True)),
)
_OF_EMPLOYEE = _ending(
    col(OfferRow.state).in_((OfferState.OPEN, OfferState.RESTING)),
    col(OfferRow.employee_id) == bindparam("employee"),
)


def _end(
    session: Session, ending: Any, state: OfferState, now: datetime, **which: Any
) -> list[tuple[int, int]]:
    """End offers: the question and the employee of each is returned.

    Whoever waits for somebody with a free hand hears of each that was open. Where somebody had the question
    for themself, the others' offers go on.
    """
    rows = session.execute(ending, {"became": state, "now": now, **which}).all()
    for _, employee_id, _, rested_at in rows:
        if rested_at is None:
            _free_hand(session, employee_id, now)
    free = {question_id for question_id, _, claimed, _ in rows if claimed}
    if free and ending is not _OF_QUESTIONS:
        go_on(session, free, now)
        for question in () if ending is _EXPIRED else questions.held_all(session, free):
            questions.look_at_once(session, question, now)  # who had it is gone before its time
    return [(question_id, employee_id) for question_id, employee_id, *_ in rows]


def _free_hand(session: Session, employee_id: int, now: datetime) -> None:
    """Somebody has one open offer less: whoever waits for a free hand hears of it."""
    changes.append(session, ChangeKind.HAND, employee_id, now)
    loads.note_ended(session, employee_id)
