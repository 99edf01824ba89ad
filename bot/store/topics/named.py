"""The topics of the house, as rows and as the router knows them."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import delete, func, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from bot.store.tables.departments import DepartmentTopicRow
from bot.store.tables.people import ExpertiseRow, FormerSlugRow, TopicRow
from bot.store.topics import calls
from routing.model.domain import Topic
from routing.model.topics import Taxonomy


def names_of(session: Session, slugs: Collection[str]) -> dict[str, str]:
    """The names of these topics for people, by slug; a slug that a topic had before is one of its."""
    if not slugs:
        return {}
    rows = session.exec(select(TopicRow.slug, TopicRow.name).where(col(TopicRow.slug).in_(slugs))).all()
    found = dict(rows)
    missing = set(slugs) - found.keys()
    if missing:
        before = _former().where(col(FormerSlugRow.slug).in_(missing))
        found |= {slug: name for slug, _, name in session.execute(before).all()}
    return found


def all_names(session: Session) -> dict[str, str]:
    """What every topic is called, the retired ones too, by its slug and by those that it had before."""
    now = dict(session.exec(select(TopicRow.slug, TopicRow.name)).all())
    return {slug: name for slug, _, name in session.execute(_former()).all()} | now


def former_slugs(session: Session) -> dict[str, str]:
    """The slugs that topics had before, each with the one that it stands for now."""
    return {slug: now for slug, now, _ in session.execute(_former()).all()}


def slug_now(session: Session, slug: str) -> str:
    """The slug that a topic has by now, of one that it has or had; of no topic's, itself."""
    if not slug or by_slug(session, slug) is not None:
        return slug
    found = session.execute(_former().where(col(FormerSlugRow.slug) == slug)).first()
    return slug if found is None else str(found[1])


def _former() -> Any:
    return sql_select(col(FormerSlugRow.slug), col(TopicRow.slug), col(TopicRow.name)).join(
        TopicRow, col(TopicRow.id) == col(FormerSlugRow.topic_id)
    )


def by_slug(session: Session, slug: str) -> TopicRow | None:
    """The topic with this slug."""
    return session.exec(select(TopicRow).where(TopicRow.slug == slug)).first()


def ids(session: Session) -> dict[str, int]:
    """The ids of all topics, by their slugs."""
    return dict(session.exec(select(TopicRow.slug, TopicRow.id)).all())


def as_known(session: Session) -> list[Topic]:
    """Every topic as the router knows it."""
    rows = session.exec(select(TopicRow).order_by(col(TopicRow.slug))).all()
    slugs = {row.id: row.slug for row in rows}
    return [
        Topic(
            row.slug,
            row.name,
            tuple(row.keywords),
            row.parent,
            row.retired_at is not None,
            slugs.get(row.successor_id or 0),
        )
        for row in rows
    ]


def taxonomy(session: Session) -> Taxonomy:
    """The topics, ready to be recognised in texts, with the slugs that they had before."""
    return Taxonomy(as_known(session), former_slugs(session))


def with_experts(session: Session) -> list[tuple[TopicRow, int]]:
    """Every topic by name, with how many people know it."""
    counted = dict(
        session.exec(select(ExpertiseRow.topic_id, func.count()).group_by(col(ExpertiseRow.topic_id))).all()
    )
    rows = session.exec(select(TopicRow).order_by(col(TopicRow.retired_at).is_not(None), col(TopicRow.name)))
    return [(row, counted.get(row.id, 0)) for row in rows.all()]


def remove(session: Session, row: TopicRow) -> None:
    """Take a topic out, with what is known of it and whose it is; what was below it moves up by one."""
    calls.forget_topic(session, row.id)
    session.execute(delete(ExpertiseRow).where(col(ExpertiseRow.topic_id) == row.id))
    session.execute(delete(DepartmentTopicRow).where(col(DepartmentTopicRow.topic_id) == row.id))
    session.execute(delete(FormerSlugRow).where(col(FormerSlugRow.topic_id) == row.id))
    session.execute(update(TopicRow).where(col(TopicRow.parent) == row.slug).values(parent=row.parent))
    session.execute(
        update(TopicRow).where(col(TopicRow.successor_id) == row.id).values(successor_id=row.successor_id)
    )
    session.delete(row)
    session.flush()
