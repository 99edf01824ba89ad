"""What stands about a topic beside questions: who knows it, whose it is, its goals, how it was called."""

from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from bot.store import rows
from bot.store.tables.departments import DepartmentTopicRow
from bot.store.tables.figures import GoalRow
from bot.store.tables.people import ExpertiseRow, FormerSlugRow, TopicRow
from routing.model.domain import ExpertiseSource

_TRUSTED = (ExpertiseSource.DECLARED, ExpertiseSource.LEARNED, ExpertiseSource.ENDORSED)
"""Where somebody is known to know two topics that become one, the later one stays."""


def copy_people(session: Session, former: TopicRow, to: TopicRow) -> None:
    """Whoever knows one topic knows another: at the higher level, from the better source."""
    known = {
        row.employee_id: row
        for row in session.exec(select(ExpertiseRow).where(ExpertiseRow.topic_id == to.id)).all()
    }
    for row in session.exec(select(ExpertiseRow).where(ExpertiseRow.topic_id == former.id)).all():
        theirs = known.get(row.employee_id)
        if theirs is None:
            theirs = ExpertiseRow(
                employee_id=row.employee_id, topic_id=to.id, level=row.level, source=row.source
            )
        theirs.level = max(theirs.level, row.level)
        theirs.source = max(
            ExpertiseSource(theirs.source), ExpertiseSource(row.source), key=_TRUSTED.index
        ).value
        session.add(theirs)
    session.flush()


def department_of(session: Session, topic: TopicRow) -> int | None:
    """The department that answers for a topic itself."""
    row = rows.find(session, DepartmentTopicRow, topic.id)
    return None if row is None else row.department_id


def give_department(session: Session, topic: TopicRow, department_id: int | None) -> None:
    """A department answers for a topic that nobody answers for so far."""
    if department_id is not None and department_of(session, topic) is None:
        rows.keep(session, DepartmentTopicRow(topic_id=topic.id, department_id=department_id))


def move_goals(session: Session, former: str, slug: str) -> None:
    """What is wanted of one topic is wanted of another; what is wanted there already is not wanted twice."""
    known = {_wants(one) for one in goals_of(session, slug)}
    for goal in goals_of(session, former):
        if _wants(goal) in known:
            session.delete(goal)
        else:
            goal.topic = slug
            session.add(goal)
    session.flush()


def goals_of(session: Session, slug: str) -> list[GoalRow]:
    """The goals for a topic."""
    return list(session.exec(select(GoalRow).where(GoalRow.topic == slug).order_by(col(GoalRow.id))).all())


def _wants(goal: GoalRow) -> tuple[str, int, int, bool, int]:
    return goal.measure, goal.percent, goal.within_seconds, goal.in_hours, goal.days


def move_below(session: Session, former: str, slug: str, above: str | None) -> None:
    """What was below one topic is below another; that one itself, if it was, is below ``above`` now."""
    session.execute(
        update(TopicRow)
        .where(col(TopicRow.parent) == former, col(TopicRow.slug) == slug)
        .values(parent=above)
    )
    session.execute(update(TopicRow).where(col(TopicRow.parent) == former).values(parent=slug))
    session.expire_all()


def lead_to(session: Session, slug: str, topic: TopicRow, now: datetime) -> None:
    """Addresses with this short name lead to the topic from now on."""
    rows.put(session, FormerSlugRow, slug=slug, topic_id=topic.id, since=now)


def lead_all_to(session: Session, former: TopicRow, topic: TopicRow) -> None:
    """What led to one topic leads to another."""
    session.execute(
        update(FormerSlugRow).where(col(FormerSlugRow.topic_id) == former.id).values(topic_id=topic.id)
    )
    session.execute(
        update(TopicRow).where(col(TopicRow.successor_id) == former.id).values(successor_id=topic.id)
    )


def former_of(session: Session, topic: TopicRow) -> list[FormerSlugRow]:
    """The short names that lead to a topic, the latest first."""
    statement = select(FormerSlugRow).where(FormerSlugRow.topic_id == topic.id)
    return list(
        session.exec(statement.order_by(col(FormerSlugRow.since).desc(), col(FormerSlugRow.slug))).all()
    )


def former(session: Session, slug: str) -> FormerSlugRow | None:
    """Where a short name leads that no topic has any more."""
    return rows.find(session, FormerSlugRow, slug)


def forget(session: Session, slug: str) -> bool:
    """A short name leads nowhere from now on; False where it did not."""
    gone = delete(FormerSlugRow).where(col(FormerSlugRow.slug) == slug).returning(col(FormerSlugRow.slug))
    return session.execute(gone).first() is not None
