"""The versions of the public texts."""

from collections.abc import Sequence

from sqlalchemy import func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from bot.store.queries.waits import is_to_approve
from bot.store.tables.house import TextRow


def newest(session: Session, name: str) -> int | None:
    """The number of the latest version of a text, in force or not."""
    return session.exec(select(func.max(TextRow.id)).where(TextRow.name == name)).one()


def versions(session: Session, name: str) -> Sequence[TextRow]:
    """The versions of a public text, the latest first."""
    return session.exec(select(TextRow).where(TextRow.name == name).order_by(col(TextRow.id).desc())).all()


def names(session: Session) -> Sequence[str]:
    """The names of all texts that somebody has written a version of."""
    return session.exec(select(TextRow.name).distinct().order_by(col(TextRow.name))).all()


def withdrawn(session: Session) -> Sequence[TextRow]:
    """The latest versions of texts that were withdrawn and never in force, by the text's name."""
    other = aliased(TextRow)
    goes_on = or_(col(other.published_at).is_not(None), col(other.id) > col(TextRow.id))
    is_over = ~select(other.id).where(other.name == TextRow.name, goes_on).exists()
    gone = select(TextRow).where(col(TextRow.withdrawn_at).is_not(None), is_over)
    return session.exec(gone.order_by(col(TextRow.name))).all()


def waiting(session: Session) -> Sequence[TextRow]:
    """The latest versions that wait for a second person, by the text's name."""
    return session.exec(select(TextRow).where(is_to_approve()).order_by(col(TextRow.name))).all()
