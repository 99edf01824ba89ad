"""The same words under other questions: answers that repeat an entry, and the one that they repeat."""

from sqlalchemy import or_
from sqlmodel import Session, col, select

from bot.states import AnswerKind, AnswerState
from bot.store.archive import entries
from bot.store.tables.columns import among
from bot.store.tables.conversations import AnswerRow, EntryRow
from routing.model.text import normalise

MOST_COPIES = 100
"""So many are offered together, the latest: what is listed can still be read."""


def copies_of(session: Session, answer: AnswerRow) -> list[AnswerRow]:
    """The published answers that say the same because one of them repeats the other, the latest first."""
    entry = entries.of_question(session, answer.question_id)
    repeated = sorted({one for one in (entry.id if entry else None, answer.reuse_of) if one is not None})
    if not repeated:
        return []
    original = session.exec(select(EntryRow.question_id).where(EntryRow.id == answer.reuse_of)).all()
    statement = (
        select(AnswerRow)
        .where(
            or_(col(AnswerRow.reuse_of).in_(repeated), col(AnswerRow.question_id).in_(original)),
            among(AnswerRow.state, AnswerState.PUBLISHED),
            AnswerRow.kind != AnswerKind.COMMUNITY,
            AnswerRow.id != answer.id,
        )
        .order_by(col(AnswerRow.id).desc())
        .limit(MOST_COPIES)
    )
    words = normalise(answer.text)
    return [one for one in session.exec(statement).all() if normalise(one.text) == words]


def is_original(session: Session, answer: AnswerRow, entry_id: int) -> bool:
    """Whether this answer is one of those that an entry shows."""
    entry = entries.of_question(session, answer.question_id)
    return entry is not None and entry.id == entry_id
