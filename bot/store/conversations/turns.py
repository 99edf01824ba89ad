"""What was said in a question's thread, in order: the customer's posts and the answers that went out."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from bot.states import OF_CUSTOMERS, AnswerKind, AnswerState, DeliveryKind
from bot.store.tables.conversations import AnswerRow, DeliveryRow, PostRow


@dataclass(frozen=True, slots=True)
class ThreadTurn:
    """One post of a customer's, or one answer, with the ids under which its platform knows it."""

    at: datetime
    external_ids: frozenset[str]
    post: PostRow | None = None
    answer: AnswerRow | None = None


def of_question(session: Session, question_id: int) -> list[ThreadTurn]:
    """The turns of a thread as the customer has seen them; what the brand only pointed to is none."""
    posts = session.exec(
        select(PostRow).where(
            PostRow.question_id == question_id,
            col(PostRow.verdict).in_(OF_CUSTOMERS),
            col(PostRow.deleted_at).is_(None),
        )
    ).all()
    answers = session.exec(
        select(AnswerRow).where(
            AnswerRow.question_id == question_id,
            AnswerRow.state == AnswerState.PUBLISHED,
            AnswerRow.kind != AnswerKind.POINTER,
        )
    ).all()
    sent = _external_ids(session, question_id) if answers else {}
    said = [
        ThreadTurn(one.posted_at or one.received_at, frozenset((one.external_id,)), post=one) for one in posts
    ]
    said += [
        ThreadTurn(one.published_at or one.written_at, frozenset(sent.get(one.id, ())), answer=one)
        for one in answers
    ]
    return sorted(said, key=lambda one: one.at)


def _external_ids(session: Session, question_id: int) -> dict[int | None, set[str]]:
    found: dict[int | None, set[str]] = defaultdict(set)
    sent = session.exec(
        select(DeliveryRow.answer_id, DeliveryRow.external_id).where(
            DeliveryRow.question_id == question_id,
            DeliveryRow.kind == DeliveryKind.PUBLICATION,
            col(DeliveryRow.external_id).is_not(None),
        )
    )
    for answer_id, external_id in sent:
        found[answer_id].add(external_id or "")
    return found
