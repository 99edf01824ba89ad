"""Questions on their way from one topic to another: which ones, and how far that is."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, or_, select

from bot.store import rows
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.people import TopicMoveKind, TopicMoveRow


def begin(
    session: Session,
    kind: TopicMoveKind,
    former: str,
    slug: str,
    by: str,
    now: datetime,
    *,
    words: Sequence[str] = (),
    questions: Sequence[int] = (),
    matters: Sequence[int] = (),
) -> TopicMoveRow:
    """From now on a step moves them, from the newest question to the oldest."""
    newest = newest_question(session)
    row = TopicMoveRow(
        kind=kind,
        former=former,
        slug=slug,
        words=list(words),
        questions=list(questions),
        matters=list(matters),
        at=newest,
        newest=newest,
        total=newest,
        begun_by=by,
        begun_at=now,
    )
    rows.keep(session, row)
    return row


def newest_question(session: Session) -> int:
    """The number of the newest question; 0 where there is none."""
    return int(session.exec(select(func.max(QuestionRow.id))).one() or 0)


def next_id(session: Session) -> int | None:
    """The oldest one that is not done: they are moved one after the other."""
    return session.exec(
        select(TopicMoveRow.id)
        .where(col(TopicMoveRow.finished_at).is_(None))
        .order_by(col(TopicMoveRow.id))
        .limit(1)
    ).first()


def going(session: Session) -> Sequence[TopicMoveRow]:
    """All that are not done, the oldest first."""
    return session.exec(
        select(TopicMoveRow).where(col(TopicMoveRow.finished_at).is_(None)).order_by(col(TopicMoveRow.id))
    ).all()


def going_of(session: Session, *slugs: str) -> TopicMoveRow | None:
    """One that is not done and takes from or gives to one of these topics."""
    concerned = or_(col(TopicMoveRow.former).in_(slugs), col(TopicMoveRow.slug).in_(slugs))
    return session.exec(
        select(TopicMoveRow).where(col(TopicMoveRow.finished_at).is_(None), concerned).limit(1)
    ).first()


def latest_of(session: Session, slug: str, limit: int) -> Sequence[TopicMoveRow]:
    """The latest that took from or gave to a topic, the newest first."""
    concerned = or_(col(TopicMoveRow.former) == slug, col(TopicMoveRow.slug) == slug)
    return session.exec(
        select(TopicMoveRow).where(concerned).order_by(col(TopicMoveRow.id).desc()).limit(limit)
    ).all()
