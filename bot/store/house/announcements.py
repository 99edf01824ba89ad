"""Announcements and their messages in the outbox, as rows."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, update
from sqlmodel import Session, col, select

from bot.posts import Visibility
from bot.states import DeliveryCode, DeliveryKind, DeliveryState
from bot.store.row_locks import locked_rows
from bot.store.tables.announcements import AnnouncementRow
from bot.store.tables.columns import table_of
from bot.store.tables.conversations import DeliveryRow
from bot.store.tables.values import Payload

_NEW = insert(table_of(DeliveryRow))


def queue(
    session: Session,
    row: AnnouncementRow,
    platform: str,
    parts: Sequence[tuple[str, str]],
    *,
    at: datetime,
    now: datetime,
) -> None:
    """Put an announcement into one platform's outbox, due ``at``; ``parts`` are pairs of key and text."""
    session.connection().execute(
        _NEW,
        [
            {
                "kind": DeliveryKind.ANNOUNCEMENT,
                "platform": platform,
                "key": key,
                "announcement_id": row.id,
                "part": number,
                "parts": len(parts),
                "payload": Payload(
                    text,
                    at.isoformat(),
                    visibility=Visibility.PUBLIC,
                    language=row.language,
                    warning=row.warning,
                ).stored(),
                "state": DeliveryState.HELD if number else DeliveryState.READY,
                "reason": "Waits for the part before it." if number else None,
                "code": DeliveryCode.EARLIER_PART if number else None,
                "created_at": now,
                "due_at": at,
                "refs": {},
                "cost_micros": 0,
            }
            for number, (key, text) in enumerate(parts)
        ],
    )


def messages(session: Session, announcement_id: int) -> list[DeliveryRow]:
    """Everything of an announcement in the outbox, as it is now."""
    return _messages(session, select(DeliveryRow).where(DeliveryRow.announcement_id == announcement_id))


def held_messages(session: Session, announcement_id: int) -> list[DeliveryRow]:
    """As ``messages``, held until the transaction ends: none of them begins to go out meanwhile."""
    statement = select(DeliveryRow).where(DeliveryRow.announcement_id == announcement_id)
    return _messages(session, statement.with_for_update(key_share=True))


def _messages(session: Session, statement: Any) -> list[DeliveryRow]:
    ordered = statement.order_by(col(DeliveryRow.id))
    return list(session.exec(ordered, execution_options={"populate_existing": True}).all())


def corrections(session: Session, root_ids: Collection[int]) -> list[AnnouncementRow]:
    """What puts these announcements right, or was to, the earliest first."""
    statement = select(AnnouncementRow).where(col(AnnouncementRow.corrects_id).in_(sorted(root_ids)))
    ordered = statement.order_by(col(AnnouncementRow.id))
    return list(session.exec(ordered, execution_options={"populate_existing": True}).all())


def held_chain(session: Session, root_id: int) -> list[AnnouncementRow]:
    """An announcement and what puts it right, all held, the earliest first."""
    return locked_rows(
        session, AnnouncementRow, [root_id, *(one.id for one in corrections(session, [root_id]))]
    )


def messages_of_all(session: Session, ids: Collection[int], *, held: bool = False) -> list[DeliveryRow]:
    """Everything of some announcements in the outbox; ``held``: none of it begins to go out meanwhile."""
    statement = select(DeliveryRow).where(col(DeliveryRow.announcement_id).in_(sorted(ids)))
    return _messages(session, statement.with_for_update(key_share=True) if held else statement)


def standing(session: Session, messages: Sequence[DeliveryRow]) -> list[DeliveryRow]:
    """Those of these messages whose posts stand on their platform, each post once, as far as we know.

    What only gave a post other words is left out, and so is what is taken down or being taken down.
    """
    posts = [one for one in messages if one.state == DeliveryState.SENT and one.sends.edits is None]
    statement = select(DeliveryRow.target_id).where(col(DeliveryRow.target_id).in_([one.id for one in posts]))
    gone = set(session.exec(statement).all())
    return [one for one in posts if one.id not in gone]


def messages_about(session: Session, at: datetime, span: timedelta) -> list[DeliveryRow]:
    """What is planned or went out within so long of a moment."""
    planned = col(AnnouncementRow.planned_at)
    near = select(AnnouncementRow.id).where(planned > at - span, planned < at + span)
    return _messages(
        session,
        select(DeliveryRow).where(
            col(DeliveryRow.announcement_id).in_(near), DeliveryRow.state != DeliveryState.WITHDRAWN
        ),
    )


def stop(session: Session, messages: Sequence[DeliveryRow], reason: str) -> None:
    """Take messages of which nothing has gone out, and which are held, out of the queue for good."""
    session.execute(
        update(DeliveryRow)
        .where(col(DeliveryRow.id).in_([one.id for one in messages]))
        .values(
            state=DeliveryState.WITHDRAWN,
            reason=reason,
            code=None,
            due_at=None,
            lease_until=None,
            fence=DeliveryRow.fence + 1,
        )
        .execution_options(synchronize_session=False)
    )


def forget_messages(session: Session, announcement_id: int) -> None:
    """Forget what was taken out of the queue before any of it went out, so that it can be planned anew."""
    session.execute(
        delete(DeliveryRow)
        .where(
            col(DeliveryRow.announcement_id) == announcement_id,
            col(DeliveryRow.state) == DeliveryState.WITHDRAWN,
        )
        .execution_options(synchronize_session=False)
    )
