"""The taxonomy as it is stored."""

from sqlmodel import Session, col, select

from bot.store.tables.people import TopicRow
from routing.model.domain import Topic


def name_of(session: Session, slug: str) -> str | None:
    """A topic's name for people."""
    return session.exec(select(TopicRow.name).where(TopicRow.slug == slug)).first()


def all_topics(session: Session) -> list[Topic]:
    """Every topic as the router knows it."""
    rows = session.exec(select(TopicRow).order_by(col(TopicRow.slug))).all()
    return [Topic(row.slug, row.name, tuple(row.keywords), row.parent) for row in rows]
