"""Which departments there are, what they answer for, and who is in them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, update
from sqlmodel import Session, col, select

from bot.store import rows
from bot.store.tables.departments import DepartmentPersonRow, DepartmentRow, DepartmentTopicRow
from bot.store.tables.matters import MatterRow
from bot.store.tables.people import EmployeeRow, TopicRow
from bot.store.topics.named import former_slugs
from routing.model.domain import EmployeeState


@dataclass(frozen=True, slots=True)
class DepartmentSummary:
    """A department in one line: the names of its topics and of who is in charge, and how many are in it."""

    row: DepartmentRow
    topics: tuple[str, ...]
    leads: tuple[str, ...]
    people: int


def listed(session: Session, only: Collection[int] | None = None, words: str = "") -> list[DepartmentSummary]:
    """The departments by name, those retired at the end; with ``only`` these alone.

    With ``words`` those that hold them: in name, description, mail address, a topic, or somebody in it.
    """
    statement = select(DepartmentRow).order_by(func.lower(col(DepartmentRow.name)), col(DepartmentRow.id))
    if only is not None:
        statement = statement.where(col(DepartmentRow.id).in_(sorted(only)))
    found = session.exec(statement).all()
    topics, people = _topic_names(session), _people(session)
    lines = [
        DepartmentSummary(
            row,
            tuple(topics.get(row.id, ())),
            tuple(name for name, leads in people.get(row.id, ()) if leads),
            len(people.get(row.id, ())),
        )
        for row in found
    ]
    wanted = words.casefold()
    if wanted:
        lines = [one for one in lines if wanted in _said(one, people.get(one.row.id, ())).casefold()]
    return sorted(lines, key=lambda one: one.row.retired_at is not None)


def _said(one: DepartmentSummary, people: Sequence[tuple[str, bool]]) -> str:
    row = one.row
    return "\n".join((row.name, row.description, row.email or "", *one.topics, *(name for name, _ in people)))


def _topic_names(session: Session) -> dict[int, list[str]]:
    names: dict[int, list[str]] = {}
    for department, name in session.exec(
        select(DepartmentTopicRow.department_id, TopicRow.name)
        .join(TopicRow, col(TopicRow.id) == DepartmentTopicRow.topic_id)
        .order_by(col(TopicRow.name))
    ).all():
        names.setdefault(department, []).append(name)
    return names


def _people(session: Session) -> dict[int, list[tuple[str, bool]]]:
    people: dict[int, list[tuple[str, bool]]] = {}
    for department, name, leads in session.exec(
        select(DepartmentPersonRow.department_id, EmployeeRow.name, DepartmentPersonRow.leads)
        .join(EmployeeRow, col(EmployeeRow.id) == DepartmentPersonRow.employee_id)
        .order_by(col(EmployeeRow.name))
    ).all():
        people.setdefault(department, []).append((name, leads))
    return people


def names(session: Session) -> dict[int, str]:
    """The departments that answer for something, by name."""
    statement = select(DepartmentRow.id, DepartmentRow.name).where(col(DepartmentRow.retired_at).is_(None))
    return dict(session.exec(statement.order_by(func.lower(col(DepartmentRow.name)))).all())


def is_taken(session: Session, name: str, but: int | None) -> bool:
    """Whether another department that is not retired has this name."""
    statement = select(DepartmentRow.id).where(
        func.lower(col(DepartmentRow.name)) == name.lower(),
        col(DepartmentRow.retired_at).is_(None),
        col(DepartmentRow.id) != (but or 0),
    )
    return session.exec(statement).first() is not None


def topic_ids_of(session: Session, department_id: int) -> set[int]:
    """The topics that were given to a department, without those below them."""
    statement = select(DepartmentTopicRow.topic_id).where(DepartmentTopicRow.department_id == department_id)
    return set(session.exec(statement).all())


def owners_of_topics(session: Session) -> dict[int, int]:
    """Which department each topic was given to, both by their numbers."""
    return dict(session.exec(select(DepartmentTopicRow.topic_id, DepartmentTopicRow.department_id)).all())


def give_topics(session: Session, department_id: int, topic_ids: Collection[int]) -> None:
    """Make these all the topics that a department answers for; none of them may be another one's."""
    session.execute(delete(DepartmentTopicRow).where(col(DepartmentTopicRow.department_id) == department_id))
    rows.keep(
        session,
        *(DepartmentTopicRow(topic_id=one, department_id=department_id) for one in sorted(topic_ids)),
    )


