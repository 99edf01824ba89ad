"""Who is asked whether they know a topic, and what they have said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, func, or_, update
from sqlmodel import Session, col, select

from bot.roles import Permission, roles_with
from bot.store.tables.people import EmployeeRow, ExpertiseRow, TopicCallRow, TopicReplyRow, TopicRow
from routing.model.domain import EmployeeState

CALL_LASTS = timedelta(days=14)
"""So long after somebody asked, colleagues see it at their desks."""
_SHOWN = 100
_ANSWERING = tuple(sorted(roles_with(Permission.ANSWER)))


@dataclass(frozen=True, slots=True)
class AskedTopic:
    """A topic that somebody is asked about at their desk."""

    call_id: int
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class TopicReplies:
    """What colleagues have said of a topic, whenever they were asked."""

    known: Sequence[tuple[str, int]]
    """Names and levels of up to ``_SHOWN`` who know it, the best first; who has left is left out."""
    knowing: int
    """How many they are in all."""
    denied: int
    """How many said that it is not theirs."""


def is_open(call: TopicCallRow, now: datetime) -> bool:
    """Whether colleagues are still asked."""
    return call.closed_at is None and now < call.asked_at + CALL_LASTS


def latest(session: Session, topic_id: int) -> TopicCallRow | None:
    """The latest call for a topic, open or over."""
    return session.exec(
        select(TopicCallRow).where(TopicCallRow.topic_id == topic_id).order_by(col(TopicCallRow.id).desc())
    ).first()


def asked_of(session: Session, employee_id: int, now: datetime, limit: int) -> list[AskedTopic]:
    """What somebody is asked about now, the longest asked first."""
    found = session.execute(
        select(TopicCallRow.id, TopicRow.name, TopicRow.description)
        .join(TopicRow, col(TopicRow.id) == TopicCallRow.topic_id)
        .join(EmployeeRow, col(EmployeeRow.id) == employee_id)
        .where(
            col(TopicCallRow.closed_at).is_(None), TopicCallRow.asked_at > now - CALL_LASTS, _is_asked(now)
        )
        .order_by(col(TopicCallRow.id))
        .limit(limit)
    ).all()
    return [AskedTopic(*row) for row in found]


def left_to_ask(session: Session, topic_id: int, now: datetime) -> int:
    """How many people would see a call for this topic now."""
    statement = select(func.count()).select_from(EmployeeRow)
    return session.exec(statement.join(TopicRow, col(TopicRow.id) == topic_id).where(_is_asked(now))).one()


def has_said(session: Session, topic_id: int, employee_id: int) -> bool:
    """Whether it is known how well somebody knows a topic, or that they do not."""
    person = select(EmployeeRow.id).join(TopicRow, col(TopicRow.id) == topic_id)
    said = or_(_knows_it(), _has_replied())
    return session.exec(person.where(EmployeeRow.id == employee_id, said)).first() is not None


def replies(session: Session, topic_id: int) -> TopicReplies:
    """What was said of a topic in all its calls."""
    said = (
        select(EmployeeRow.name, TopicReplyRow.level)
        .join(TopicReplyRow, col(TopicReplyRow.employee_id) == EmployeeRow.id)
        .join(TopicCallRow, col(TopicCallRow.id) == TopicReplyRow.call_id)
        .where(TopicCallRow.topic_id == topic_id)
    )
    knowing = said.where(TopicReplyRow.level > 0, EmployeeRow.state != EmployeeState.LEFT)
    known = session.exec(
        knowing.order_by(col(TopicReplyRow.level).desc(), col(EmployeeRow.name), col(EmployeeRow.id)).limit(
            _SHOWN
        )
    ).all()
    counted = [
        select(func.count()).select_from(one.subquery())
        for one in (knowing, said.where(TopicReplyRow.level == 0))
    ]
    return TopicReplies(known, *(session.exec(one).one() for one in counted))


def replies_of(session: Session, employee_id: int) -> Sequence[tuple[str, int, datetime]]:
    """What somebody has said: topics by their short names, levels, and when."""
    return session.exec(
        select(TopicRow.slug, TopicReplyRow.level, TopicReplyRow.said_at)
        .join(TopicCallRow, col(TopicCallRow.topic_id) == TopicRow.id)
        .join(TopicReplyRow, col(TopicReplyRow.call_id) == TopicCallRow.id)
        .where(TopicReplyRow.employee_id == employee_id)
        .order_by(col(TopicReplyRow.said_at), col(TopicRow.slug))
    ).all()


def close(session: Session, topic_id: int, now: datetime) -> None:
    """Nobody is asked about a topic from now on."""
    session.execute(
        update(TopicCallRow)
        .where(col(TopicCallRow.topic_id) == topic_id, col(TopicCallRow.closed_at).is_(None))
        .values(closed_at=now)
    )


def move(session: Session, former: TopicRow, to: TopicRow, now: datetime) -> None:
    """What was said of one topic is said of another; nobody is asked about the one from now on."""
    close(session, former.id, now)
    session.execute(
        update(TopicCallRow).where(col(TopicCallRow.topic_id) == former.id).values(topic_id=to.id)
    )


def forget_topic(session: Session, topic_id: int) -> None:
    """A topic goes, and what was said of it."""
    of_it = select(TopicCallRow.id).where(TopicCallRow.topic_id == topic_id)
    session.execute(delete(TopicReplyRow).where(col(TopicReplyRow.call_id).in_(of_it)))
    session.execute(delete(TopicCallRow).where(col(TopicCallRow.topic_id) == topic_id))


def forget_employee(session: Session, employee_id: int) -> None:
    """What somebody has said is forgotten with them."""
    session.execute(delete(TopicReplyRow).where(col(TopicReplyRow.employee_id) == employee_id))


def _is_asked(now: datetime) -> ColumnElement[bool]:
    """Whether ``EmployeeRow`` takes part now, and it is not known yet how well they know ``TopicRow``."""
    return and_(
        col(EmployeeRow.state) == EmployeeState.ACTIVE,
        col(EmployeeRow.opted_in_at).is_not(None),
        col(EmployeeRow.role).in_(_ANSWERING),
        or_(col(EmployeeRow.paused_until).is_(None), col(EmployeeRow.paused_until) <= now),
        ~_knows_it(),
        ~_has_replied(),
    )


def _knows_it() -> ColumnElement[bool]:
    return (
        select(ExpertiseRow.level)
        .where(ExpertiseRow.employee_id == EmployeeRow.id, ExpertiseRow.topic_id == TopicRow.id)
        .correlate(EmployeeRow, TopicRow)
        .exists()
    )


def _has_replied() -> ColumnElement[bool]:
    of_topic = select(TopicCallRow.id).where(TopicCallRow.topic_id == TopicRow.id).correlate(TopicRow)
    return (
        select(TopicReplyRow.level)
        .where(TopicReplyRow.employee_id == EmployeeRow.id, col(TopicReplyRow.call_id).in_(of_topic))
        .correlate(EmployeeRow, TopicRow)
        .exists()
    )
