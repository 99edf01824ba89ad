"""The one-time link with which the first person in charge comes in. Only the hash of its secret is stored.

There is one at the most: a new one takes the place of those before it.
"""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col

from bot.store import rows
from bot.store.people.access import hashed
from bot.store.running import switches
from bot.store.tables.house import SwitchRow

LASTS = timedelta(hours=24)
_NAME = "setup_link:"


def new(session: Session, now: datetime) -> str:
    """The secret of a new link; the ones before it work no more."""
    session.execute(delete(SwitchRow).where(col(SwitchRow.name).startswith(_NAME, autoescape=True)))
    secret = secrets.token_urlsafe(32)
    switches.put(session, _name(secret), (now + LASTS).isoformat(), by="setup", now=now)
    return secret


def works(session: Session, secret: str, now: datetime) -> bool:
    """Whether a link could be used; looking does not use it up."""
    row = rows.find(session, SwitchRow, _name(secret))
    return row is not None and _lasts(row.value, now)


def use_up(session: Session, secret: str, now: datetime) -> bool:
    """Use a link up; False where it does not work (any more). Of two at once the database lets one."""
    used = session.execute(
        delete(SwitchRow).where(col(SwitchRow.name) == _name(secret)).returning(col(SwitchRow.value))
    ).first()
    return used is not None and _lasts(used[0], now)


def _name(secret: str) -> str:
    return f"{_NAME}{hashed(secret)}"


def _lasts(until: str, now: datetime) -> bool:
    return now < datetime.fromisoformat(until)
