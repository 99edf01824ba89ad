"""Questions that nobody answered, for proposing topics."""

from sqlmodel import Session, col, select

from bot.store.tables import QuestionRow
from routing.domain import QuestionState

_MOST = 20_000


def texts_without_answer(session: Session) -> list[str]:
    """The words of questions that were escalated, or that no topic was found for, the newest first."""
    rows = session.exec(
        select(QuestionRow.text, QuestionRow.topics, QuestionRow.state)
        .where(QuestionRow.text != "", QuestionRow.state != QuestionState.DISMISSED)
        .order_by(col(QuestionRow.id).desc())
        .limit(_MOST)
    ).all()
    return [text for text, topics, state in rows if not topics or state == QuestionState.ESCALATED]
