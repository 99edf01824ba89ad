"""What the desk and those in charge do alike about notes: one decision, one audit line."""

from dataclasses import dataclass

from app.identity.auth import Person
from app.identity.decisions import decision
from app.web.forms import number_in
from app.web.problems import Problem
from app.wiring.composition import Chorus
from bot.actions import notes
from bot.actions.people.details import Invalid
from bot.roles import Permission
from bot.store import rows
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.people import EmployeeRow
from routing.model.phrases import phrase


@dataclass(frozen=True, slots=True)
class NoteDraft:
    """What stands in the form of a note: its words, and the colleague chosen to be told."""

    text: str = ""
    colleague: str = ""


NO_NOTE = NoteDraft()


def write_note(chorus: Chorus, person: Person, question_id: int, text: str, tell: str) -> int:
    """A note for colleagues, and for the one whose number is ``tell`` before all; its own. Raises Problem."""
    with decision(chorus, person) as at:
        question = at.row(QuestionRow, question_id, "such question")
        author = rows.one(at.session, EmployeeRow, person.id)
        try:
            number = number_in(tell)
            to = None if number is None else _chosen(rows.find(at.session, EmployeeRow, number))
            note = notes.write(at.session, chorus.rules, question, author, text, at.now, tell=to)
        except Invalid as error:
            raise Problem(422, str(error)) from error
        told = {"told": note.told} if note.told else {}
        at.record(AuditAction.NOTE_WRITE, f"question {note.question_id}", note=note.id, **told)
        return note.id


def remove_note(chorus: Chorus, person: Person, question_id: int, note_id: int) -> None:
    """A note of their own goes, or, where they decide, a colleague's. Raises Problem."""
    with decision(chorus, person) as at:
        at.row(QuestionRow, question_id, "such question")
        note = notes.take_back(
            at.session, question_id, note_id, person.id, at.now, decides=person.may(Permission.DECIDE)
        )
        whose = {} if note.employee_id == person.id else {"of": note.employee_id}
        at.record(AuditAction.NOTE_REMOVE, f"question {question_id}", note=note_id, **whose)


def _chosen(colleague: EmployeeRow | None) -> EmployeeRow:
    if colleague is None:
        raise Problem(422, phrase("Choose the colleague whom the note is for."))
    return colleague
