"""How people sign in: one-time links and sessions. Only hashes of their secrets are stored."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, update
from sqlmodel import Session, col, select

from bot.roles import Role
from bot.store.tables.people import EmployeeRow, LinkCodeRow, LoginLinkRow, SessionRow
from routing.model.domain import EmployeeState

LINK_LASTS = timedelta(hours=24)
MAILED_LINK_LASTS = timedelta(minutes=30)
CODE_LASTS = timedelta(hours=1)
"""A code that is posted from an account to prove whose it is."""
IDLE = timedelta(hours=12)
"""A session ends when nothing was done for this long ..."""
LONGEST = timedelta(days=7)
"""... and after this long in any case."""
_NOTICE = timedelta(minutes=1)
"""How exactly we know when somebody was last seen: a write a minute is enough."""


def new_login_link(
    session: Session, employee: EmployeeRow, now: datetime, lasts: timedelta = LINK_LASTS
) -> str:
    """The secret of a new one-time link for somebody; links that have run out are forgotten."""
    _purge(session, now)
    secret = secrets.token_urlsafe(32)
    session.add(LoginLinkRow(secret_hash=hashed(secret), employee_id=employee.id, expires_at=now + lasts))
    session.flush()
    return secret


def has_fresh_link(session: Session, employee: EmployeeRow, now: datetime, lasts: timedelta) -> bool:
    """Whether somebody got a link of this kind within the last minute and has not used it."""
    found = session.exec(
        select(LoginLinkRow).where(
            LoginLinkRow.employee_id == employee.id,
            col(LoginLinkRow.used_at).is_(None),
            LoginLinkRow.expires_at > now + lasts - _NOTICE,
            LoginLinkRow.expires_at <= now + lasts,
        )
    ).first()
    return found is not None


def person_of_link(session: Session, secret: str, now: datetime) -> EmployeeRow | None:
    """For whom a link still works; looking does not use it up."""
    row = session.get(LoginLinkRow, hashed(secret))
    if row is None or row.used_at is not None or row.expires_at <= now:
        return None
    return _present(session.get(EmployeeRow, row.employee_id))


def use_link(session: Session, secret: str, now: datetime) -> tuple[EmployeeRow, str] | None:
    """Use a link up: its person and the secret of their new session; None where it does not work."""
    used = session.execute(
        update(LoginLinkRow)
        .where(
            col(LoginLinkRow.secret_hash) == hashed(secret),
            col(LoginLinkRow.used_at).is_(None),
            col(LoginLinkRow.expires_at) > now,
        )
        .values(used_at=now)
        .returning(col(LoginLinkRow.employee_id))
        .execution_options(synchronize_session=False)
    ).first()
    employee = _present(session.get(EmployeeRow, used[0])) if used is not None else None
    if employee is None:
        return None
    return employee, start_session(session, employee, now)


def start_session(session: Session, employee: EmployeeRow, now: datetime) -> str:
    """The secret of a new session."""
    secret = secrets.token_urlsafe(32)
    session.add(SessionRow(secret_hash=hashed(secret), employee_id=employee.id, created_at=now, seen_at=now))
    session.flush()
    signed_in = update(EmployeeRow).where(col(EmployeeRow.id) == employee.id).values(signed_in_at=now)
    session.execute(signed_in.execution_options(synchronize_session=False))
    return secret


def person_of_session(session: Session, secret: str, now: datetime) -> EmployeeRow | None:
    """Who is signed in with this secret; None when the session has run out or its person has left."""
    row = session.get(SessionRow, hashed(secret))
    if row is None or now - row.seen_at >= IDLE or now - row.created_at >= LONGEST:
        return None
    return _present(session.get(EmployeeRow, row.employee_id))


def roles_of_sessions(session: Session, secrets: Collection[str], now: datetime) -> dict[str, Role]:
    """Those of these secrets with which somebody is signed in, each with their role. Asking is no use."""
    if not secrets:
        return {}
    by_hash = {hashed(secret): secret for secret in secrets}
    found = session.execute(
        select(SessionRow.secret_hash, EmployeeRow.role)
        .join(EmployeeRow, col(EmployeeRow.id) == SessionRow.employee_id)
        .where(
            col(SessionRow.secret_hash).in_(by_hash),
            SessionRow.seen_at > now - IDLE,
            SessionRow.created_at > now - LONGEST,
            EmployeeRow.state != EmployeeState.LEFT,
        )
    )
    return {by_hash[secret_hash]: Role(role) for secret_hash, role in found}


def wants_notice(session: Session, secret: str, now: datetime) -> bool:
    """Whether it is time to note that this session is in use."""
    row = session.get(SessionRow, hashed(secret))
    return row is not None and now - row.seen_at >= _NOTICE


def note_use(session: Session, secret: str, now: datetime) -> None:
    """Note that a session is in use."""
    session.execute(
        update(SessionRow)
        .where(col(SessionRow.secret_hash) == hashed(secret), col(SessionRow.seen_at) < now)
        .values(seen_at=now)
        .execution_options(synchronize_session=False)
    )


def end_session(session: Session, secret: str) -> None:
    session.execute(delete(SessionRow).where(col(SessionRow.secret_hash) == hashed(secret)))


def new_link_code(
    session: Session, employee_id: int, platform: str, code: str, expires_at: datetime, now: datetime
) -> None:
    """A code to post from an account; an earlier one for the same platform counts no more."""
    session.execute(
        delete(LinkCodeRow).where(
            or_(
                col(LinkCodeRow.expires_at) <= now,
                (col(LinkCodeRow.employee_id) == employee_id) & (col(LinkCodeRow.platform) == platform),
            )
        )
    )
    session.add(LinkCodeRow(code=code, employee_id=employee_id, platform=platform, expires_at=expires_at))
    session.flush()


def end_everything(session: Session, employee_id: int) -> int:
    """End all sessions, links and codes of somebody; the number of sessions is returned."""
    ended = session.execute(
        delete(SessionRow)
        .where(col(SessionRow.employee_id) == employee_id)
        .returning(col(SessionRow.secret_hash))
    ).all()
    session.execute(delete(LoginLinkRow).where(col(LoginLinkRow.employee_id) == employee_id))
    session.execute(delete(LinkCodeRow).where(col(LinkCodeRow.employee_id) == employee_id))
    return len(ended)


def _present(employee: EmployeeRow | None) -> EmployeeRow | None:
    return employee if employee is not None and employee.state != EmployeeState.LEFT else None


def _purge(session: Session, now: datetime) -> None:
    session.execute(delete(LoginLinkRow).where(col(LoginLinkRow.expires_at) <= now))
    session.execute(
        delete(SessionRow).where(
            or_(col(SessionRow.seen_at) <= now - IDLE, col(SessionRow.created_at) <= now - LONGEST)
        )
    )


def hashed(secret: str) -> str:
    """What is stored of a secret: of 256 random bits, so that a plain hash cannot be guessed back."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
