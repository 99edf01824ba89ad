"""Departments are made, changed, retired and brought back; topics and people are given to them.

What cannot be stored raises ``Invalid`` with a message for whoever typed it.
"""

from collections.abc import Collection
from datetime import datetime

from bot.actions.people.details import Invalid, check_storable
from bot.actions.undecidable import Undecidable
from bot.roles import Permission, Role
from bot.states import ChangeKind
from bot.store import changes, rows
from bot.store.departments import directory
from bot.store.engine import Session
from bot.store.house import board_marks
from bot.store.people import staff
from bot.store.row_locks import lock_row
from bot.store.tables.departments import DepartmentRow
from bot.store.topics import named as topics
from bot.text.mail_address import NotAnAddress, parse_address
from routing.model.domain import EmployeeState

LONGEST_NAME = 80
LONGEST_DESCRIPTION = 500


def make(session: Session, name: str, description: str, email: str, now: datetime) -> DepartmentRow:
    """A new department, without topics and people. Raises Invalid."""
    row = DepartmentRow(name="", created_at=now)
    _fill(session, row, name, description, email)
    rows.keep(session, row)
    changes.append(session, ChangeKind.WORK, 0, now)
    return row


def edit(
    session: Session,
    row: DepartmentRow,
    name: str,
    description: str,
    email: str,
    topic_slugs: Collection[str],
    now: datetime,
) -> None:
    """Replace what is known of a department, and give it these topics. Raises Invalid and Undecidable."""
    lock_row(session, row)
    _check_there(row)
    _fill(session, row, name, description, email)
    rows.keep(session, row)
    directory.give_topics(session, row.id, _free_topics(session, row, topic_slugs))
    changes.append(session, ChangeKind.WORK, 0, now)


def _free_topics(session: Session, row: DepartmentRow, slugs: Collection[str]) -> list[int]:
    """The numbers of these topics, none of which is another department's. Raises Invalid."""
    known, owners = topics.ids(session), directory.owners_of_topics(session)
    wanted = []
    for slug in sorted(set(slugs)):
        number = known.get(slug)
        if number is None:
            raise Invalid("topics", f"There is no topic “{slug}” any more.")
        owner = owners.get(number, row.id)
        if owner != row.id:
            other = rows.one(session, DepartmentRow, owner)
            raise Invalid("topics", f"The topic “{slug}” belongs to {other.name}: take it out there first.")
        wanted.append(number)
    return wanted


def retire(session: Session, row: DepartmentRow, now: datetime) -> None:
    """It answers for nothing any more: its topics are free for others. Raises Undecidable."""
    lock_row(session, row)
    _check_there(row)
    directory.retire(session, row, now)
    board_marks.release(session, row.id)
    changes.append(session, ChangeKind.WORK, 0, now)


def reopen(session: Session, row: DepartmentRow, now: datetime) -> None:
    """A retired department is one again, with its people and without topics. Raises Undecidable."""
    lock_row(session, row)
    if row.retired_at is None:
        raise Undecidable("This department is not retired.")
    if _is_taken(session, row.name, row):
        raise Undecidable(f"There is another department called {row.name} by now: rename that one first.")
    row.retired_at = None
    rows.keep(session, row)
    changes.append(session, ChangeKind.WORK, 0, now)


def put_in(session: Session, row: DepartmentRow, email: str, *, leads: bool, now: datetime) -> int:
    """Somebody is in the department, in charge or not; their number is returned.

    Raises Invalid and Undecidable.
    """
    person = staff.by_email(session, email)
    if person is not None:
        lock_row(session, person)  # whoever changes their role waits, or is waited for
    lock_row(session, row)
    _check_there(row)
    if person is None or person.state == EmployeeState.LEFT:
        raise Invalid("email", "Nobody here has this address. Add them under People first.")
    if leads and not Role(person.role).may(Permission.ANSWER_MATTERS):
        raise Invalid(
            "email", f"{person.name} has the role {person.role}: give them the role {Role.LEAD} first."
        )
    directory.put_in(session, row.id, person.id, leads=leads)
    changes.append(session, ChangeKind.WORK, 0, now)
    return person.id


def take_out(session: Session, row: DepartmentRow, employee_id: int, now: datetime) -> None:
    """Somebody is in the department no more. Raises Undecidable where they are not."""
    lock_row(session, row)
    if not directory.take_out(session, row.id, employee_id):
        raise Undecidable("They are not in this department (any more): somebody has taken them out.")
    changes.append(session, ChangeKind.WORK, 0, now)


def _check_there(row: DepartmentRow) -> None:
    if row.retired_at is not None:
        raise Undecidable("This department is retired: bring it back first.")


def _is_taken(session: Session, name: str, row: DepartmentRow) -> bool:
    """Whether another one has this name; nobody else gives names or topics until the transaction ends."""
    changes.serialise(session, "departments")
    return directory.is_taken(session, name, row.id)


def _fill(session: Session, row: DepartmentRow, name: str, description: str, email: str) -> None:
    for field, text in (("name", name), ("description", description), ("email", email)):
        check_storable(field, text)
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise Invalid("name", f"A department's name has 1 to {LONGEST_NAME} characters.")
    if _is_taken(session, name, row):
        raise Invalid("name", f"There is a department {name} already.")
    if len(description) > LONGEST_DESCRIPTION:
        raise Invalid("description", f"At most {LONGEST_DESCRIPTION} characters are allowed.")
    try:
        address = parse_address(email).lower() if email.strip() else ""
    except NotAnAddress as error:
        raise Invalid("email", str(error)) from None
    row.name, row.description, row.email = name, description.strip(), address
