"""Entries as rows: the public record of each question."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, delete, or_
from sqlmodel import Session, col, select

from bot.states import ChangeKind, EntryState
from bot.store import changes, rows
from bot.store.row_locks import count_up
from bot.store.tables.columns import among
from bot.store.tables.conversations import EntryRow
from bot.store.tables.search import VectorRow

_OF_QUESTIONS = select(EntryRow).where(col(EntryRow.question_id).in_(bindparam("questions", expanding=True)))


def of_question(session: Session, question_id: int) -> EntryRow | None:
    """The entry of a question."""
    return of_questions(session, [question_id]).get(question_id)


def of_questions(session: Session, question_ids: Collection[int]) -> dict[int, EntryRow]:
    """The entries of these questions, by question, as far as there are any."""
    rows = session.exec(_OF_QUESTIONS, params={"questions": list(question_ids)}).all()
    return {row.question_id: row for row in rows}


def present(session: Session, entry_id: int) -> EntryRow | None:
    """The entry with this number, or the one it has become part of; None where there is none."""
    entry = rows.find(session, EntryRow, entry_id)
    return rows.find(session, EntryRow, entry.moved_to) if entry is not None and entry.moved_to else entry


def undecided_after(session: Session, entry_id: int, limit: int) -> list[EntryRow]:
    """Entries behind this number of which no person has said whether the public sees them."""
    judged = or_(among(EntryRow.state, EntryState.PUBLIC), among(EntryRow.state, EntryState.HELD_BACK))
    return list(
        session.exec(
            select(EntryRow)
            .where(col(EntryRow.id) > entry_id, judged, col(EntryRow.decided).is_(False))
            .order_by(col(EntryRow.id))
            .limit(limit)
        ).all()
    )


def touch(session: Session, entry: EntryRow, now: datetime) -> None:
    """Something the public sees of this entry has changed: every index and cache must hear of it."""
    count_up(session, entry, "revision", updated_at=now)
    changes.append(session, ChangeKind.ENTRY, entry.id, now, questions=[entry.question_id])


def forget_vectors(session: Session, entry_id: int) -> None:
    """What an entry means goes, in every model's terms."""
    session.execute(delete(VectorRow).where(col(VectorRow.entry_id) == entry_id))
