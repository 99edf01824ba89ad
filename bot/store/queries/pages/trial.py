"""The way of one post of the built-in feed through the house, for whoever tries it out."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from bot.posts import PlatformName
from bot.states import DeliveryKind, DeliveryState, EntryState
from bot.store.tables.conversations import AnswerRow, DeliveryRow, EntryRow, OfferRow, PostRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from routing.model.domain import OfferState


@dataclass(frozen=True, slots=True)
class TrialWay:
    """How far a post has come. What has not happened yet is None or empty."""

    is_taken_in: bool = False
    verdict: str | None = None
    question_id: int | None = None
    state: str | None = None
    asked: Sequence[tuple[int, str]] = ()
    """Who has it in front of them: number and name."""
    answered_by: str | None = None
    answer_state: str | None = None
    is_published: bool = False
    entry_id: int | None = None
    entry_title: str = ""


def way_of(session: Session, external_id: str) -> TrialWay:
    """How far a post of the built-in feed has come; nothing of it where nobody knows it (yet)."""
    post = session.exec(
        select(PostRow).where(PostRow.platform == PlatformName.LOCAL, PostRow.external_id == external_id)
    ).first()
    if post is None:
        return TrialWay()
    question = session.get(QuestionRow, post.question_id) if post.question_id is not None else None
    if question is None:
        return TrialWay(is_taken_in=post.verdict is not None, verdict=post.verdict)
    asked = session.exec(
        select(EmployeeRow.id, EmployeeRow.name)
        .join(OfferRow, col(OfferRow.employee_id) == EmployeeRow.id)
        .where(OfferRow.question_id == question.id, OfferRow.state == OfferState.OPEN)
        .order_by(col(EmployeeRow.name))
    ).all()
    answer = session.exec(
        select(AnswerRow).where(AnswerRow.question_id == question.id).order_by(col(AnswerRow.id)).limit(1)
    ).first()
    entry = session.exec(
        select(EntryRow).where(EntryRow.question_id == question.id, EntryRow.state == EntryState.PUBLIC)
    ).first()
    author = session.get(EmployeeRow, answer.employee_id) if answer is not None else None
    return TrialWay(
        is_taken_in=True,
        verdict=post.verdict,
        question_id=question.id,
        state=question.state,
        asked=asked,
        answered_by=author.name if author is not None else None,
        answer_state=answer.state if answer is not None else None,
        is_published=answer is not None and _is_out(session, answer.id),
        entry_id=entry.id if entry is not None else None,
        entry_title=entry.title if entry is not None else "",
    )


def _is_out(session: Session, answer_id: int) -> bool:
    found = session.exec(
        select(DeliveryRow.id).where(
            DeliveryRow.answer_id == answer_id,
            DeliveryRow.kind == DeliveryKind.PUBLICATION,
            DeliveryRow.state == DeliveryState.SENT,
        )
    ).first()
    return found is not None
