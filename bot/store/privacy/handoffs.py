"""Private pages as rows: found by what their address ends in, and emptied of what was left there."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, update
from sqlmodel import Session, col, select

from bot.states import PostKind
from bot.store.dialects import overwrite_pages
from bot.store.sealing import Sealer
from bot.store.tables.columns import said
from bot.store.tables.conversations import PostRow, QuestionRow
from bot.store.tables.handoffs import HandoffRow, HandoffState

_SHOWN = 5
_EMPTY: dict[str, Any] = {"state": HandoffState.GONE, "sealed": None, "proofs": []}


def token_hash(token: str) -> str:
    """What is kept of a token: it is random enough that its hash cannot be guessed back."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def by_token(session: Session, token: str) -> HandoffRow | None:
    """The page whose address ends in this."""
    return session.exec(select(HandoffRow).where(HandoffRow.token_hash == token_hash(token))).first()


def by_mark(session: Session, mark: str) -> HandoffRow | None:
    """The latest page whose hash begins with this, of a few hexadecimal digits."""
    begins = (HandoffRow.token_hash >= mark, HandoffRow.token_hash < f"{mark}g")
    return session.exec(select(HandoffRow).where(*begins).order_by(col(HandoffRow.id).desc())).first()


def posted_by_others(session: Session, question_id: int) -> Sequence[PostRow]:
    """The latest posts in which others than its customer have shown the code of a question's page.

    They are without their words.
    """
    theirs = (PostRow.question_id == question_id, PostRow.verdict == PostKind.CODE)
    return session.exec(select(PostRow).where(*theirs).order_by(col(PostRow.id).desc()).limit(_SHOWN)).all()


def of_question(session: Session, question_id: int) -> Sequence[HandoffRow]:
    """A question's pages, the latest first."""
    statement = select(HandoffRow).where(HandoffRow.question_id == question_id)
    return session.exec(statement.order_by(col(HandoffRow.id).desc()).limit(_SHOWN)).all()


def of_customer(session: Session, platform: str, account_id: str) -> Sequence[HandoffRow]:
    """All pages of an account's questions, the earliest first."""
    statement = (
        select(HandoffRow)
        .join(QuestionRow, col(QuestionRow.id) == HandoffRow.question_id)
        .where(QuestionRow.platform == platform, QuestionRow.customer_id == account_id)
    )
    return session.exec(statement.order_by(col(HandoffRow.id))).all()


def note_opened(session: Session, handoff_id: int, now: datetime) -> None:
    """Somebody has opened the page; the first time counts."""
    session.execute(
        update(HandoffRow)
        .where(col(HandoffRow.id) == handoff_id, col(HandoffRow.opened_at).is_(None))
        .values(opened_at=now)
        .execution_options(synchronize_session=False)
    )


def move(session: Session, question_id: int, to: int) -> None:
    """A question's pages are another one's from now on."""
    session.execute(
        update(HandoffRow).where(col(HandoffRow.question_id) == question_id).values(question_id=to)
    )


def end_open(session: Session, question_id: int, employee_id: int) -> None:
    """Pages of this question that this employee asked for before, and nobody has used, are over."""
    _empty(
        session,
        col(HandoffRow.question_id) == question_id,
        col(HandoffRow.employee_id) == employee_id,
        col(HandoffRow.state) == HandoffState.OPEN,
    )


def forget(session: Session, question_id: int) -> None:
    """A question is gone: nothing is kept of what was left for it, and nothing can be left any more."""
    _empty(session, col(HandoffRow.question_id) == question_id)


def forget_over(session: Session, now: datetime, left_before: datetime) -> int:
    """Delete what was left before this moment, and end the pages that nobody used in time; how many."""
    alive = col(HandoffRow.state) != said(HandoffState.GONE)
    unused = (col(HandoffRow.state) == HandoffState.OPEN) & (col(HandoffRow.expires_at) <= now)
    return _empty(session, alive, or_(unused, col(HandoffRow.left_at) <= left_before))


def reseal(session: Session, sealer: Sealer) -> int:
    """Put what was left under the current secret key; how many texts. Raises sealing.Unreadable."""
    kept = session.exec(select(HandoffRow).where(col(HandoffRow.sealed).is_not(None))).all()
    for row in kept:
        row.sealed = sealer.reseal(row.sealed or b"")
        session.add(row)
    session.flush()
    return len(kept)


def _empty(session: Session, *which: ColumnElement[bool]) -> int:
    session.flush()
    ids = session.exec(select(HandoffRow.id).where(*which)).all()
    if not ids:
        return 0
    overwrite_pages(session)
    session.execute(
        update(HandoffRow)
        .where(col(HandoffRow.id).in_(ids))
        .values(_EMPTY)
        .execution_options(synchronize_session="fetch")
    )
    return len(ids)
