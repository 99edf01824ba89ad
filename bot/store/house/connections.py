"""Whether the brand account can be used on each platform, and how receiving goes there."""

from datetime import datetime

from sqlmodel import Session, select

from bot.states import ChangeKind, ConnectionState
from bot.store import changes
from bot.store.conversations import deliveries
from bot.store.tables.house import ConnectionRow


def mark(session: Session, platform: str, state: ConnectionState, problem: str | None, now: datetime) -> None:
    """Note that a platform's account works, or that a person has to connect it again and why."""
    row = _row(session, platform, now)
    if row.state == state and row.problem == problem:
        return
    if row.state == ConnectionState.RECONNECT and state == ConnectionState.CONNECTED and problem is None:
        deliveries.account_is_back(session, platform, now)  # permission or credit is there again by itself
    row.state, row.problem, row.changed_at = state, problem, now
    session.add(row)
    changes.append(session, ChangeKind.WORK, 0, now)


def reading(session: Session, platform: str, problem: str | None, now: datetime) -> None:
    """Note what goes wrong with reading a platform (None: nothing).

    It does not say that an account works which has to be connected again.
    """
    row = _row(session, platform, now)
    if row.state == ConnectionState.RECONNECT or row.problem == problem:
        return
    row.problem, row.changed_at = problem, now
    session.add(row)
    changes.append(session, ChangeKind.WORK, 0, now)


def looked(session: Session, platform: str, now: datetime) -> None:
    """Note that the platform was read without a failure."""
    row = _row(session, platform, now)
    row.looked_at = now
    session.add(row)


def checked(
    session: Session, platform: str, now: datetime, *, webhook: str | None, alarm: str | None
) -> None:
    """Note how the platform's webhook is, and what is wrong with receiving (None: nothing)."""
    row = _row(session, platform, now)
    if (row.webhook, row.alarm) != (webhook, alarm):
        changes.append(session, ChangeKind.WORK, 0, now)
    row.webhook, row.alarm = webhook, alarm
    if webhook == "valid":
        row.webhook_at = now
    session.add(row)


def of(session: Session, platform: str) -> ConnectionRow | None:
    """What is known of a platform's connection; None before anything is."""
    return session.get(ConnectionRow, platform)


def all_of_them(session: Session) -> list[ConnectionRow]:
    """Every platform that was ever connected."""
    return list(session.exec(select(ConnectionRow)).all())


def _row(session: Session, platform: str, now: datetime) -> ConnectionRow:
    return session.get(ConnectionRow, platform) or ConnectionRow(platform=platform, changed_at=now)
