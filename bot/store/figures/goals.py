"""The goals' rows."""

from collections.abc import Collection, Sequence

from sqlmodel import Session, col, select

from bot.store.row_locks import lock_row
from bot.store.tables.figures import GoalRow


def every(session: Session) -> Sequence[GoalRow]:
    """All goals, those for the house first."""
    return session.exec(select(GoalRow).order_by(col(GoalRow.topic), col(GoalRow.id))).all()


def missed(session: Session) -> Sequence[GoalRow]:
    """The goals that are missed."""
    return session.exec(
        select(GoalRow).where(col(GoalRow.missed_since).is_not(None)).order_by(col(GoalRow.id))
    ).all()


def of_topics(session: Session, slugs: Collection[str]) -> Sequence[GoalRow]:
    """The goals for some topics."""
    return session.exec(
        select(GoalRow)
        .where(col(GoalRow.topic).in_(sorted(slugs)))
        .order_by(col(GoalRow.topic), col(GoalRow.id))
    ).all()


def remove(session: Session, row: GoalRow) -> None:
    """It is no goal any more. Raises RowGone where somebody else was quicker."""
    lock_row(session, row)
    session.delete(row)
