"""The topics of the house, as rows and as the router knows them."""

from collections.abc import Collection

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from bot.store.tables.departments import DepartmentTopicRow
from bot.store.tables.people import ExpertiseRow, TopicRow
from routing.model.domain import Topic


def names_of(session: Session, slugs: Collection[str]) -> dict[str, str]:
    """The names of these topics for people, by slug."""
    if not slugs:
        return {}
    rows = session.exec(select(TopicRow.slug, TopicRow.name).where(col(TopicRow.slug).in_(slugs))).all()
    return dict(rows)


def by_slug(session: Session, slug: str) -> TopicRow | None:
    """The topic with this slug."""
    return session.exec(select(TopicRow).where(TopicRow.slug == slug)).first()


def ids(session: Session) -> dict[str, int]:
    """The ids of all topics, by their slugs."""
    return dict(session.exec(select(TopicRow.slug, TopicRow.id)).all())


def as_known(session: Session) -> list[Topic]:
    """Every topic as the router knows it."""
    rows = session.exec(select(TopicRow).order_by(col(TopicRow.slug))).all()
    return [Topic(row.slug, row.name, tuple(row.keywords), row.parent) for row in rows]


def with_experts(session: Session) -> list[tuple[TopicRow, int]]:
    """Every topic by name, with how many people know it."""
    counted = dict(
        session.exec(select(ExpertiseRow.topic_id, func.count()).group_by(col(ExpertiseRow.topic_id))).all()
    )
    rows = session.exec(select(TopicRow).order_by(col(TopicRow.name))).all()
    return [(row, counted.get(row.id, 0)) for row in rows]


def remove(session: Session, row: TopicRow) -> None:
    """Take a topic out, with what is known of it and whose it is; what was below it moves up by one."""
    session.execute(delete(ExpertiseRow).where(col(ExpertiseRow.topic_id) == row.id))
    session.execute(delete(DepartmentTopicRow).where(col(DepartmentTopicRow.topic_id) == row.id))
    session.execute(update(TopicRow).where(col(TopicRow.parent) == row.slug).values(parent=row.parent))
    session.delete(row)
    session.flush()
