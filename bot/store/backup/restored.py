"""A database that came out of a backup: the world has gone on without it, so nothing is sent blindly."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, update
from sqlmodel import Session, col

from bot.states import DeliveryCode, DeliveryState
from bot.store.house import subscribers
from bot.store.running import switches
from bot.store.tables.conversations import DeliveryRow, PostRow, QuestionRow
from bot.store.tables.house import CursorRow, NodeRow
from bot.store.tables.people import JoinLinkRow, LinkCodeRow, LoginLinkRow, SessionRow
from bot.text.times import timestamps
from routing.model.phrases import phrase

_SWITCH = "restored"
_IDENTITY = "archive_identity"  # of bot.store.archive.entry_source
_ON_THEIR_WAY = (DeliveryState.READY, DeliveryState.SENDING, DeliveryState.UNKNOWN)


def set_right(session: Session, made_at: datetime, now: datetime) -> int:
    """What must not go on as it stood when the backup was made; the number of held messages is returned.

    Publishing is paused until a person resumes it. Messages that were on their way are held. Everybody
    signs in again, no node holds anything, and search indexes of the former database are refused.
    """
    held = session.execute(
        update(DeliveryRow)
        .where(col(DeliveryRow.state).in_(_ON_THEIR_WAY))
        .values(
            state=DeliveryState.HELD,
            code=DeliveryCode.RESTORED,
            reason=f"It comes from the backup of {timestamps.told(made_at)} and may have gone out since: "
            "once publishing is resumed, it is looked up on the platform first.",
            due_at=None,
            lease_until=None,
            owner=None,
            absent_at=None,
            fence=DeliveryRow.fence + 1,
        )
        .returning(col(DeliveryRow.id))
        .execution_options(synchronize_session=False)
    ).all()
    for table in (PostRow, QuestionRow):
        _free(session, table)
    subscribers.end_all(session, now)
    for gone in (NodeRow, SessionRow, LoginLinkRow, LinkCodeRow, JoinLinkRow):
        session.execute(delete(gone))
    session.execute(delete(CursorRow).where(col(CursorRow.name).startswith("lease:", autoescape=True)))
    reason = f"Restored from the backup of {timestamps.told(made_at)}."
    switches.put(session, switches.PAUSED, value=True, by="restore", now=now, reason=reason)
    switches.put(
        session, _SWITCH, {"made_at": made_at.isoformat(), "at": now.isoformat()}, by="restore", now=now
    )
    switches.put(session, _IDENTITY, uuid4().hex, by="restore", now=now)
    return len(held)


def look_up(session: Session, now: datetime) -> int:
    """Publishing goes on: held messages of a backup are to be read back on their platforms."""
    if switches.is_paused(session):
        return 0
    found = session.execute(
        update(DeliveryRow)
        .where(col(DeliveryRow.state) == DeliveryState.HELD, col(DeliveryRow.code) == DeliveryCode.RESTORED)
        .values(
            state=DeliveryState.UNKNOWN,
            reason="It comes from a backup and may have gone out since: it is being looked up.",
            due_at=now,
            fence=DeliveryRow.fence + 1,
        )
        .returning(col(DeliveryRow.id))
        .execution_options(synchronize_session=False)
    )
    return len(found.all())


def restored_at(session: Session) -> datetime | None:
    """When this database came out of a backup; None where it never did."""
    value = switches.value_of(session, _SWITCH)
    return None if value is None else datetime.fromisoformat(value["at"])


def why_hold(restored_at: datetime | None, posted_at: datetime | None) -> str | None:
    """Why an answer posted at this time has to wait for a person: it may have been published already.

    After a restore, employees' tagged posts since the backup come in again. Those from before the restore
    may have been published by the database that is gone.
    """
    if restored_at is None or posted_at is None or posted_at >= restored_at:
        return None
    return phrase("It was posted before the database was restored: it may have been published already.")


def _free(session: Session, table: Any) -> None:
    session.execute(
        update(table)
        .where(table.lease_until.is_not(None))
        .values(lease_until=None, owner=None, fence=table.fence + 1)
        .execution_options(synchronize_session=False)
    )
