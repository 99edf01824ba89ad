"""Which question a post belongs to: by the posts above it in its thread, or by whom it names."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from bot.states import DeliveryKind, PostState
from bot.store.conversations import posts
from bot.store.tables.conversations import DeliveryRow, PostRow, QuestionRow
from routing.model.domain import WITHOUT_ANSWER

_LONGEST = 20
"""So many posts are looked at above one."""


@dataclass(frozen=True, slots=True)
class Above:
    """What is known of the posts above one in its thread."""

    question: QuestionRow | None = None
    """That of the nearest one that belongs to any."""
    is_known: bool = False
    """Whether the post replied to, or its tombstone, has come in."""
    is_pending: bool = False
    """Whether one above has come in but intake is not done with it: its question will be there soon.

    Another worker may have it right now, or had it and died.
    """


def of_post(session: Session, platform: str, external_id: str) -> QuestionRow | None:
    """The question that a post belongs to, be it a customer's, an employee's or the brand's own."""
    return _of(session, posts.by_external_id(session, platform, external_id), platform, external_id)


def above(session: Session, post: PostRow) -> Above:
    """Look up the thread, as far as it has come in. One that leads back to the post itself holds nothing."""
    found = Above()
    current = post.in_reply_to
    for _ in range(_LONGEST):
        if current is None:
            break
        row = posts.by_external_id(session, post.platform, current)
        question = _of(session, row, post.platform, current)
        if question is not None:
            return Above(question, is_known=True)
        if row is None:
            break
        if row.external_id == post.external_id:
            return Above(is_known=True)
        is_pending = found.is_pending or row.state in (PostState.NEW, PostState.WAITING)
        found = Above(is_known=True, is_pending=is_pending)
        current = row.in_reply_to
    return found


def of_customers(session: Session, platform: str, handles: Sequence[str]) -> QuestionRow | None:
    """The latest question without an answer of a customer with one of these handles."""
    if not handles:
        return None
    return session.exec(
        select(QuestionRow)
        .where(
            QuestionRow.platform == platform,
            col(QuestionRow.customer_handle).in_([handle.lower() for handle in handles] + list(handles)),
            col(QuestionRow.state).in_(WITHOUT_ANSWER),
        )
        .order_by(col(QuestionRow.id).desc())
    ).first()


def _of(session: Session, post: PostRow | None, platform: str, external_id: str) -> QuestionRow | None:
    if post is not None and post.question_id is not None:
        return session.get(QuestionRow, post.question_id)
    sent = session.exec(
        select(DeliveryRow).where(
            DeliveryRow.platform == platform,
            DeliveryRow.external_id == external_id,
            DeliveryRow.kind == DeliveryKind.PUBLICATION,
        )
    ).first()
    return session.get(QuestionRow, sent.question_id) if sent is not None else None
