"""Somebody wants to be forgotten: their words, names and ids go, and do not come back."""

from dataclasses import dataclass
from datetime import datetime

from bot.actions.conversations.withdraw import end_question
from bot.actions.dialogue.community import take_out
from bot.actions.leaving import leave
from bot.actions.people.details import Invalid
from bot.states import ChangeKind
from bot.store import changes
from bot.store.conversations import questions
from bot.store.engine import Session
from bot.store.house import subscribers
from bot.store.listening import tray
from bot.store.matters import statements
from bot.store.people import notes
from bot.store.privacy import erasure, erasure_log, surveys
from bot.store.privacy.erasure import Customer
from bot.store.privacy.scrub import Needles, scrub
from bot.store.sealing import Sealer
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.people import EmployeeRow
from routing.model.domain import EmployeeState

FORMER = "a former colleague"
"""How an erased employee's answers are credited, unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Removed:
    """How many rows of each kind an erasure has removed."""

    posts: int
    questions: int
    entries_gone: int
    mentions: int


def erase_customer(session: Session, person: Customer, now: datetime) -> Removed:
    """Remove everything about a customer; the archive's rules decide what becomes of entries."""
    asked = questions.held_all(session, erasure.questions_of(session, person))
    gone = sum(_forget(session, question, now) for question in asked)
    for post in erasure.answers_to_others(session, person):
        take_out(session, questions.held_one(session, post.question_id or 0), post, now)
    surveys.forget_customer(session, person)
    tray.forget_author(session, person.platform, person.account_id)
    statements.forget_customer(session, person.platform, person.account_id)
    posts = erasure.erase_posts_of_customer(session, person, now)
    erasure.forget_mentions(session, person)
    needles = Needles.of(person.handles, [person.account_id], person.names)
    return Removed(posts, len(asked), gone, scrub(session, needles))


def erase_employee(session: Session, employee: EmployeeRow, now: datetime, credit: str = FORMER) -> Removed:
    """Remove everything about a former employee but their answers.

    Raises Invalid while they still take part.
    """
    if employee.state != EmployeeState.LEFT:
        raise Invalid(
            "state", f"{employee.name} still takes part. Let them leave first: chorus employee leave."
        )
    accounts = erasure.accounts_of(session, employee)
    needles = Needles.of(accounts.handles, {*accounts.ids, employee.email}, [employee.name])
    notes.forget_author(session, employee.id)
    posts = erasure.erase_posts_of_employee(session, employee, accounts.local, now)
    credited = erasure.credit_anew(session, employee, credit, now)
    erasure.forget_employee(session, employee, credit)
    changes.append(session, ChangeKind.ROSTER, employee.id, now)
    return Removed(posts, 0, 0, credited + scrub(session, needles))


def erase_again(session: Session, sealer: Sealer, now: datetime) -> int:
    """Erase everybody in the log who is there again; how many is returned. Raises sealing.Unreadable."""
    erased = 0
    known = erasure_log.OpenedErasureLog.of(session, sealer)
    for platform, account_id in erasure_log.customers(session, known):
        erase_customer(session, erasure.known_as(session, platform, account_id), now)
        erased += 1
    for employee, credit in erasure_log.employees(session, known):
        if employee.state != EmployeeState.LEFT:
            leave(session, employee, now)
        erase_employee(session, employee, now, credit or FORMER)
        erased += 1
    for number in erasure_log.subscribed(session, known):
        subscribers.forget(session, number)
        erased += 1
    return erased


def _forget(session: Session, question: QuestionRow, now: datetime) -> bool:
    """As if the customer had deleted it, and without their name; whether its entry is gone is returned."""
    entry = end_question(session, question, now, "The customer asked to be forgotten.")
    erasure.forget_question(session, question)
    if entry is None:
        return False
    erasure.forget_beside(session, entry)
    return not entry.title
