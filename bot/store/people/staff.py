"""Employees and what they declare to know, as rows."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import func, or_, update
from sqlmodel import Session, col, select

from bot.roles import Role
from bot.store.tables.people import EmployeeRow, ExpertiseRow, IdentityRow, TopicRow
from bot.text.naming_colleagues import KnownColleague
from routing.model.domain import EmployeeState


def by_email(session: Session, email: str) -> EmployeeRow | None:
    """Who has this address, whatever their state."""
    wanted = email.strip().lower()
    return session.exec(select(EmployeeRow).where(EmployeeRow.email == wanted)).first()


def everybody(session: Session, *, gone_too: bool = False) -> list[EmployeeRow]:
    """All employees by name; those who left only where asked for."""
    statement = select(EmployeeRow).order_by(col(EmployeeRow.name), col(EmployeeRow.id))
    if not gone_too:
        statement = statement.where(EmployeeRow.state != EmployeeState.LEFT)
    return list(session.exec(statement).all())


def accounts_of(session: Session, employee_id: int) -> list[IdentityRow]:
    statement = select(IdentityRow).where(IdentityRow.employee_id == employee_id)
    return list(session.exec(statement.order_by(col(IdentityRow.platform), col(IdentityRow.handle))).all())


def held_with_role(session: Session, roles: Iterable[Role]) -> Sequence[EmployeeRow]:
    """Everybody with one of these roles, held until the transaction ends."""
    return session.exec(
        select(EmployeeRow)
        .where(col(EmployeeRow.role).in_(list(roles)), EmployeeRow.state != EmployeeState.LEFT)
        .order_by(col(EmployeeRow.id))
        .with_for_update(key_share=True),
        execution_options={"populate_existing": True},
    ).all()


def ask_to_accept_anew(session: Session) -> None:
    """Everybody who takes part accepts the guidelines again before they go on at the desk."""
    taking_part = col(EmployeeRow.opted_in_at).is_not(None) & (EmployeeRow.state != EmployeeState.LEFT)
    session.execute(update(EmployeeRow).where(taking_part).values(accepts_anew=True))


def yet_to_accept(session: Session) -> int:
    """How many people have not accepted the present guidelines, of those who take part."""
    statement = select(func.count()).where(
        col(EmployeeRow.accepts_anew), EmployeeRow.state != EmployeeState.LEFT
    )
    return session.exec(statement).one()


def others_with_role(session: Session, roles: Iterable[Role], person_id: int) -> bool:
    """Whether somebody else who has not left has one of these roles."""
    statement = select(EmployeeRow.id).where(
        col(EmployeeRow.role).in_(list(roles)),
        EmployeeRow.state != EmployeeState.LEFT,
        EmployeeRow.id != person_id,
    )
    return session.exec(statement.limit(1)).first() is not None


def anybody(session: Session) -> bool:
    """Whether anybody works here who has not left."""
    found = session.exec(
        select(EmployeeRow.id).where(EmployeeRow.state != EmployeeState.LEFT).limit(1)
    ).first()
    return found is not None


def anybody_with_role(session: Session, roles: Iterable[Role]) -> bool:
    """Whether somebody who has not left has one of these roles."""
    found = session.exec(
        select(EmployeeRow.id)
        .where(col(EmployeeRow.role).in_(list(roles)), EmployeeRow.state != EmployeeState.LEFT)
        .limit(1)
    ).first()
    return found is not None


def named_with_role(session: Session, roles: Iterable[Role], limit: int) -> Sequence[tuple[str, str]]:
    """Address and name of up to ``limit`` people with one of these roles, by name."""
    return session.exec(
        select(EmployeeRow.email, EmployeeRow.name)
        .where(col(EmployeeRow.role).in_(list(roles)), EmployeeRow.state != EmployeeState.LEFT)
        .order_by(col(EmployeeRow.name), col(EmployeeRow.id))
        .limit(limit)
    ).all()


def named_like(session: Session, words: str, limit: int) -> Sequence[EmployeeRow]:
    """Up to ``limit`` people whose name or address has these words, whatever their state."""
    columns = (col(EmployeeRow.name), col(EmployeeRow.email))
    has_words = or_(*[column.icontains(words, autoescape=True) for column in columns])
    return session.exec(select(EmployeeRow).where(has_words).order_by(col(EmployeeRow.id)).limit(limit)).all()


def names(session: Session, ids: Collection[int]) -> dict[int, str]:
    """The names of these people, whatever their state, by id; who is not there is left out."""
    if not ids:
        return {}
    statement = select(EmployeeRow.id, EmployeeRow.name).where(col(EmployeeRow.id).in_(ids))
    return dict(session.exec(statement).all())


def called(session: Session, name: str) -> Sequence[EmployeeRow]:
    """Two people at most whose name this is and who have not left, whatever its capitals."""
    statement = select(EmployeeRow).where(
        func.lower(col(EmployeeRow.name)) == " ".join(name.split()).lower(),
        EmployeeRow.state != EmployeeState.LEFT,
    )
    return session.exec(statement.order_by(col(EmployeeRow.id)).limit(2)).all()


def colleagues(session: Session) -> list[KnownColleague]:
    """Everybody who has not left, as far as a text may name them."""
    statement = select(EmployeeRow.id, EmployeeRow.name, EmployeeRow.email)
    found = session.exec(statement.where(EmployeeRow.state != EmployeeState.LEFT)).all()
    return [KnownColleague(*one) for one in found]


def levels_of(session: Session, employee_id: int) -> dict[str, int]:
    """The topics that somebody knows, with their level, the best known first."""
    rows = session.exec(
        select(TopicRow.slug, ExpertiseRow.level)
        .join(TopicRow, col(TopicRow.id) == ExpertiseRow.topic_id)
        .where(ExpertiseRow.employee_id == employee_id)
        .order_by(col(ExpertiseRow.level).desc(), col(TopicRow.slug))
    ).all()
    return dict(rows)


def declare(session: Session, employee_id: int, levels: Mapping[int, int]) -> None:
    """Make these, topic id -> level, all that somebody knows; of retired topics they keep what they knew."""
    theirs = session.exec(select(ExpertiseRow).where(ExpertiseRow.employee_id == employee_id)).all()
    current = {row.topic_id: row for row in theirs}
    retired = set(session.exec(select(TopicRow.id).where(col(TopicRow.retired_at).is_not(None))).all())
    for topic_id, row in current.items():
        if topic_id not in levels and topic_id not in retired:
            session.delete(row)
    for topic_id, level in levels.items():
        known = current.get(topic_id) or ExpertiseRow(employee_id=employee_id, topic_id=topic_id)
        known.level = level
        session.add(known)
    session.flush()
