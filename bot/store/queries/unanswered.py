"""Questions that nobody answered, for proposing topics."""

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from bot.posts import Visibility
from bot.store.tables.conversations import PostRow, QuestionRow
from routing.model.domain import QuestionState

_MOST = 20_000


def was_public() -> ColumnElement[bool]:
    """Of questions joined with the posts that opened them: whether anybody may read their words.

    Those brought in from elsewhere have no post.
    """
    readable = [one.value for one in Visibility if one.is_public]
    return or_(col(PostRow.id).is_(None), col(PostRow.visibility).in_(readable))


def texts_without_answer(session: Session) -> list[str]:
    """The words of questions that were escalated, or that no topic was found for, the newest first.

    Private ones are left out: what is proposed is shown with words of theirs.
    """
    rows = session.exec(
        select(QuestionRow.text, QuestionRow.topics, QuestionRow.state)
        .outerjoin(PostRow, col(PostRow.id) == QuestionRow.post_id)
        .where(QuestionRow.text != "", QuestionRow.state != QuestionState.DISMISSED, was_public())
        .order_by(col(QuestionRow.id).desc())
        .limit(_MOST)
    ).all()
    return [text for text, topics, state in rows if not topics or state == QuestionState.ESCALATED]
