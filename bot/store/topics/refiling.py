"""Questions, entries and matters get another topic, so many at a time: no statement walks a whole table."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from bot.states import ChangeKind
from bot.store import changes
from bot.store.tables.columns import table_of
from bot.store.tables.conversations import EntryRow, QuestionRow
from bot.store.tables.matters import MatterRow
from bot.store.tables.values import stored_weights, weights
from bot.store.topics.about import is_about
from routing.model.domain import WITHOUT_ANSWER
from routing.model.refiling import refiled

_QUESTION = table_of(QuestionRow)
_ENTRY = table_of(EntryRow)


_REFILE = (
    update(_QUESTION)
    .where(_QUESTION.c.id == bindparam("number"))
    .values(topics=bindparam("about", type_=_QUESTION.c.topics.type))
)
"""One statement for many questions, each with its own topics."""


@dataclass(frozen=True, slots=True)
class FiledQuestion:
    """A question that is filed under a topic."""

    id: int
    text: str
    language: str | None
    matter_id: int | None
    topics: list[list[Any]]


def between(session: Session, slug: str, above: int, up_to: int, limit: int) -> list[FiledQuestion]:
    """Those with numbers in this stretch, the newest first, held until the transaction ends.

    They are held in the order that everybody keeps to, the lowest number first.
    """
    newest = (
        select(QuestionRow.id)
        .where(col(QuestionRow.id) > above, col(QuestionRow.id) <= up_to, is_about(slug))
        .order_by(col(QuestionRow.id).desc())
        .limit(limit)
    )
    return _held(session, slug, session.exec(newest).all())


def waiting(session: Session, slug: str, limit: int) -> list[FiledQuestion]:
    """Those without an answer, held until the transaction ends."""
    statement = select(QuestionRow.id).where(col(QuestionRow.state).in_(WITHOUT_ANSWER), is_about(slug))
    return _held(session, slug, session.exec(statement.limit(limit)).all())


def _held(session: Session, slug: str, ids: Sequence[int]) -> list[FiledQuestion]:
    if not ids:
        return []
    rows = session.execute(
        sql_select(
            _QUESTION.c.id,
            _QUESTION.c.text,
            _QUESTION.c.language,
            _QUESTION.c.matter_id,
            _QUESTION.c.topics,
        )
        .where(col(QuestionRow.id).in_(ids), is_about(slug))
        .order_by(col(QuestionRow.id))
        .with_for_update(key_share=True)
    ).all()
    return sorted((FiledQuestion(*row) for row in rows), key=lambda one: -one.id)


def refile(
    session: Session, questions: Collection[FiledQuestion], former: str, slug: str, now: datetime
) -> int:
    """These are about another topic, and so are their entries; of how many entries is returned."""
    ids = [one.id for one in questions]
    session.connection().execute(
        _REFILE,
        [
            {"number": one.id, "about": stored_weights(refiled(weights(one.topics), former, slug))}
            for one in questions
        ],
    )
    session.execute(
        update(_ENTRY).where(_ENTRY.c.question_id.in_(ids), _ENTRY.c.topic == former).values(topic=slug)
    )
    touched = session.execute(select(EntryRow.id, EntryRow.question_id).where(_ENTRY.c.question_id.in_(ids)))
    return _touch(session, touched.all(), now)


def refile_entries(session: Session, former: str, slug: str, limit: int, now: datetime) -> int:
    """The next entries of a topic go to another; how many is returned."""
    found = session.execute(
        select(EntryRow.id, EntryRow.question_id)
        .where(EntryRow.topic == former)
        .order_by(col(EntryRow.published_at).desc())
        .limit(limit)
    ).all()
    ids = [number for number, _ in found]
    session.execute(update(_ENTRY).where(_ENTRY.c.id.in_(ids)).values(topic=slug))
    return _touch(session, found, now)


def _touch(session: Session, entries: Sequence[tuple[int, int]], now: datetime) -> int:
    """The public sees these otherwise than before: indexes and caches hear of it."""
    if not entries:
        return 0
    session.execute(
        update(_ENTRY)
        .where(_ENTRY.c.id.in_([number for number, _ in entries]))
        .values(revision=_ENTRY.c.revision + 1, updated_at=now)
    )
    for number, question in entries:
        changes.append(session, ChangeKind.ENTRY, number, now, questions=[question])
    return len(entries)


def refile_matters(session: Session, former: str, slug: str, limit: int) -> int:
    """The next matters of a topic go to another; how many is returned."""
    ids = session.exec(
        select(MatterRow.id).where(MatterRow.topic == former).order_by(col(MatterRow.id)).limit(limit)
    ).all()
    if ids:
        session.execute(update(MatterRow).where(col(MatterRow.id).in_(ids)).values(topic=slug))
    return len(ids)


def refile_whole_matters(session: Session, matter_ids: Collection[int], former: str, slug: str) -> None:
    """Those of these matters go to another topic that have no question of their former one any more."""
    for number in sorted(matter_ids):
        left = select(QuestionRow.id).where(QuestionRow.matter_id == number, is_about(former)).limit(1)
        if session.exec(left).first() is None:
            session.execute(
                update(MatterRow)
                .where(col(MatterRow.id) == number, col(MatterRow.topic) == former)
                .values(topic=slug)
            )
