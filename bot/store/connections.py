"""Whether the brand account can be used on each platform."""

from datetime import datetime

from sqlmodel import Session, select

from bot.states import ConnectionState
from bot.store.house import ConnectionRow


def mark(session: Session, platform: str, state: ConnectionState, problem: str | None, now: datetime) -> None:
    """Note that a platform's account works, or that a person has to connect it again and why."""
    row = session.get(ConnectionRow, platform) or ConnectionRow(platform=platform, changed_at=now)
    if row.state == state and row.problem == problem:
        return
    row.state, row.problem, row.changed_at = state, problem, now
    session.add(row)


def all_of_them(session: Session) -> list[ConnectionRow]:
    """Every platform that was ever connected."""
    return list(session.exec(select(ConnectionRow)).all())
