"""Notes between colleagues on a question: written, and taken back. Nothing outside ever has them."""

from collections.abc import Sequence
from datetime import datetime

from bot.actions.conversations.hold_or_publish import QUESTION_DELETED
from bot.actions.people.details import Invalid, check_storable
from bot.actions.rules import Rules
from bot.actions.undecidable import Undecidable
from bot.states import ChangeKind
from bot.store import changes, rows
from bot.store.conversations import notices, questions
from bot.store.engine import Session
from bot.store.people import notes, staff
from bot.store.row_locks import lock_row
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.people import EmployeeRow, NoteRow
from bot.text.naming_colleagues import KnownColleague, named_in
from routing.model.domain import QuestionState
from routing.model.phrases import phrase

LONGEST_NOTE = 2_000
MOST_NOTES = 100
"""So many notes a question takes: its page shows them all."""
_MOST_TOLD = 10
_NOT_THERE = phrase("This note is not there any more.")


def write(
    session: Session,
    rules: Rules,
    question: QuestionRow,
    author: EmployeeRow,
    text: str,
    now: datetime,
    *,
    tell: EmployeeRow | None = None,
) -> NoteRow:
    """A note of ``author``'s; who is named in it by ``@``, and ``tell``, gets a notice.

    Sent twice, it is there once. Raises Invalid about ``note``, and Undecidable where the question is gone.
    """
    _check_text(text)
    whole = questions.held_one(session, questions.whole(session, question).id)
    if whole.state == QuestionState.WITHDRAWN:
        raise Undecidable(QUESTION_DELETED)
    told = _told(session, whole, author, text, tell)
    before = notes.latest_of(session, whole.id, author.id)
    if before is not None and (before.text, before.told) == (text, told):
        return before
    if notes.count(session, whole.id) >= MOST_NOTES:
        why = phrase("There are %(most)s notes on this question, which is all it takes.", most=MOST_NOTES)
        raise Invalid("note", why)
    note = NoteRow(
        question_id=whole.id, written_on=whole.id, employee_id=author.id, text=text, told=told, written_at=now
    )
    rows.keep(session, note)
    notices.queue_note(session, (note.id, whole.id), told, rules.personal_channels, now)
    changes.append(session, ChangeKind.WORK, whole.id, now)
    return note


def take_back(
    session: Session, question_id: int, note_id: int, by: int, now: datetime, *, decides: bool
) -> NoteRow:
    """A note goes, for good, as it was; ``decides``: also a colleague's. Raises Undecidable."""
    question = questions.held_one(session, question_id)
    note = rows.find(session, NoteRow, note_id, anew=True)
    if note is None or note.question_id != question.id:
        raise Undecidable(_NOT_THERE)
    if note.employee_id != by and not decides:
        raise Undecidable(phrase("A note is taken back by whoever wrote it, or by somebody in charge."))
    lock_row(session, note)
    notes.remove(session, note)
    changes.append(session, ChangeKind.WORK, question.id, now)
    return note


def _check_text(text: str) -> None:
    check_storable("note", text)
    if not text:
        raise Invalid("note", phrase("Write the note first."))
    if len(text) > LONGEST_NOTE:
        why = phrase(
            "At most %(most)s characters are allowed; these are %(length)s.",
            most=LONGEST_NOTE,
            length=len(text),
        )
        raise Invalid("note", why)


def _told(
    session: Session, question: QuestionRow, author: EmployeeRow, text: str, tell: EmployeeRow | None
) -> list[int]:
    """The ids of those who are to read it. Raises Invalid."""
    wanted = [] if tell is None else [tell.id]
    wanted += _named(text, question.customer_handle, staff.colleagues(session) if "@" in text else [])
    told = [one for one in dict.fromkeys(wanted) if one != author.id]
    if len(told) > _MOST_TOLD:
        raise Invalid("note", phrase("A note is for %(most)s colleagues at the most.", most=_MOST_TOLD))
    for one in rows.find_all(session, EmployeeRow, told).values():
        if notes.page_of(one, question.id) is None:
            why = phrase("%(name)s may not see this question, so no note can be for them.", name=one.name)
            raise Invalid("note", why)
    return told


def _named(text: str, customer: str, everybody: Sequence[KnownColleague]) -> list[int]:
    found = []
    for one in named_in(text, everybody):
        if one.words.casefold() == customer.casefold():
            continue
        if len(one.ids) > 1:
            why = phrase(
                "Several colleagues are called %(name)s: write @ with the whole name, or the mail address.",
                name=one.words,
            )
            raise Invalid("note", why)
        found.append(one.ids[0])
    return found
