"""Posts that were set aside: what could not be read, stored or handled waits here for a person."""

from datetime import datetime
from typing import Any

from sqlalchemy import case, update
from sqlmodel import Session, col, select

from bot.states import ChangeKind, PostKind, PostState
from bot.store import changes
from bot.store.conversations.posts import WITHOUT_WORDS
from bot.store.paging import page
from bot.store.tables.conversations import PostRow


def listed(session: Session, before: int | None = None) -> tuple[list[PostRow], int | None]:
    """A page of them, the latest first, and from where to go on (None: that was all)."""
    return page(session, select(PostRow).where(_waits()), [col(PostRow.id)], before, latest_first=True)


def was_taken_in(post: PostRow) -> bool:
    """Whether it came in whole, and another try may end otherwise; the others could not be read or stored."""
    return post.attempts > 0


def try_again(session: Session, post_id: int, now: datetime) -> bool:
    """Let it be handled, or looked at on its platform, once more; False where it does not wait (any more)."""
    return _decided(
        session,
        post_id,
        now,
        col(PostRow.attempts) > 0,
        state=PostState.NEW,
        due_at=now,
        checked_at=None,
        last_error=None,
    )


def dismiss(session: Session, post_id: int, now: datetime) -> bool:
    """A person has seen to it; the words of one that was never judged are not kept, as of any not for us."""
    is_new = col(PostRow.verdict).is_(None)
    emptied = {name: case((is_new, value), else_=getattr(PostRow, name)) for name, value in _EMPTY.items()}
    return _decided(
        session,
        post_id,
        now,
        state=PostState.DONE,
        due_at=None,
        checked_at=now,
        verdict=case((is_new, PostKind.NOT_FOR_US), else_=PostRow.verdict),
        **emptied,
    )


_EMPTY = {name: value for name, value in WITHOUT_WORDS.items() if isinstance(value, str)}


def _waits() -> Any:
    return col(PostRow.state) == PostState.QUARANTINED


def _decided(session: Session, post_id: int, now: datetime, *where: Any, **values: Any) -> bool:
    """Decided by the database: whoever comes second changes nothing."""
    done = session.execute(
        update(PostRow)
        .where(col(PostRow.id) == post_id, _waits(), *where)
        .values(attempts=0, lease_until=None, fence=PostRow.fence + 1, **values)
        .returning(col(PostRow.id))
        .execution_options(synchronize_session=False)
    ).all()
    if done:
        changes.append(session, ChangeKind.WORK, 0, now)
    return bool(done)
