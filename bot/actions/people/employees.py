"""Who takes part: joining, changing what is known of somebody, coming back, and linked accounts.

Every change is noted in the change log, so that the router learns of it at once. What cannot be stored
raises ``Invalid`` with a message for whoever typed it. Who pauses or leaves hands questions over
(``bot.actions.conversations.handover``).
"""

from collections.abc import Sequence
from datetime import datetime

from bot.actions.people.details import Details, Invalid, fill, set_topics
from bot.platforms.accounts import Account
from bot.roles import Permission, Role, roles_with
from bot.states import ChangeKind
from bot.store import changes, rows
from bot.store.departments import directory
from bot.store.engine import Session
from bot.store.people import identities, joining, staff
from bot.store.row_locks import lock_row
from bot.store.tables.people import EmployeeRow, IdentityRow
from routing.model.domain import EmployeeState
from routing.model.phrases import phrase

_IN_CHARGE = roles_with(Permission.MANAGE_PEOPLE)


def add_employee(
    session: Session,
    details: Details,
    *,
    accounts: Sequence[Account] = (),
    opted_in: bool = True,
    now: datetime,
) -> EmployeeRow:
    """A new employee. ``opted_in=False`` invites them: they take part once they accept the guidelines.

    Raises Invalid.
    """
    employee = EmployeeRow(
        name="",
        email="",
        state=EmployeeState.ACTIVE if opted_in else EmployeeState.INVITED,
        opted_in_at=now if opted_in else None,
        created_at=now,
    )
    fill(session, employee, details)
    rows.keep(session, employee)
    set_topics(session, employee, details.topics)
    joining.forget_request(session, employee.email)
    for account in accounts:
        add_account(session, employee, account, proof="operator", now=now)
    _changed(session, employee, now)
    return employee


def edit_employee(session: Session, employee: EmployeeRow, details: Details, now: datetime) -> None:
    """Replace what is known of somebody. Raises Invalid.

    Whose new role answers for no matters is in charge of no department from then on, and stays in it.
    """
    if employee.role in _IN_CHARGE and details.role not in _IN_CHARGE:
        check_somebody_else_in_charge(session, employee)
    lock_row(session, employee)
    fill(session, employee, details)
    if not Role(employee.role).may(Permission.ANSWER_MATTERS):
        directory.put_in_charge_of_nothing(session, employee.id)
    set_topics(session, employee, details.topics)
    _changed(session, employee, now)


def know_topic(session: Session, employee: EmployeeRow, slug: str, level: int, now: datetime) -> None:
    """Somebody says how well they know one more topic; what else they know stays. Raises Invalid."""
    lock_row(session, employee)
    set_topics(session, employee, {**staff.levels_of(session, employee.id), slug: level})
    _changed(session, employee, now)


def opt_in(session: Session, employee: EmployeeRow, terms: str, now: datetime) -> None:
    """Somebody has accepted the guidelines (their version is noted) and takes part from now on."""
    lock_row(session, employee)
    employee.opted_in_at = employee.opted_in_at or now
    employee.accepted_terms, employee.accepts_anew = terms, False
    if employee.state == EmployeeState.INVITED:
        employee.state = EmployeeState.ACTIVE
    _changed(session, employee, now)


def resume(session: Session, employee: EmployeeRow, now: datetime) -> None:
    """A pause ends now. Raises Invalid."""
    lock_row(session, employee)
    if employee.state == EmployeeState.LEFT:
        raise Invalid(
            "state", phrase("%(name)s has left: a person in charge can bring them back.", name=employee.name)
        )
    if employee.state == EmployeeState.PAUSED:
        employee.state = EmployeeState.ACTIVE
    employee.paused_until = None
    _changed(session, employee, now)


def come_back(session: Session, employee: EmployeeRow, now: datetime) -> None:
    """Somebody who had left is back: what they know, their hours and their answers are theirs as before.

    Nothing speaks for them until they have signed in, accepted the guidelines again and linked their accounts
    anew; they come as an employee, in no department. Raises Invalid where they have not left.
    """
    lock_row(session, employee)
    if employee.state != EmployeeState.LEFT:
        raise Invalid("state", f"{employee.name} has not left.")
    employee.state, employee.left_at, employee.paused_until = EmployeeState.INVITED, None, None
    employee.role, employee.opted_in_at, employee.accepted_terms = Role.EMPLOYEE, None, None
    employee.accepts_anew = False
    _changed(session, employee, now)


def add_account(
    session: Session, employee: EmployeeRow, account: Account, *, proof: str, now: datetime
) -> IdentityRow:
    """Link an account to somebody. Raises Invalid when it is somebody else's."""
    lock_row(session, employee)
    owner = identities.employee_behind(session, account.platform, account.account_id)
    if owner is not None and owner.id != employee.id:
        linked = f"{account.platform}:{account.handle}"
        raise Invalid(
            "accounts",
            phrase(
                "%(account)s is linked to %(name)s already: unlink it there first.",
                account=linked,
                name=owner.name,
            ),
        )
    row = identities.link(
        session,
        employee.id,
        account.platform,
        account.account_id,
        account.handle,
        proof=proof,
        now=now,
    )
    _changed(session, employee, now)
    return row


def remove_account(session: Session, employee: EmployeeRow, identity_id: int, now: datetime) -> None:
    """Unlink one of somebody's accounts; what is not theirs stays as it is."""
    if identities.unlink(session, identity_id, employee.id):
        _changed(session, employee, now)


def check_somebody_else_in_charge(session: Session, employee: EmployeeRow) -> None:
    """Raises Invalid when nobody could manage the people without this person.

    All of them are held: two who are the last must not both go because each sees the other stay.
    """
    if [one.id for one in staff.held_with_role(session, _IN_CHARGE)] == [employee.id]:
        raise Invalid("role", "Somebody has to be in charge: make somebody else an admin first.")


def _changed(session: Session, employee: EmployeeRow, now: datetime) -> None:
    rows.keep(session, employee)
    changes.append(session, ChangeKind.ROSTER, employee.id, now)
