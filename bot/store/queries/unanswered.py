"""Questions that nobody answered, for proposing topics."""

from sqlalchemy import select
from sqlmodel import Session, col

from bot.store.tables.columns import table_of
from bot.store.tables.conversations import PostRow, QuestionRow
from bot.store.topics.about import was_public
from routing.model.domain import QuestionState

_MOST = 20_000
_ASKED = table_of(QuestionRow).c


def texts_without_answer(session: Session) -> list[str]:
    """The words of questions that were escalated, or that no topic was found for, the newest first."""
    return [text for _, text in asked_without_answer(session, _MOST)]


def asked_without_answer(session: Session, limit: int) -> list[tuple[str, str]]:
    """As ``texts_without_answer``, of the latest ``limit`` questions, each with whatever tells who asked.

    Private ones are left out: what is proposed is shown with words of theirs.
    """
    rows = session.execute(
        select(_ASKED.platform, _ASKED.customer_id, _ASKED.text, _ASKED.topics, _ASKED.state)
        .select_from(QuestionRow)
        .outerjoin(PostRow, col(PostRow.id) == QuestionRow.post_id)
        .where(_ASKED.text != "", _ASKED.state != QuestionState.DISMISSED, was_public())
        .order_by(col(QuestionRow.id).desc())
        .limit(limit)
    ).all()
    return [
        (f"{platform}:{customer}", text)
        for platform, customer, text, topics, state in rows
        if not topics or state == QuestionState.ESCALATED
    ]
