"""Answers: storing them, and what became of them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select

from bot.states import ON_ITS_WAY, AnswerState, ChangeKind, DeliveryState
from bot.store import changes
from bot.store.row_locks import lock_row, supersede
from bot.store.tables.columns import among
from bot.store.tables.conversations import AnswerRow, DeliveryRow, QuestionRow
from bot.store.tables.house import AnswerVersionRow

_ANEW = {"populate_existing": True}
"""Whoever holds the question reads what others have made of its answers meanwhile."""
NOT_OUT = (AnswerState.QUEUED, AnswerState.HELD)
"""States of an answer that the customer may still get, and has not."""
_OF_QUESTIONS = (
    select(AnswerRow)
    .where(col(AnswerRow.question_id).in_(bindparam("questions", expanding=True)))
    .order_by(col(AnswerRow.id))
)
_MAY_BE_OUT = (DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNKNOWN)


def of_post(session: Session, post_id: int) -> AnswerRow | None:
    """The answer that a tagged post became."""
    return session.exec(
        select(AnswerRow).where(AnswerRow.post_id == post_id), execution_options=_ANEW
    ).first()


def of_round(session: Session, question: QuestionRow) -> list[AnswerRow]:
    """The answers given since the question was last opened, in order."""
    return of_rounds(session, [question])[question.id]


def of_rounds(session: Session, questions: Sequence[QuestionRow]) -> dict[int, list[AnswerRow]]:
    """The answers given since each question was last opened, in order."""
    found: dict[int, list[AnswerRow]] = {one.id: [] for one in questions}
    rounds = {one.id: one.round for one in questions}
    rows = session.exec(_OF_QUESTIONS, params={"questions": list(found)}, execution_options=_ANEW).all()
    for row in rows:
        if row.round == rounds[row.question_id]:
            found[row.question_id].append(row)
    return found


def not_out(session: Session, question_id: int, employee_id: int) -> list[AnswerRow]:
    """Somebody's answers to a question that have not gone out."""
    return list(
        session.exec(
            select(AnswerRow)
            .where(
                AnswerRow.question_id == question_id,
                AnswerRow.employee_id == employee_id,
                col(AnswerRow.state).in_(NOT_OUT),
            )
            .order_by(col(AnswerRow.id)),
            execution_options=_ANEW,
        ).all()
    )


def waiting_of(session: Session, employee_id: int) -> list[int]:
    """The questions that have answers of somebody's which have not gone out."""
    statement = select(AnswerRow.question_id).where(
        AnswerRow.employee_id == employee_id, col(AnswerRow.state).in_(NOT_OUT)
    )
    return list(session.exec(statement).all())


def corrections_under_way(session: Session, answer_id: int) -> list[int]:
    """The corrections of an answer that are on their way, or wait for somebody."""
    return list(
        session.exec(
            select(AnswerRow.id).where(
                AnswerRow.corrects_id == answer_id, among(AnswerRow.state, *NOT_OUT, AnswerState.FAILED)
            )
        ).all()
    )


def is_first(session: Session, answer: AnswerRow) -> bool:
    """Whether no other answer of an employee to this question is out, on its way or held."""
    return (
        session.exec(
            select(AnswerRow.id).where(
                AnswerRow.question_id == answer.question_id,
                AnswerRow.id != answer.id,
                col(AnswerRow.employee_id).is_not(None),
                col(AnswerRow.state).in_((*ON_ITS_WAY, AnswerState.HELD)),
            )
        ).first()
        is None
    )


def published(session: Session, question_id: int) -> list[AnswerRow]:
    """The answers that the public sees: the accepted one first, then in the order they came."""
    return list(
        session.exec(
            select(AnswerRow)
            .where(AnswerRow.question_id == question_id, AnswerRow.state == AnswerState.PUBLISHED)
            .order_by(col(AnswerRow.lead).desc(), col(AnswerRow.published_at), col(AnswerRow.id))
        ).all()
    )


def count_given(session: Session, employee_id: int, since: datetime | None = None) -> int:
    """How many answers of somebody's were published or are on their way."""
    statement = (
        select(func.count())
        .select_from(AnswerRow)
        .where(AnswerRow.employee_id == employee_id, col(AnswerRow.state).in_(ON_ITS_WAY))
    )
    if since is not None:
        statement = statement.where(col(AnswerRow.written_at) >= since)
    return int(session.exec(statement).one())


def published_in_order(session: Session, question_ids: Collection[int]) -> dict[int, list[AnswerRow]]:
    """By question, the answers that the public sees in the order they came; a first reply is none."""
    found: dict[int, list[AnswerRow]] = {one: [] for one in question_ids}
    rows = session.exec(
        select(AnswerRow)
        .where(col(AnswerRow.question_id).in_(found), AnswerRow.state == AnswerState.PUBLISHED)
        .order_by(col(AnswerRow.published_at), col(AnswerRow.id)),
        execution_options=_ANEW,
    ).all()
    for row in rows:
        found[row.question_id].append(row)
    return found


def publish_all(session: Session, out: Sequence[tuple[AnswerRow, str | None]], now: datetime) -> None:
    """All parts of these are out, the first of each at an address: the answers are public."""
    for answer, url in out:
        answer.state, answer.published_at, answer.url = AnswerState.PUBLISHED, now, url
        changes.append(session, ChangeKind.ANSWER, answer.id, now, questions=[answer.question_id])
    session.add_all([answer for answer, _ in out])
    session.flush()


def stop(session: Session, answer: AnswerRow, state: AnswerState, reason: str, now: datetime) -> bool:
    """Take an answer out of the queue; its question is held.

    False when its first part is out, or may be, already.
    """
    lock_row(session, answer)
    parts = session.exec(
        select(DeliveryRow)
        .where(DeliveryRow.answer_id == answer.id)
        .order_by(col(DeliveryRow.part))
        .with_for_update(key_share=True),
        execution_options=_ANEW,
    ).all()
    if any(part.state in _MAY_BE_OUT for part in parts):
        return False
    for part in parts:
        supersede(session, part, state=DeliveryState.WITHDRAWN, reason=reason)
    answer.state, answer.held_for = state, reason
    session.add(answer)
    session.flush()
    changes.append(session, ChangeKind.WORK, answer.question_id, now)
    return True


def rewrite(session: Session, answer: AnswerRow, text: str, *, by: str, reason: str, now: datetime) -> None:
    """Change an answer's words and keep the former ones."""
    session.add(
        AnswerVersionRow(
            answer_id=answer.id, text=answer.text, replaced_at=now, replaced_by=by, reason=reason
        )
    )
    answer.text = text
    session.add(answer)
    session.flush()
