"""Rows of those who want to take part: the links that prove their mailboxes, and their requests."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, not_, or_, update
from sqlmodel import Session, col, select

from bot.states import JoinRequestState
from bot.store.people.access import hashed
from bot.store.tables.people import EmployeeRow, JoinLinkRow, JoinRequestRow

LINK_LASTS = timedelta(hours=2)
DECLINED_KEPT = timedelta(days=90)
"""How long somebody who was declined is known as such."""
_KEPT = timedelta(days=1)
"""How long it is known that a mailbox was written to."""
_AGAIN_AFTER = timedelta(minutes=1)
MOST_A_DAY = 5
"""Mails to one mailbox in a day."""
MOST_AN_HOUR = 200
"""Mails of the house in an hour: a company joins within a day, and nobody floods its mailboxes."""


def may_be_mailed(session: Session, email: str, now: datetime) -> bool:
    """Whether one more mail may go to this mailbox now."""
    mailed = col(JoinLinkRow.mailed_at)
    theirs = session.exec(
        select(JoinLinkRow.mailed_at)
        .where(JoinLinkRow.email == email, mailed > now - _KEPT)
        .order_by(mailed.desc())
        .limit(MOST_A_DAY)
    ).all()
    if len(theirs) >= MOST_A_DAY or (theirs and theirs[0] > now - _AGAIN_AFTER):
        return False
    of_all = select(func.count()).select_from(JoinLinkRow).where(mailed > now - timedelta(hours=1))
    return session.exec(of_all).one() < MOST_AN_HOUR


def new_link(session: Session, email: str, now: datetime) -> str:
    """The secret of a new link for a mailbox; what has been over for long is forgotten."""
    forget_old(session, now)
    secret = secrets.token_urlsafe(32)
    session.add(
        JoinLinkRow(secret_hash=hashed(secret), email=email, mailed_at=now, expires_at=now + LINK_LASTS)
    )
    session.flush()
    return secret


def note_mail(session: Session, email: str, now: datetime) -> None:
    """Note that a mailbox is written to, without a link that works."""
    session.get_one(JoinLinkRow, hashed(new_link(session, email, now))).used_at = now
    session.flush()


def mailbox_of_link(session: Session, secret: str, now: datetime) -> str | None:
    """Whose link this is, while it works; looking does not use it up."""
    row = session.get(JoinLinkRow, hashed(secret))
    return row.email if row is not None and row.used_at is None and row.expires_at > now else None


def use_up(session: Session, secret: str, now: datetime) -> str | None:
    """Use a link up, and with it all others of its mailbox, which is returned; None where it does not work.

    Of two at once the database lets one.
    """
    used = session.execute(
        update(JoinLinkRow)
        .where(
            col(JoinLinkRow.secret_hash) == hashed(secret),
            col(JoinLinkRow.used_at).is_(None),
            col(JoinLinkRow.expires_at) > now,
        )
        .values(used_at=now)
        .returning(col(JoinLinkRow.email))
        .execution_options(synchronize_session=False)
    ).first()
    if used is None:
        return None
    email = str(used[0])
    session.execute(
        update(JoinLinkRow)
        .where(col(JoinLinkRow.email) == email, col(JoinLinkRow.used_at).is_(None))
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    return email


def request_of(session: Session, email: str, now: datetime) -> JoinRequestRow | None:
    """The request of this mailbox, while it counts: one that was declined long ago does not."""
    statement = select(JoinRequestRow).where(JoinRequestRow.email == email, not_(_is_long_declined(now)))
    return session.exec(statement).first()


def waiting(session: Session) -> int:
    """How many wait to be let in."""
    statement = select(func.count()).where(JoinRequestRow.state == JoinRequestState.WAITING)
    return session.exec(statement).one()


def forget_request(session: Session, email: str) -> None:
    """Who is in asks no more."""
    session.execute(delete(JoinRequestRow).where(col(JoinRequestRow.email) == email))


def known(session: Session, mailbox: str) -> EmployeeRow | None:
    """Who works here, or did, with this mailbox, whatever they have behind a ``+`` in their address."""
    local, _, domain = mailbox.rpartition("@")
    email = col(EmployeeRow.email)
    tagged = email.startswith(f"{local}+", autoescape=True) & email.endswith(f"@{domain}", autoescape=True)
    found = session.exec(select(EmployeeRow).where(or_(email == mailbox, tagged))).all()
    return min(found, key=lambda one: (one.email != mailbox, one.id), default=None)


def forget_old(session: Session, now: datetime) -> None:
    """Forget which mailboxes were written to, and who was declined, once that is long past."""
    session.execute(delete(JoinLinkRow).where(col(JoinLinkRow.mailed_at) <= now - _KEPT))
    session.execute(delete(JoinRequestRow).where(_is_long_declined(now)))


def _is_long_declined(now: datetime) -> ColumnElement[bool]:
    is_declined = col(JoinRequestRow.state) == JoinRequestState.DECLINED
    return is_declined & (col(JoinRequestRow.decided_at) <= now - DECLINED_KEPT)
