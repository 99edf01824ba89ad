"""The brand's likes of what customers answer each other: wanted, due, given and taken back."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from bot.states import DeliveryState
from bot.store import rows
from bot.store.row_locks import locked_row
from bot.store.tables.conversations import AnswerRow, PostRow
from bot.store.tables.listening import LikeRow


def want(session: Session, answer: AnswerRow, post: PostRow, key: str, now: datetime) -> LikeRow:
    """The brand is to like a post that became this answer; once, however often it is said."""
    row = _of(session, answer.id) or LikeRow(
        answer_id=answer.id,
        platform=post.platform,
        external_id=post.external_id,
        key=key,
        refs=dict(post.refs),
        created_at=now,
    )
    row.wanted, row.state, row.reason, row.attempts, row.due_at = True, DeliveryState.READY, "", 0, now
    rows.keep(session, row)
    return row


def take_back(session: Session, answer_id: int, now: datetime) -> None:
    """The answer does not stand there any more: its like, if any, is to be taken back."""
    row = _of(session, answer_id)
    if row is not None:
        row.wanted, row.state, row.reason, row.attempts, row.due_at = False, DeliveryState.READY, "", 0, now
        rows.keep(session, row)


def _of(session: Session, answer_id: int) -> LikeRow | None:
    found = session.exec(select(LikeRow.id).where(LikeRow.answer_id == answer_id)).first()
    return locked_row(session, LikeRow, found)


def due(session: Session, platforms: Sequence[str], now: datetime, limit: int) -> Sequence[LikeRow]:
    """Likes to be given or taken back on these platforms, the longest due in front."""
    statement = (
        select(LikeRow)
        .where(col(LikeRow.due_at) <= now, col(LikeRow.platform).in_(platforms))
        .order_by(col(LikeRow.due_at), col(LikeRow.id))
        .limit(limit)
    )
    return session.exec(statement).all()


def settle(
    session: Session,
    seen: LikeRow,
    state: DeliveryState,
    now: datetime,
    reason: str = "",
    at: datetime | None = None,
) -> bool:
    """Note what came of an attempt; False where something else is wanted by now: that is tried next.

    A like that was taken back goes. ``at`` is when one that waits is tried again.
    """
    row = locked_row(session, LikeRow, seen.id)
    if row is None:
        return False
    if row.wanted != seen.wanted:
        row.due_at = now
        rows.keep(session, row)
        return False
    if not row.wanted and state is not DeliveryState.READY:
        session.delete(row)
        session.flush()
        return True
    row.state, row.reason, row.due_at = state, reason, at if state is DeliveryState.READY else None
    row.attempts += 1
    rows.keep(session, row)
    return True


def of_question(session: Session, question_id: int) -> dict[int, LikeRow]:
    """The likes that are given or wanted in a question's thread, by the post."""
    found = session.exec(
        select(AnswerRow.post_id, LikeRow)
        .join(AnswerRow, col(AnswerRow.id) == LikeRow.answer_id)
        .where(AnswerRow.question_id == question_id, col(LikeRow.wanted))
    ).all()
    return {post_id: row for post_id, row in found if post_id is not None}
