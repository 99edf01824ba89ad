"""Other customers' answers that are endorsed, and what the brand says below them."""

from collections import defaultdict
from dataclasses import dataclass

from sqlmodel import Session, col, select

from bot.states import AnswerKind, AnswerState, DeliveryKind
from bot.store.tables.columns import said
from bot.store.tables.conversations import AnswerRow, DeliveryRow

_ANEW = {"populate_existing": True}


@dataclass(frozen=True, slots=True)
class Endorsed:
    """An endorsed answer by its number, and the brand's reply below it, where there is one.

    ``link`` is where a person posts that reply by hand, where the platform takes it from no app.
    """

    answer_id: int
    reply: AnswerRow | None = None
    link: str = ""


def reply_to(session: Session, answer_id: int) -> AnswerRow | None:
    """What the brand says, or is about to say, below an endorsed answer."""
    statement = (
        select(AnswerRow)
        .where(AnswerRow.endorses_id == answer_id, col(AnswerRow.state) != said(AnswerState.RETRACTED))
        .order_by(col(AnswerRow.id).desc())
        .limit(1)
    )
    return session.exec(statement, execution_options=_ANEW).first()


def queued_by(session: Session, employee_id: int) -> dict[int, list[AnswerRow]]:
    """What is on its way below others' answers because this employee endorsed them, by the question."""
    messages = select(DeliveryRow.answer_id).where(
        DeliveryRow.employee_id == employee_id, DeliveryRow.kind == said(DeliveryKind.PUBLICATION)
    )
    statement = select(AnswerRow).where(
        col(AnswerRow.id).in_(messages),
        AnswerRow.kind == said(AnswerKind.ENDORSEMENT),
        AnswerRow.state == said(AnswerState.QUEUED),
    )
    found: dict[int, list[AnswerRow]] = defaultdict(list)
    for one in session.exec(statement):
        found[one.question_id].append(one)
    return found


def of_question(session: Session, question_id: int) -> dict[int, Endorsed]:
    """What is endorsed of a question's thread, by the post."""
    answers = session.exec(
        select(AnswerRow).where(
            AnswerRow.question_id == question_id,
            AnswerRow.kind == said(AnswerKind.COMMUNITY),
            AnswerRow.state == said(AnswerState.PUBLISHED),
        )
    ).all()
    return {one.post_id: _endorsed(session, one) for one in answers if one.post_id is not None}


def _endorsed(session: Session, answer: AnswerRow) -> Endorsed:
    reply = reply_to(session, answer.id)
    if reply is None:
        return Endorsed(answer.id)
    links = select(DeliveryRow.link).where(DeliveryRow.answer_id == reply.id)
    link = session.exec(links.where(col(DeliveryRow.link).is_not(None))).first()
    return Endorsed(answer.id, reply, link or "")
