"""Tokens of programs, as rows: made, found by their secret, used and revoked."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, update
from sqlmodel import Session, col, select

from bot.store.tables.hooks import ApiTokenRow

RUNS_OUT = timedelta(days=7)
"""So long before its end a token is one that somebody should see to."""
_NOTICE = timedelta(minutes=1)
_PREFIX = "chorus_"
_HINT = 4
_LISTED = 200


def make(
    session: Session, name: str, scopes: Sequence[str], expires_at: datetime | None, now: datetime
) -> tuple[ApiTokenRow, str]:
    """A new token and its secret, which is kept nowhere."""
    secret = _PREFIX + secrets.token_urlsafe(32)
    row = ApiTokenRow(
        name=name,
        secret_hash=secret_hash(secret),
        hint=secret[-_HINT:],
        scopes=list(scopes),
        created_at=now,
        expires_at=expires_at,
    )
    session.add(row)
    session.flush()
    return row, secret


def secret_hash(secret: str) -> str:
    """What is kept of a secret: it is random enough that its hash cannot be guessed back."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def working(session: Session, secret: str, now: datetime) -> ApiTokenRow | None:
    """The token of this secret; None where there is none, or where it works no more."""
    row = session.exec(select(ApiTokenRow).where(ApiTokenRow.secret_hash == secret_hash(secret))).first()
    return row if row is not None and works(row, now) else None


def works(row: ApiTokenRow, now: datetime) -> bool:
    """Whether a token can be used."""
    return row.revoked_at is None and (row.expires_at is None or row.expires_at > now)


def runs_out(now: datetime) -> ColumnElement[bool]:
    """Whether a token that works ends within ``RUNS_OUT``, as a condition."""
    ends = col(ApiTokenRow.expires_at)
    return col(ApiTokenRow.revoked_at).is_(None) & (ends > now) & (ends <= now + RUNS_OUT)


def wants_notice(row: ApiTokenRow, now: datetime) -> bool:
    """Whether it is worth a write that the token was used: once a minute is enough."""
    return row.used_at is None or abs(now - row.used_at) >= _NOTICE


def note_use(session: Session, token_id: int, now: datetime) -> None:
    """The token was used now."""
    session.execute(
        update(ApiTokenRow)
        .where(col(ApiTokenRow.id) == token_id)
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )


def listed(session: Session) -> Sequence[ApiTokenRow]:
    """All tokens, the latest first."""
    return session.exec(select(ApiTokenRow).order_by(col(ApiTokenRow.id).desc()).limit(_LISTED)).all()


def in_use(session: Session) -> int:
    """How many tokens have not been revoked."""
    statement = select(func.count()).select_from(ApiTokenRow).where(col(ApiTokenRow.revoked_at).is_(None))
    return int(session.exec(statement).one())
