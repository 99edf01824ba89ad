"""What people in charge do about tokens of programs: make one, revoke one."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.actions.people.details import Invalid
from bot.actions.undecidable import Undecidable
from bot.roles import Scope
from bot.store import rows
from bot.store.engine import Session
from bot.store.people import api_tokens
from bot.store.row_locks import lock_row
from bot.store.tables.hooks import ApiTokenRow

MOST_TOKENS = 100
_LONGEST_NAME = 80
_MOST_DAYS = 3_650


def make(
    session: Session, name: str, scopes: Sequence[str], days: str, now: datetime
) -> tuple[ApiTokenRow, str]:
    """A token that may read so much for so many ``days`` (empty: until it is revoked), and its secret.

    Raises Invalid.
    """
    name = " ".join(name.split())
    if not name or len(name) > _LONGEST_NAME:
        raise Invalid("name", f"Say in 1 to {_LONGEST_NAME} characters what it is for.")
    chosen = [str(one) for one in Scope if one in scopes]
    if not chosen:
        raise Invalid("scopes", "Choose what it may read.")
    if api_tokens.in_use(session) >= MOST_TOKENS:
        raise Invalid("name", f"There are {MOST_TOKENS} tokens already. Revoke one first.")
    return api_tokens.make(session, name, chosen, _end(days, now), now)


def revoke(session: Session, row: ApiTokenRow, now: datetime) -> None:
    """It works no more, from now on. Raises Undecidable."""
    lock_row(session, row)
    if row.revoked_at is not None:
        raise Undecidable("This token was revoked already.")
    row.revoked_at = now
    rows.keep(session, row)


def _end(days: str, now: datetime) -> datetime | None:
    if not days:
        return None
    if not days.isascii() or not days.isdigit() or len(days) > 4 or not 0 < int(days) <= _MOST_DAYS:
        raise Invalid("days", f"A token works for 1 to {_MOST_DAYS:,} days, or until it is revoked.")
    return now + timedelta(days=int(days))
