"""The first person in charge, who comes in by a one-time link as long as there is nobody."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.actions.people import employees
from bot.actions.people.details import Details
from bot.actions.undecidable import Undecidable
from bot.platforms.accounts import Account
from bot.roles import Permission, Role, roles_with
from bot.store import changes
from bot.store.engine import Session
from bot.store.people import access, staff
from bot.store.running import setup_links, switches
from bot.store.tables.people import EmployeeRow

_IN_CHARGE = roles_with(Permission.MANAGE_PEOPLE)
_CHECKLIST = "first_run"
_OPEN, _PUT_AWAY = "open", "put away"


def nobody_in_charge(session: Session) -> bool:
    """Whether there is nobody who could let others in."""
    return not staff.anybody_with_role(session, _IN_CHARGE)


def offer_link(session: Session, now: datetime) -> str | None:
    """The secret of a new set-up link, which replaces earlier ones; None where somebody is in charge."""
    return setup_links.new(session, now) if nobody_in_charge(session) else None


def link_works(session: Session, secret: str, now: datetime) -> bool:
    """Whether somebody may become the first with this link now."""
    return setup_links.works(session, secret, now) and nobody_in_charge(session)


def become_first(
    session: Session, secret: str, details: Details, accounts: Sequence[Account], now: datetime
) -> tuple[EmployeeRow, str]:
    """Take charge: the new person, and the secret of their session. From now on what is left to do is listed.

    Of two at once one is let in, however many links there were. Raises Undecidable for the other, and
    Invalid.
    """
    changes.serialise(session, "first_person")
    if not setup_links.use_up(session, secret, now) or not nobody_in_charge(session):
        raise Undecidable("This link does not work any more.")
    employee = employees.add_employee(session, replace(details, role=Role.ADMIN), accounts=accounts, now=now)
    open_checklist(session, now)
    return employee, access.start_session(session, employee, now)


def open_checklist(session: Session, now: datetime) -> None:
    """From now on people in charge see what is left to do until everything runs."""
    switches.put(session, _CHECKLIST, _OPEN, by="setup", now=now)


def put_checklist_away(session: Session, by: str, now: datetime) -> None:
    switches.put(session, _CHECKLIST, _PUT_AWAY, by=by, now=now)


def checklist_is_open(session: Session) -> bool:
    """Whether this house was set up from nothing, and nobody has put the list away."""
    return bool(switches.value_of(session, _CHECKLIST) == _OPEN)
