"""What was said in a question's thread, in order: posts of customers and the answers that went out."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from bot.states import OF_CUSTOMERS, AnswerKind, AnswerState, DeliveryKind, PostKind
from bot.store.tables.columns import among
from bot.store.tables.conversations import AnswerRow, DeliveryRow, PostRow


@dataclass(frozen=True, slots=True)
class ThreadTurn:
    """A post of the customer's, another customer's answer, or one of ours, with the ids it has there."""

    at: datetime
    external_ids: frozenset[str]
    post: PostRow | None = None
    answer: AnswerRow | None = None


def of_questions(session: Session, question_ids: Collection[int]) -> dict[int, list[ThreadTurn]]:
    """The turns of threads as their customers have seen them; what the brand only pointed to is none."""
    said: dict[int, list[ThreadTurn]] = {one: [] for one in question_ids}
    if not said:
        return said
    posts = session.exec(
        select(PostRow).where(
            col(PostRow.question_id).in_(said),
            among(PostRow.verdict, *OF_CUSTOMERS, PostKind.COMMUNITY),
            col(PostRow.deleted_at).is_(None),
        )
    ).all()
    answers = session.exec(
        select(AnswerRow).where(
            col(AnswerRow.question_id).in_(said),
            AnswerRow.state == AnswerState.PUBLISHED,
            col(AnswerRow.kind).not_in((AnswerKind.POINTER, AnswerKind.COMMUNITY)),
        )
    ).all()
    sent = _external_ids(session, {one.question_id for one in answers})
    for post in posts:
        turn = ThreadTurn(post.posted_at or post.received_at, frozenset((post.external_id,)), post=post)
        said[post.question_id or 0].append(turn)
    for answer in answers:
        ids = frozenset(sent.get(answer.id, ()))
        said[answer.question_id].append(
            ThreadTurn(answer.published_at or answer.written_at, ids, answer=answer)
        )
    return {question_id: sorted(turns, key=lambda one: one.at) for question_id, turns in said.items()}


def _external_ids(session: Session, question_ids: Collection[int]) -> dict[int | None, set[str]]:
    found: dict[int | None, set[str]] = defaultdict(set)
    if not question_ids:
        return found
    sent = session.exec(
        select(DeliveryRow.answer_id, DeliveryRow.external_id).where(
            col(DeliveryRow.question_id).in_(question_ids),
            DeliveryRow.kind == DeliveryKind.PUBLICATION,
            col(DeliveryRow.external_id).is_not(None),
        )
    )
    for answer_id, external_id in sent:
        found[answer_id].add(external_id or "")
    return found
