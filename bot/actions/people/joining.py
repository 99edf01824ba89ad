"""Joining by oneself: whoever proves a mailbox at one of the house's domains takes part, or asks to.

Who it is, is their mailbox: asked for in whatever way, it is one person, once. Everything happens in the
caller's transaction, one joiner after the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.actions.people import employees
from bot.actions.people.details import Details, Invalid, fill
from bot.actions.undecidable import NotAsGiven, Undecidable
from bot.roles import Role
from bot.states import ChangeKind, JoinRequestState
from bot.store import changes, rows
from bot.store.engine import Session
from bot.store.people import access, joining
from bot.store.row_locks import locked_row
from bot.store.tables.people import EmployeeRow, JoinRequestRow
from bot.store.topics import named as topics
from bot.text.mail_address import NotAnAddress, mailbox_among
from routing.model.domain import EmployeeState
from routing.model.phrases import phrase

_OVER = phrase("This link does not work any more: ask for a new one.")


class JoiningWay(StrEnum):
    """What becomes of somebody who wants to take part, and was not invited."""

    OFF = "off"
    """Nobody joins by themselves."""
    APPROVE = "approve"
    """A person in charge lets them in."""
    OPEN = "open"
    """They are in at once."""


@dataclass(frozen=True, slots=True)
class JoiningTerms:
    """Who may join by themselves, and how; ``by_mail``: whether this house can send any."""

    way: JoiningWay = JoiningWay.OFF
    domains: tuple[str, ...] = ()
    by_mail: bool = False

    @property
    def is_open(self) -> bool:
        """Whether anybody can."""
        return self.way is not JoiningWay.OFF and bool(self.domains) and self.by_mail


class JoinMailKind(StrEnum):
    """What somebody is mailed who wants to take part, or somebody else who typed their address."""

    LINK = "link"
    """Prove that the mailbox is yours, and go on."""
    KNOWN = "known"
    """You are in already."""
    WAITS = "waits"
    """You have asked already; a person in charge decides."""
    ASK_A_PERSON = "ask_a_person"
    """You have left, or were declined: only a person lets you in."""
    LET_IN = "let_in"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class JoinMail:
    """One mail: its kind, whom it goes to, and the secret of its link where it has one."""

    kind: JoinMailKind
    to: str
    language: str | None
    secret: str = ""
    why: str = ""


def mailbox_for(terms: JoiningTerms, address: str) -> str:
    """The mailbox of an address that may join. Raises Invalid for any other, whoever has it."""
    try:
        mailbox = mailbox_among(address, terms.domains)
    except NotAnAddress as error:
        raise Invalid("email", str(error)) from None
    if mailbox is None:
        raise Invalid(
            "email",
            phrase(
                "Only addresses at %(domains)s can join by themselves. With another one, ask the person in "
                "charge of Chorus to invite you.",
                domains=", ".join(terms.domains),
            ),
        )
    return mailbox


def ask(session: Session, mailbox: str, language: str | None, now: datetime) -> JoinMail | None:
    """What is to be mailed to a mailbox for which somebody asks; None where it got enough of that."""
    changes.serialise(session, "joining")
    if not joining.may_be_mailed(session, mailbox, now):
        return None
    employee = joining.known(session, mailbox)
    request = joining.request_of(session, mailbox, now)
    if employee is None and request is None:
        return JoinMail(JoinMailKind.LINK, mailbox, language, joining.new_link(session, mailbox, now))
    joining.note_mail(session, mailbox, now)
    if employee is not None:
        has_left = employee.state == EmployeeState.LEFT
        kind = JoinMailKind.ASK_A_PERSON if has_left else JoinMailKind.KNOWN
        return JoinMail(kind, employee.email, employee.language or language)
    is_declined = request is not None and request.state == JoinRequestState.DECLINED
    return JoinMail(JoinMailKind.ASK_A_PERSON if is_declined else JoinMailKind.WAITS, mailbox, language)


def mailbox_of(session: Session, terms: JoiningTerms, secret: str, now: datetime) -> str | None:
    """Whose link this is, while they could join with it; looking does not use it up."""
    mailbox = joining.mailbox_of_link(session, secret, now)
    return mailbox if mailbox is not None and _may_join(session, terms, mailbox, now) else None


def join(
    session: Session, terms: JoiningTerms, secret: str, details: Details, now: datetime
) -> EmployeeRow | JoinRequestRow:
    """Take part from now on, or wait for a person in charge; ``details`` need no address: the link has it.

    Who is in is invited like everybody else: they accept the guidelines before the first question. Raises
    Undecidable where the link does not work (any more), and Invalid; then nothing is used up.
    """
    changes.serialise(session, "joining")
    mailbox = joining.use_up(session, secret, now)
    if mailbox is None or not _may_join(session, terms, mailbox, now):
        raise Undecidable(_OVER)
    details = replace(details, email=mailbox, role=Role.EMPLOYEE)
    if terms.way is JoiningWay.OPEN:
        return employees.add_employee(session, details, opted_in=False, now=now)
    return _request(session, details, now)


def let_in(session: Session, request_id: int, now: datetime) -> tuple[EmployeeRow, JoinMail]:
    """Somebody who asked to takes part: who, and what they are mailed. Raises Undecidable and Invalid."""
    request = _held(session, request_id)
    if (other := joining.known(session, request.email)) is not None:
        raise Undecidable(f"{other.name} is here already, as {other.email}: decline this, and say so.")
    known = {*topics.ids(session), *topics.former_slugs(session)}
    details = Details(
        name=request.name,
        email=request.email,
        timezone=request.timezone,
        language=request.language or "",
        topics={slug: level for slug, level in request.levels.items() if slug in known},
    )
    employee = employees.add_employee(session, details, opted_in=False, now=now)
    secret = access.new_login_link(session, employee, now)
    return employee, JoinMail(JoinMailKind.LET_IN, employee.email, employee.language, secret)


def decline(session: Session, request_id: int, why: str, now: datetime) -> JoinMail:
    """Somebody who asked to take part does not, and reads why. Raises Undecidable."""
    request = _held(session, request_id)
    if not why.strip():
        raise NotAsGiven("Say why, so that they know.")
    request.state, request.decided_at, request.why = JoinRequestState.DECLINED, now, why.strip()
    rows.keep(session, request)
    changes.append(session, ChangeKind.WORK, 0, now)
    return JoinMail(JoinMailKind.DECLINED, request.email, request.language, why=request.why)


def _may_join(session: Session, terms: JoiningTerms, mailbox: str, now: datetime) -> bool:
    return (
        terms.is_open
        and mailbox_among(mailbox, terms.domains) == mailbox
        and joining.known(session, mailbox) is None
        and joining.request_of(session, mailbox, now) is None
    )


def _request(session: Session, details: Details, now: datetime) -> JoinRequestRow:
    fill(session, EmployeeRow(name="", email=""), details)  # what could not be let in is not asked for
    row = JoinRequestRow(
        email=details.email,
        name=" ".join(details.name.split()),
        timezone=details.timezone,
        language=details.language or None,
        levels=_known(session, details.topics),
        asked_at=now,
    )
    rows.keep(session, row)
    changes.append(session, ChangeKind.WORK, 0, now)
    return row


def _known(session: Session, levels: Mapping[str, int]) -> dict[str, int]:
    ids = topics.ids(session)
    return {slug: level for slug, level in levels.items() if slug in ids}


def _held(session: Session, request_id: int) -> JoinRequestRow:
    """Of two who decide about the same request, the second reads that it is decided."""
    changes.serialise(session, "joining")
    request = locked_row(session, JoinRequestRow, request_id)
    if request is None or request.state != JoinRequestState.WAITING:
        raise Undecidable("Somebody has decided about this already.")
    return request