def of_topics(session: Session) -> dict[str, int]:
    """The department of each topic that has one, by its slug; what is below a topic belongs with it."""
    given = dict(
        session.exec(
            select(TopicRow.slug, DepartmentTopicRow.department_id).join(
                DepartmentTopicRow, col(DepartmentTopicRow.topic_id) == TopicRow.id
            )
        ).all()
    )
    if not given:
        return {}
    parents = dict(session.exec(select(TopicRow.slug, TopicRow.parent)).all())
    found = {}
    for slug in parents:
        above: str | None = slug
        while above is not None and above not in given:
            above = parents.get(above)
        if above is not None:
            found[slug] = given[above]
    before = former_slugs(session)
    return found | {slug: found[now] for slug, now in before.items() if now in found}


def slugs_of(session: Session, department_id: int) -> tuple[str, ...]:
    """The topics that a department answers for, those below them included."""
    return tuple(sorted(slug for slug, number in of_topics(session).items() if number == department_id))


def of_matter(session: Session, matter: MatterRow) -> DepartmentRow | None:
    """The department that answers for a matter: whom a person chose, else that of its topic."""
    number = matter.department_id or of_topics(session).get(matter.topic or "")
    return rows.find(session, DepartmentRow, number)


def answers_for(session: Session, department_id: int) -> ColumnElement[bool]:
    """Whether a matter is a department's, as a condition."""
    by_topic = col(MatterRow.department_id).is_(None) & col(MatterRow.topic).in_(
        slugs_of(session, department_id)
    )
    return (col(MatterRow.department_id) == department_id) | by_topic


def answers_for_nobody(session: Session) -> ColumnElement[bool]:
    """Whether a matter is no department's, as a condition."""
    topic = col(MatterRow.topic)
    return col(MatterRow.department_id).is_(None) & (
        topic.is_(None) | topic.not_in(sorted(of_topics(session)))
    )


def led_by(session: Session, employee_id: int) -> list[int]:
    """The departments that somebody is in charge of, and that are not retired."""
    statement = (
        select(DepartmentPersonRow.department_id)
        .join(DepartmentRow, col(DepartmentRow.id) == DepartmentPersonRow.department_id)
        .where(
            DepartmentPersonRow.employee_id == employee_id,
            col(DepartmentPersonRow.leads).is_(True),
            col(DepartmentRow.retired_at).is_(None),
        )
    )
    return sorted(session.exec(statement).all())


def departments_of(session: Session, employee_id: int) -> Sequence[tuple[str, bool]]:
    """The names of the departments that somebody is in, and whether they are in charge there."""
    statement = (
        select(DepartmentRow.name, DepartmentPersonRow.leads)
        .join(DepartmentRow, col(DepartmentRow.id) == DepartmentPersonRow.department_id)
        .where(DepartmentPersonRow.employee_id == employee_id)
        .order_by(col(DepartmentRow.name))
    )
    return session.exec(statement).all()


def leads_of(session: Session, department_id: int) -> list[EmployeeRow]:
    """Who is in charge of a department, by name; those who left the company are not among them."""
    statement = (
        select(EmployeeRow)
        .join(DepartmentPersonRow, col(DepartmentPersonRow.employee_id) == EmployeeRow.id)
        .where(
            DepartmentPersonRow.department_id == department_id,
            col(DepartmentPersonRow.leads).is_(True),
            EmployeeRow.state != EmployeeState.LEFT,
        )
        .order_by(col(EmployeeRow.name), col(EmployeeRow.id))
    )
    return list(session.exec(statement).all())


def put_in(session: Session, department_id: int, employee_id: int, *, leads: bool) -> None:
    """Somebody is in a department from now on, in charge of it or not."""
    rows.put(session, DepartmentPersonRow, department_id=department_id, employee_id=employee_id, leads=leads)


def take_out(session: Session, department_id: int, employee_id: int) -> bool:
    """Somebody is in a department no more; whether they were is returned."""
    person = session.get(DepartmentPersonRow, (department_id, employee_id))
    if person is None:
        return False
    session.delete(person)
    session.flush()
    return True


def put_in_charge_of_nothing(session: Session, employee_id: int) -> None:
    """Somebody is in charge of no department any more; they stay in those they are in."""
    session.execute(
        update(DepartmentPersonRow)
        .where(col(DepartmentPersonRow.employee_id) == employee_id, col(DepartmentPersonRow.leads))
        .values(leads=False)
        .execution_options(synchronize_session=False)
    )


def take_out_everywhere(session: Session, employee_id: int) -> None:
    """Somebody is in no department any more."""
    session.execute(delete(DepartmentPersonRow).where(col(DepartmentPersonRow.employee_id) == employee_id))


def retire(session: Session, row: DepartmentRow, now: datetime) -> None:
    """Nothing is a department's any more: its topics are free, and matters go by their topics again."""
    row.retired_at = now
    session.execute(
        update(MatterRow)
        .where(col(MatterRow.department_id) == row.id)
        .values(department_id=None)
        .execution_options(synchronize_session=False)
    )
    give_topics(session, row.id, ())
    rows.keep(session, row)
