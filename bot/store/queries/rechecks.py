"""Which posts have to be looked at again on their platform."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, case, or_, update
from sqlmodel import Session, col, select

from bot.states import EntryState, PostState
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
            PostRow.state != PostState.QUARANTINED,
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
        .values(checked_at=now, attempts=case((_is_done(), 0), else_=PostRow.attempts))
        .execution_options(synchronize_session=False)
    )


def note_failed(
    session: Session, platform: str, external_id: str, why: str, checked_at: datetime, most: int
) -> None:
    """This one could not be looked at for a reason of ours; after ``most`` times in a row a person has to."""
    is_last = col(PostRow.attempts) + 1 >= most
    session.execute(
        update(PostRow)
        .where(col(PostRow.platform) == platform, col(PostRow.external_id) == external_id, _is_done())
        .values(
            checked_at=checked_at,
            attempts=PostRow.attempts + 1,
            last_error=why[:2000],
            state=case((is_last, PostState.QUARANTINED), else_=PostRow.state),
        )
        .execution_options(synchronize_session=False)
    )


def _is_done() -> ColumnElement[bool]:
    """Intake counts its own tries in the same place, and is done with these posts."""
    return col(PostRow.state) == PostState.DONE
