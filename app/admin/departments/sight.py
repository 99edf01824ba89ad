"""Whose department somebody may see: those who read all questions see every one, others their own."""

from app.identity.auth import Person
from app.web.problems import Problem, there
from bot.roles import Permission
from bot.store import rows
from bot.store.departments import directory
from bot.store.engine import Session
from bot.store.tables.departments import DepartmentRow


def sees_all(person: Person) -> bool:
    """Whether they see every department, and the house as a whole."""
    return person.may(Permission.READ_QUESTIONS)


def department_seen(session: Session, person: Person, department_id: int) -> DepartmentRow:
    """A department for its page. Raises Problem 404 where there is none, 403 where it is not theirs."""
    row = there(rows.find(session, DepartmentRow, department_id), "such department")
    check_sight(session, person, row)
    return row


def check_sight(session: Session, person: Person, department: DepartmentRow | None) -> None:
    """Raises Problem 403 for what belongs to somebody else's department, or to none."""
    if sees_all(person):
        return
    if department is None or department.id not in directory.led_by(session, person.id):
        raise Problem(403, "This belongs to another department: you see your own.")


def is_led_by(session: Session, person: Person, department_id: int) -> bool:
    """Whether somebody is in charge of a department."""
    return department_id in directory.led_by(session, person.id)


def speaks(session: Session, person: Person, department: DepartmentRow | None) -> bool:
    """Whether somebody may say what a department (None: no department) does about a matter."""
    if person.may(Permission.DECIDE):
        return True
    is_theirs = department is not None and is_led_by(session, person, department.id)
    return is_theirs and person.may(Permission.ANSWER_MATTERS)


def check_speaks(session: Session, person: Person, department: DepartmentRow | None) -> None:
    """Raises Problem 403 where ``speaks`` does not hold."""
    if not speaks(session, person, department):
        raise Problem(403, "This belongs to another department: you answer for your own.")
