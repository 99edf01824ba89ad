"""Notes between colleagues as rows. Whatever is public reads none of this."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, update
from sqlmodel import Session, col, select

from bot.channels.noted import Noted
from bot.roles import Permission, Role
from bot.store import rows
from bot.store.dialects import overwrite_pages
from bot.store.tables.conversations import DeliveryRow, QuestionRow
from bot.store.tables.people import EmployeeRow, NoteRow
from routing.model.domain import EmployeeState, QuestionState


@dataclass(frozen=True, slots=True)
class WrittenNote:
    """A note as colleagues see it: whose it is, and the names of those who were told."""

    id: int
    employee_id: int
    author: str
    text: str
    written_at: datetime
    told: tuple[str, ...] = ()


def of_question(session: Session, question_id: int) -> list[WrittenNote]:
    """A question's notes, the earliest first."""
    found = session.exec(
        select(NoteRow).where(NoteRow.question_id == question_id).order_by(col(NoteRow.id))
    ).all()
    people = {number for one in found for number in (one.employee_id, *one.told)}
    names = {number: row.name for number, row in rows.find_all(session, EmployeeRow, people).items()}
    return [
        WrittenNote(
            one.id,
            one.employee_id,
            names[one.employee_id],
            one.text,
            one.written_at,
            tuple(names[number] for number in one.told if number in names),
        )
        for one in found
    ]


def count(session: Session, question_id: int) -> int:
    """How many notes a question has."""
    return session.exec(select(func.count()).where(col(NoteRow.question_id) == question_id)).one()


def latest_of(session: Session, question_id: int, employee_id: int) -> NoteRow | None:
    """What somebody wrote last on a question."""
    statement = select(NoteRow).where(NoteRow.question_id == question_id, NoteRow.employee_id == employee_id)
    return session.exec(statement.order_by(col(NoteRow.id).desc()).limit(1)).first()


def remove(session: Session, note: NoteRow) -> None:
    """A note is there no more."""
    overwrite_pages(session)
    session.delete(note)
    session.flush()


def move(session: Session, question_id: int, to: int) -> None:
    """A question's notes are another one's, which it has been joined with."""
    session.execute(update(NoteRow).where(col(NoteRow.question_id) == question_id).values(question_id=to))


def move_back(session: Session, question_id: int, joined_with: int) -> None:
    """What was written on a question before it was joined with another is its own again."""
    session.execute(
        update(NoteRow)
        .where(col(NoteRow.question_id) == joined_with, col(NoteRow.written_on) == question_id)
        .values(question_id=question_id)
    )


def forget(session: Session, question_id: int) -> None:
    """A question is gone, and what was written on it with it."""
    _delete(session, col(NoteRow.question_id) == question_id)


def forget_author(session: Session, employee_id: int) -> None:
    """Nothing is left of what somebody wrote to colleagues."""
    _delete(session, col(NoteRow.employee_id) == employee_id)


def of_author(session: Session, employee_id: int) -> Sequence[NoteRow]:
    """What somebody wrote, the earliest first."""
    statement = select(NoteRow).where(NoteRow.employee_id == employee_id)
    return session.exec(statement.order_by(col(NoteRow.id))).all()


def about_customer(session: Session, platform: str, account_id: str) -> Sequence[NoteRow]:
    """What was written on an account's questions, the earliest first."""
    statement = (
        select(NoteRow)
        .join(QuestionRow, col(QuestionRow.id) == NoteRow.question_id)
        .where(QuestionRow.platform == platform, QuestionRow.customer_id == account_id)
    )
    return session.exec(statement.order_by(col(NoteRow.id))).all()


def told(session: Session, notices: Sequence[DeliveryRow]) -> dict[int, Noted]:
    """What notices about notes tell, by their id: only where the note is there and its reader may see it."""
    about = {row.id: row.tells.note for row in notices}
    notes = rows.find_all(session, NoteRow, about.values(), anew=True)
    questions = rows.find_all(session, QuestionRow, [one.question_id for one in notes.values()])
    people = {row.employee_id for row in notices} | {one.employee_id for one in notes.values()}
    known = rows.find_all(session, EmployeeRow, people)
    found = {}
    for row in notices:
        note = notes.get(about[row.id] or 0)
        if note is None or questions[note.question_id].state == QuestionState.WITHDRAWN:
            continue
        place = page_of(known[row.employee_id or 0], note.question_id)
        if place is not None:
            found[row.id] = Noted(known[note.employee_id].name, note.question_id, f"{place}#note-{note.id}")
    return found


def page_of(employee: EmployeeRow, question_id: int) -> str | None:
    """Where somebody reads the notes on a question; None where they may not."""
    role = Role(employee.role)
    if employee.state == EmployeeState.LEFT:
        return None
    if role.may(Permission.ANSWER) and employee.opted_in_at is not None:
        return f"/desk/questions/{question_id}"
    return f"/admin/questions/{question_id}" if role.may(Permission.READ_QUESTIONS) else None


def _delete(session: Session, which: ColumnElement[bool]) -> None:
    overwrite_pages(session)
    session.execute(delete(NoteRow).where(which))
