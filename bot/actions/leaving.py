"""Somebody pauses, or leaves: what was in front of them goes to others, and what they wrote stays in."""

from datetime import datetime

from bot.actions.conversations.handover import release_offers
from bot.actions.conversations.withdraw import take_back
from bot.actions.deliveries.last_look import ENDORSER_LEFT
from bot.actions.people import employees
from bot.actions.people.details import Invalid
from bot.states import AnswerState, ChangeKind
from bot.store import changes
from bot.store.community import endorsements
from bot.store.conversations import answers, offers, questions
from bot.store.departments import directory
from bot.store.engine import Session
from bot.store.house import board_marks
from bot.store.people import access, identities
from bot.store.row_locks import lock_row
from bot.store.tables.people import EmployeeRow
from routing.model.domain import EmployeeState
from routing.model.phrases import phrase


def pause(session: Session, employee: EmployeeRow, now: datetime, until: datetime | None = None) -> None:
    """Nobody asks them until then, or until they come back; open offers go to others. Raises Invalid."""
    lock_row(session, employee)
    if employee.state == EmployeeState.LEFT:
        raise Invalid("state", phrase("%(name)s has left.", name=employee.name))
    if until is not None and until <= now:
        raise Invalid("until", phrase("A pause ends in the future."))
    employee.state = EmployeeState.PAUSED if until is None else EmployeeState.ACTIVE
    employee.paused_until = until
    release_offers(session, employee.id, now)
    changes.append(session, ChangeKind.ROSTER, employee.id, now)


def leave(session: Session, employee: EmployeeRow, now: datetime) -> None:
    """Somebody leaves: sessions, links, linked accounts, departments, offers and queued answers end.

    All in the caller's one transaction; what was about to be sent is looked at once more before it goes.
    Raises Invalid for the last one in charge.
    """
    employees.check_somebody_else_in_charge(session, employee)
    lock_row(session, employee)
    number = employee.id
    employee.state, employee.left_at, employee.paused_until = EmployeeState.LEFT, now, None
    access.end_everything(session, number)
    board_marks.let_go(session, number)
    identities.unlink_all(session, number)
    directory.take_out_everywhere(session, number)
    said = endorsements.queued_by(session, number)
    under_way = {*offers.asked_of(session, number), *answers.waiting_of(session, number), *said}
    for question in questions.held_all(session, under_way):
        for reply in said.get(question.id, ()):
            answers.stop(session, reply, AnswerState.WITHDRAWN, ENDORSER_LEFT, now)
        for answer in answers.not_out(session, question.id, number):
            take_back(session, question, answer, phrase("Its author has left."), now)
    release_offers(session, number, now)
    changes.append(session, ChangeKind.ROSTER, number, now)
