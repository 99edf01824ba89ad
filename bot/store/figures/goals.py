"""The goals' rows."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from bot.store.tables.figures import GoalRow


def every(session: Session) -> Sequence[GoalRow]:
    """All goals, those for the house first."""
    return session.exec(select(GoalRow).order_by(col(GoalRow.topic), col(GoalRow.id))).all()


def remove(session: Session, row: GoalRow) -> None:
    """It is no goal any more."""
    session.delete(row)
