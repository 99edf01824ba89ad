"""Which posts have to be looked at again on their platform."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from bot.states import EntryState
from bot.store.tables import EntryRow, PostRow, QuestionRow


def due(session: Session, platform: str, before: datetime, limit: int) -> list[str]:
    """External ids of quoted posts last looked at before ``before``, the longest ago first."""
    rows = session.exec(
        select(PostRow.external_id)
        .join(QuestionRow, col(QuestionRow.post_id) == PostRow.id)
        .join(EntryRow, col(EntryRow.question_id) == QuestionRow.id)
        .where(
            PostRow.platform == platform,
            col(PostRow.deleted_at).is_(None),
            EntryRow.state == EntryState.PUBLIC,
            or_(
                col(PostRow.checked_at) < before,
                col(PostRow.checked_at).is_(None) & (col(PostRow.received_at) < before),
            ),
        )
        .order_by(col(PostRow.checked_at), col(PostRow.id))
        .limit(limit)
    ).all()
    return list(rows)


def note(session: Session, platform: str, external_ids: Sequence[str], now: datetime) -> None:
    """These have been looked at."""
    session.execute(
        update(PostRow)
        .where(col(PostRow.platform) == platform, col(PostRow.external_id).in_(external_ids))
        .values(checked_at=now)
        .execution_options(synchronize_session=False)
    )
