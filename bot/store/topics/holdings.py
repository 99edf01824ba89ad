"""What a topic holds, as somebody sees it who is about to put topics in order: exact where that is cheap."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column
from sqlmodel import Session, col, select

from bot.store.counting import MOST_COUNTED
from bot.store.tables.conversations import EntryRow, PostRow, QuestionRow
from bot.store.tables.matters import MatterRow
from bot.store.tables.people import ExpertiseRow, TopicRow
from bot.store.topics import standing
from bot.store.topics.about import is_about, was_public
from bot.store.topics.moves import newest_question
from routing.model.domain import WITHOUT_ANSWER

LOOKED_AT = 20_000
"""So many of the latest questions are looked at for how many are a topic's."""
_SHOWN = 50
_MATTERS = 8


@dataclass(frozen=True, slots=True)
class TopicHoldings:
    """What belongs to a topic; ``MOST_COUNTED`` + 1 stands for more."""

    people: int
    waiting: int
    latest: int
    """Of the latest ``LOOKED_AT`` questions."""
    entries: int
    matters: int
    goals: int


def holdings(session: Session, topic: TopicRow) -> TopicHoldings:
    """What belongs to a topic now."""
    counted = (
        _some(select(literal_column("1")).where(ExpertiseRow.topic_id == topic.id)),
        _some(
            select(literal_column("1")).where(
                col(QuestionRow.state).in_(WITHOUT_ANSWER), is_about(topic.slug)
            )
        ),
        _some(select(literal_column("1")).where(_latest(session), is_about(topic.slug))),
        _some(select(literal_column("1")).where(EntryRow.topic == topic.slug)),
        _some(select(literal_column("1")).where(MatterRow.topic == topic.slug)),
    )
    found = [int(session.execute(one).scalar_one()) for one in counted]
    people, waiting, latest, entries, matters = found
    goals = len(standing.goals_of(session, topic.slug))
    return TopicHoldings(people, waiting, latest, entries, matters, goals)


@dataclass(frozen=True, slots=True)
class HeldQuestion:
    """A question of a topic, to be looked at and chosen."""

    id: int
    text: str
    language: str | None
    matter_id: int | None


def latest_questions(session: Session, slug: str, limit: int = _SHOWN) -> list[HeldQuestion]:
    """The latest questions of a topic that anybody may read, the newest first."""
    found = session.execute(
        select(QuestionRow.id, QuestionRow.text, QuestionRow.language, QuestionRow.matter_id)
        .outerjoin(PostRow, col(PostRow.id) == QuestionRow.post_id)
        .where(_latest(session), is_about(slug), QuestionRow.text != "", was_public())
        .order_by(col(QuestionRow.id).desc())
        .limit(limit)
    ).all()
    return [HeldQuestion(*row) for row in found]


def matters_of(session: Session, slug: str) -> Sequence[MatterRow]:
    """The matters of a topic that most was asked about."""
    return session.exec(
        select(MatterRow)
        .where(MatterRow.topic == slug, col(MatterRow.merged_into).is_(None), MatterRow.questions > 1)
        .order_by(col(MatterRow.questions).desc(), col(MatterRow.id))
        .limit(_MATTERS)
    ).all()


def _latest(session: Session) -> ColumnElement[bool]:
    return col(QuestionRow.id) > newest_question(session) - LOOKED_AT


def _some(each: Any) -> Any:
    within = each.limit(MOST_COUNTED + 1).subquery()
    return select(func.count()).select_from(within)
