"""The people: adding, editing, coming back from a pause, and their linked accounts.

Every change is noted in the change log, so that the router learns of it at once. What cannot be stored
raises ``Invalid`` with a message for whoever typed it.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from bot.platforms.accounts import Account
from bot.roles import Permission, roles_with
from bot.states import ChangeKind
from bot.store import changes
from bot.store.hold import hold
from bot.store.people import identities
from bot.store.people.details import Details, Invalid, fill, parse_topics, set_topics
from bot.store.tables.people import EmployeeRow, ExpertiseRow, IdentityRow, TopicRow
from bot.text.hours import format_hours
from routing.model.domain import EmployeeState

_IN_CHARGE = roles_with(Permission.MANAGE_PEOPLE)

__all__ = [
    "Details",
    "Invalid",
    "accounts_of",
    "add_account",
    "add_employee",
    "by_email",
    "by_id",
    "check_somebody_else_in_charge",
    "details_of",
    "edit_employee",
    "everybody",
    "opt_in",
    "parse_topics",
    "remove_account",
    "resume",
]


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
    session.add(employee)
    session.flush()
    set_topics(session, employee, details.topics)
    for account in accounts:
        add_account(session, employee, account, proof="operator", now=now)
    _changed(session, employee, now)
    return employee


def edit_employee(session: Session, employee: EmployeeRow, details: Details, now: datetime) -> None:
    """Replace what is known of somebody. Raises Invalid."""
    if employee.role in _IN_CHARGE and details.role not in _IN_CHARGE:
        check_somebody_else_in_charge(session, employee)
    hold(session, employee)
    fill(session, employee, details)
    session.add(employee)
    set_topics(session, employee, details.topics)
    _changed(session, employee, now)


def details_of(session: Session, employee: EmployeeRow) -> Details:
    """What is known of somebody, to show or to edit."""
    known = session.exec(
        select(TopicRow.slug, ExpertiseRow.level)
        .join(TopicRow, col(TopicRow.id) == ExpertiseRow.topic_id)
        .where(ExpertiseRow.employee_id == employee.id)
        .order_by(col(ExpertiseRow.level).desc(), col(TopicRow.slug))
    ).all()
    return Details(
        name=employee.name,
        email=employee.email,
        title=employee.title,
        role=employee.role,
        timezone=employee.timezone,
        hours=format_hours(employee.hours),
        languages=tuple(employee.languages),
        daily_cap=employee.daily_cap,
        open_cap=employee.open_cap,
        topics=dict(known),
    )


def by_email(session: Session, email: str) -> EmployeeRow | None:
    """Who has this address, whatever their state."""
    wanted = email.strip().lower()
    return session.exec(select(EmployeeRow).where(EmployeeRow.email == wanted)).first()


def by_id(session: Session, employee_id: int | None) -> EmployeeRow | None:
    """This employee, whatever their state; None where there is none."""
    return session.get(EmployeeRow, employee_id) if employee_id is not None else None


def everybody(session: Session, *, gone_too: bool = False) -> list[EmployeeRow]:
    """All employees by name; those who left only where asked for."""
    statement = select(EmployeeRow).order_by(col(EmployeeRow.name), col(EmployeeRow.id))
    if not gone_too:
        statement = statement.where(EmployeeRow.state != EmployeeState.LEFT)
    return list(session.exec(statement).all())


def check_somebody_else_in_charge(session: Session, employee: EmployeeRow) -> None:
    """Raises Invalid when nobody could manage the people without this person.

    All of them are held: two who are the last must not both go because each sees the other stay.
    """
    in_charge = session.exec(
        select(EmployeeRow)
        .where(col(EmployeeRow.role).in_(_IN_CHARGE), EmployeeRow.state != EmployeeState.LEFT)
        .order_by(col(EmployeeRow.id))
        .with_for_update(key_share=True),
        execution_options={"populate_existing": True},
    ).all()
    if [one.id for one in in_charge] == [employee.id]:
        raise Invalid("role", "Somebody has to be in charge: make somebody else an admin first.")


def opt_in(session: Session, employee: EmployeeRow, terms: str, now: datetime) -> None:
    """Somebody has accepted the guidelines (their version is noted) and takes part from now on."""
    hold(session, employee)
    employee.opted_in_at = employee.opted_in_at or now
    employee.accepted_terms = terms
    if employee.state == EmployeeState.INVITED:
        employee.state = EmployeeState.ACTIVE
    _changed(session, employee, now)


def resume(session: Session, employee: EmployeeRow, now: datetime) -> None:
    """A pause ends now. Raises Invalid."""
    hold(session, employee)
    if employee.state == EmployeeState.LEFT:
        raise Invalid("state", f"{employee.name} has left; add them again with another address.")
    if employee.state == EmployeeState.PAUSED:
        employee.state = EmployeeState.ACTIVE
    employee.paused_until = None
    _changed(session, employee, now)


def add_account(
    session: Session, employee: EmployeeRow, account: Account, *, proof: str, now: datetime
) -> IdentityRow:
    """Link an account to somebody. Raises Invalid when it is somebody else's."""
    hold(session, employee)
    owner = identities.employee_behind(session, account.platform, account.account_id)
    if owner is not None and owner.id != employee.id:
        raise Invalid(
            "accounts",
            f"{account.platform}:{account.handle} is linked to {owner.name} already: unlink it there first.",
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
    row = session.get(IdentityRow, identity_id)
    if row is None or row.employee_id != employee.id:
        return
    session.delete(row)
    session.flush()
    _changed(session, employee, now)


def accounts_of(session: Session, employee_id: int) -> list[IdentityRow]:
    """Somebody's linked accounts."""
    statement = select(IdentityRow).where(IdentityRow.employee_id == employee_id)
    return list(session.exec(statement.order_by(col(IdentityRow.platform), col(IdentityRow.handle))).all())


def _changed(session: Session, employee: EmployeeRow, now: datetime) -> None:
    session.add(employee)
    session.flush()
    changes.append(session, ChangeKind.ROSTER, employee.id, now)
