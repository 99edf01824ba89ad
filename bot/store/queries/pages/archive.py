"""What the public pages, the API and the feeds read of the archive.

Nothing here shows an entry that is hidden or gone, except ``find``, whose caller tells the two apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, or_, select
from sqlmodel import Session, col

from bot.states import EntryState
from bot.store.archive.listed import ListedEntry, by_ids
from bot.store.archive.records import Record, records, selection
from bot.store.tables.columns import Id, Utc, among
from bot.store.tables.conversations import EntryRow, QuestionRow
from bot.store.tables.house import TextRow
from bot.store.tables.people import TopicRow
from bot.store.topics import named as topics_of_the_house

SITEMAP_BLOCK = 500
"""Ids that one sitemap covers: made in some milliseconds, however many entries there are.

The protocol (sitemaps.org) allows 50,000 addresses in a sitemap, and as many sitemaps in an index.
"""

_FILTERED = ("topic", "language", "platform")


@dataclass(frozen=True, slots=True)
class ListPosition:
    """Where a list ordered by ``published_at`` and id, newest first, goes on: after this entry."""

    published_at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Which entries a list is to hold; None means any."""

    topic: str | None = None
    language: str | None = None
    platform: str | None = None


@dataclass(frozen=True, slots=True)
class PublicTopic:
    """A topic as its page names it."""

    slug: str
    name: str
    description: str
    successor: tuple[str, str] | None = None
    """Slug and name of the topic that new questions get in its place, where it is retired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSummary(PublicTopic):
    """A topic and how many public entries it has."""

    entries: int


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """What a sitemap says of an entry."""

    id: int
    title: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class PublicText:
    """The version in force of one of the public texts."""

    name: str
    title: str
    paragraphs: tuple[str, ...]
    published_at: datetime


def find(session: Session, entry_id: int) -> Record | None:
    """The entry with this id, in whatever state, with the history of its answers.

    Of one that has become part of another one, that.
    """
    found = records(session, selection().where(col(EntryRow.id) == entry_id), history=True)
    if found and found[0].moved_to is not None:
        return find(session, found[0].moved_to)
    return found[0] if found else None


def in_conversation(session: Session, entry_id: int) -> tuple[list[ListedEntry], list[ListedEntry]]:
    """The public entries of what the same customer asked in the thread before this, and right after it."""
    own = session.execute(
        select(col(QuestionRow.id), col(QuestionRow.follows_id))
        .join(EntryRow, col(EntryRow.question_id) == col(QuestionRow.id))
        .where(col(EntryRow.id) == entry_id)
    ).first()
    if own is None:
        return [], []
    question_id, follows_id = own
    next_ids = session.execute(
        select(col(EntryRow.id))
        .join(QuestionRow, col(QuestionRow.id) == col(EntryRow.question_id))
        .where(col(QuestionRow.follows_id) == question_id)
        .order_by(col(EntryRow.id))
    ).scalars()
    before = select(col(EntryRow.id)).where(col(EntryRow.question_id) == follows_id)
    before_ids = session.execute(before).scalars().all() if follows_id is not None else []
    return by_ids(session, before_ids), by_ids(session, list(next_ids))


def latest(
    session: Session, wanted: EntryFilter, limit: int, *, after: ListPosition | None = None, offset: int = 0
) -> list[ListedEntry]:
    """Public entries, newest first."""
    values: dict[str, Any] = {
        name: value for name, value in zip(_FILTERED, _values(wanted), strict=True) if value is not None
    }
    statement = _latest(tuple(values), goes_on=after is not None)
    if after is not None:
        values |= {"after_at": after.published_at, "after_id": after.id}
    return _listed(session, statement, {**values, "limit": limit, "offset": offset})


def most_asked(session: Session, limit: int) -> list[ListedEntry]:
    """Public entries that were asked more than once, the most frequent first."""
    return _listed(session, _most_asked(), {"limit": limit})


def topics(session: Session) -> list[TopicSummary]:
    """All topics, by name, with their numbers of public entries."""
    counted = (
        select(col(EntryRow.topic), func.count())
        .where(col(EntryRow.state) == EntryState.PUBLIC)
        .group_by(col(EntryRow.topic))
    )
    counts = {str(slug): int(count) for slug, count in session.execute(counted).all()}
    rows = session.execute(select(TopicRow).order_by(func.lower(col(TopicRow.name)))).scalars()
    return [
        TopicSummary(row.slug, row.name, row.description, entries=counts.get(row.slug, 0))
        for row in rows
        if row.retired_at is None or counts.get(row.slug)
    ]


def topic(session: Session, slug: str) -> PublicTopic | str | None:
    """One topic; None where there is no such, and a slug where its page is another one's by now.

    The page of a retired topic stays as long as something stands on it.
    """
    row = session.execute(select(TopicRow).where(col(TopicRow.slug) == slug)).scalar_one_or_none()
    if row is None:
        now = topics_of_the_house.slug_now(session, slug)
        return None if now == slug else now
    after = session.get(TopicRow, row.successor_id) if row.successor_id is not None else None
    if after is not None and latest(session, EntryFilter(topic=slug), 1) == []:
        return after.slug
    successor = None if after is None else (after.slug, after.name)
    return PublicTopic(row.slug, row.name, row.description, successor)


def count(session: Session) -> int:
    """How many public entries there are."""
    statement = select(func.count()).select_from(EntryRow).where(col(EntryRow.state) == EntryState.PUBLIC)
    return int(session.execute(statement).scalar_one())


def languages(session: Session) -> list[str]:
    """The languages in which there are public entries, the most frequent first."""
    statement = (
        select(col(EntryRow.language))
        .where(col(EntryRow.state) == EntryState.PUBLIC, col(EntryRow.language).is_not(None))
        .group_by(col(EntryRow.language))
        .order_by(func.count().desc(), col(EntryRow.language))
    )
    return [str(language) for language in session.execute(statement).scalars()]


def sitemap_blocks(session: Session) -> list[tuple[int, datetime]]:
    """The blocks of ids in which there are public entries, and when each last changed."""
    block = (col(EntryRow.id) // SITEMAP_BLOCK).label("block")
    statement = (
        select(block, func.max(col(EntryRow.updated_at)))
        .where(col(EntryRow.state) == EntryState.PUBLIC)
        .group_by(block)
        .order_by(block)
    )
    return [(int(number), changed) for number, changed in session.execute(statement).all()]


def sitemap(session: Session, block: int) -> list[SitemapEntry]:
    """The public entries of one block of ids."""
    start = block * SITEMAP_BLOCK
    statement = (
        select(col(EntryRow.id), col(EntryRow.title), col(EntryRow.updated_at))
        .where(
            col(EntryRow.id) >= start,
            col(EntryRow.id) < start + SITEMAP_BLOCK,
            among(EntryRow.state, EntryState.PUBLIC),
        )
        .order_by(col(EntryRow.id))
    )
    return [SitemapEntry(entry_id, title, at) for entry_id, title, at in session.execute(statement)]


def texts(session: Session) -> dict[str, PublicText]:
    """The version of each public text that is in force, by name."""
    published = col(TextRow.published_at).is_not(None)
    newest = select(func.max(col(TextRow.id))).where(published).group_by(col(TextRow.name))
    rows = session.execute(select(TextRow).where(col(TextRow.id).in_(newest))).scalars()
    return {
        row.name: PublicText(row.name, row.title, tuple(row.paragraphs), row.published_at)
        for row in rows
        if row.published_at is not None
    }


# Statements that every visitor's page asks are put together once: that took longer than asking them.
@lru_cache(maxsize=32)
def _latest(filtered: tuple[str, ...], *, goes_on: bool) -> Select[int]:
    published, number = col(EntryRow.published_at), col(EntryRow.id)
    statement = _public().where(*[getattr(EntryRow, name) == bindparam(name) for name in filtered])
    if goes_on:
        at, behind = bindparam("after_at", type_=Utc), bindparam("after_id", type_=Id)
        statement = statement.where(or_(published < at, and_(published == at, number < behind)))
    return _part_of(statement.order_by(published.desc(), number.desc())).offset(bindparam("offset", type_=Id))


@lru_cache(maxsize=1)
def _most_asked() -> Select[int]:
    asked = col(EntryRow.asked_count)
    return _part_of(_public().where(asked > 1).order_by(asked.desc(), col(EntryRow.id).desc()))


def _part_of(statement: Select[int]) -> Select[int]:
    return statement.limit(bindparam("limit", type_=Id))


def _public() -> Select[int]:
    return select(col(EntryRow.id)).where(col(EntryRow.state) == EntryState.PUBLIC)


def _values(wanted: EntryFilter) -> tuple[str | None, ...]:
    return (wanted.topic, wanted.language, wanted.platform)


def _listed(session: Session, statement: Select[int], values: Mapping[str, Any]) -> list[ListedEntry]:
    return by_ids(session, session.connection().execute(statement, values).scalars().all())
