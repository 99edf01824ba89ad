"""Questions that nobody answered, for proposing topics."""

from sqlmodel import Session, col, select

from bot.store.tables.conversations import PostRow, QuestionRow
from bot.store.topics.about import was_public
from routing.model.domain import QuestionState

_MOST = 20_000


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
