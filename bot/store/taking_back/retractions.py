"""Messages that take posts of the brand's down again: each post once, a thread from its last part on.

Their key says which message they take down, so there is no second one. They are claimed by themselves:
nothing that waits to be published stands in front of them, and a pause of publishing does not stop them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from bot.platforms.planner import Window
from bot.states import UNSURE, DeliveryCode, DeliveryKind, DeliveryState
from bot.store.claim import claim
from bot.store.conversations import deliveries
from bot.store.conversations.deliveries import sending_values
from bot.store.engine import Database
from bot.store.tables.columns import among, table_of
from bot.store.tables.conversations import DeliveryRow
from bot.store.tables.values import BrandPost

_NEW = insert(table_of(DeliveryRow))
_IS_ONE = col(DeliveryRow.target_id).is_not(None)


def held_parts(session: Session, answer_id: int) -> list[DeliveryRow]:
    """All parts of an answer's publication in order, held: none of them begins to go out meanwhile."""
    statement = (
        select(DeliveryRow)
        .where(DeliveryRow.answer_id == answer_id)
        .order_by(col(DeliveryRow.part))
        .with_for_update(key_share=True)
    )
    return list(session.exec(statement, execution_options={"populate_existing": True}).all())


def queue(session: Session, posts: Sequence[DeliveryRow], now: datetime) -> None:
    """Take down what these messages, parts of one thread that are out, have become: the last part first."""
    if not posts:
        return
    last = max(one.part for one in posts)
    session.flush()
    session.connection().execute(_NEW, [_new(one, now, is_last=one.part == last) for one in posts])


def _new(post: DeliveryRow, now: datetime, *, is_last: bool) -> dict[str, Any]:
    return {
        "kind": DeliveryKind.RETRACTION,
        "platform": post.platform,
        "key": f"retraction:{post.id}",
        "target_id": post.id,
        "question_id": post.question_id,
        "employee_id": post.employee_id,
        "part": post.part,
        "parts": post.parts,
        "payload": BrandPost(post.external_id or "", post.url, post.refs).stored(),
        "state": DeliveryState.READY if is_last else DeliveryState.HELD,
        "reason": None if is_last else "Waits until the part after it is gone.",
        "code": None if is_last else DeliveryCode.EARLIER_PART,
        "created_at": now,
        "due_at": now,
        "refs": {},
        "cost_micros": 0,
    }


def platforms_due(session: Session, now: datetime) -> list[str]:
    """The platforms on which a post is to be taken down now: asked before claiming."""
    due = (_IS_ONE, DeliveryRow.state == DeliveryState.READY, col(DeliveryRow.due_at) <= now)
    return sorted(session.exec(select(DeliveryRow.platform).where(*due).distinct()).all())


def claim_due(
    database: Database,
    platform: str,
    *,
    owner: str,
    lease: timedelta,
    sending_time: timedelta,
    limit: int,
    pace: Window | None,
) -> list[DeliveryRow]:
    """Take what is due on a platform; ``sending`` is committed when this returns.

    At most what its ``pace`` of deletions still lets through; the rest waits until it does.
    """
    with database.write() as session:
        now = database.now(session)
        if pace is not None:
            limit = min(limit, pace.posts - _count(session, platform, now - pace.span))
            if limit <= 0:
                postpone(session, platform, now + pace.span / pace.posts)
                return []
        return claim(
            session,
            DeliveryRow,
            [DeliveryState.READY],
            now=now,
            lease=lease,
            owner=owner,
            limit=limit,
            where=[_IS_ONE, col(DeliveryRow.platform) == platform],
            **sending_values(now, sending_time),
        )


def _count(session: Session, platform: str, since: datetime) -> int:
    """How many were taken down on a platform since then, or may have been."""
    each = select(func.count()).select_from(DeliveryRow).where(_IS_ONE, DeliveryRow.platform == platform)
    gone = session.exec(each.where(col(DeliveryRow.sent_at) > since)).one()
    unsure = session.exec(each.where(col(DeliveryRow.state).in_(UNSURE))).one()
    return int(gone) + int(unsure)


def postpone(session: Session, platform: str, until: datetime) -> None:
    """Nothing is taken down on this platform before ``until``."""
    session.execute(
        update(DeliveryRow)
        .where(
            _IS_ONE,
            col(DeliveryRow.platform) == platform,
            col(DeliveryRow.state) == DeliveryState.READY,
            col(DeliveryRow.due_at) < until,
        )
        .values(due_at=until)
        .execution_options(synchronize_session=False)
    )


def release_next(session: Session, done: DeliveryRow, now: datetime) -> None:
    """The part before this one in its thread is taken down next."""
    target = session.get_one(DeliveryRow, done.target_id)
    waiting = session.exec(
        select(DeliveryRow)
        .where(
            col(DeliveryRow.target_id).in_([one.id for one in deliveries.of_thread(session, target)]),
            among(DeliveryRow.state, DeliveryState.HELD),
            DeliveryRow.code == DeliveryCode.EARLIER_PART,
        )
        .order_by(col(DeliveryRow.part).desc())
        .limit(1)
    ).first()
    if waiting is not None:
        waiting.state, waiting.due_at = DeliveryState.READY, now
        waiting.code, waiting.reason = None, None
        session.add(waiting)
        session.flush()


def is_ours(session: Session, platform: str, external_id: str) -> bool:
    """Whether this post of the brand's is gone because it was taken back here."""
    target = aliased(DeliveryRow)
    statement = (
        select(DeliveryRow.id)
        .join(target, col(target.id) == col(DeliveryRow.target_id))
        .where(col(target.external_id) == external_id, col(target.platform) == platform)
        .limit(1)
    )
    return session.exec(statement).first() is not None
