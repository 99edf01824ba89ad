"""Questions and answers for programs with a token."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from bot.states import EntryState
from bot.store import rows
from bot.store.archive import entries
from bot.store.archive.records import Record, records, selection
from bot.store.tables.columns import among
from bot.store.tables.conversations import AnswerRow, EntryRow, QuestionRow


def questions(session: Session, state: str | None, before: int | None, limit: int) -> Sequence[QuestionRow]:
    """Questions with a number below ``before``, of one state or of all, the highest first."""
    statement = select(QuestionRow)
    if state is not None:
        statement = statement.where(QuestionRow.state == state)
    if before is not None:
        statement = statement.where(col(QuestionRow.id) < before)
    return session.exec(statement.order_by(col(QuestionRow.id).desc()).limit(limit)).all()


def question(session: Session, number: int) -> QuestionRow | None:
    """The question with this number."""
    return rows.find(session, QuestionRow, number)


def answers(session: Session, question_id: int) -> Sequence[AnswerRow]:
    """All answers to a question, the earliest first."""
    statement = select(AnswerRow).where(AnswerRow.question_id == question_id)
    return session.exec(statement.order_by(col(AnswerRow.id))).all()


def public_records(session: Session, question_ids: Sequence[int]) -> dict[int, Record]:
    """The entries that the public sees of these questions, by question."""
    if not question_ids:
        return {}
    there = {
        entry.id: question_id
        for question_id, entry in entries.of_questions(session, question_ids).items()
        if entry.state == EntryState.PUBLIC
    }
    statement = selection().where(col(EntryRow.id).in_(there), among(EntryRow.state, EntryState.PUBLIC))
    return {there[record.id]: record for record in records(session, statement) if record.answers}
