"""What ``chorus doctor`` reads: who there is, and the state of the database itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from bot.roles import Permission, roles_with
from bot.store.engine import Database
from bot.store.tables.people import EmployeeRow, ExpertiseRow, TopicRow
from routing.model.domain import EmployeeState


@dataclass(frozen=True, slots=True)
class Staff:
    """Who there is. ``unknown_topics`` are those that nobody who takes part knows."""

    everybody: int
    taking_part: int
    in_charge: int
    unknown_topics: Sequence[str]


def staff(session: Session) -> Staff:
    """Count the people and find topics that nobody knows."""
    here = col(EmployeeRow.state) != EmployeeState.LEFT
    takes_part = here & col(EmployeeRow.opted_in_at).is_not(None)
    known = (
        select(ExpertiseRow.topic_id)
        .join(EmployeeRow, col(EmployeeRow.id) == ExpertiseRow.employee_id)
        .where(takes_part)
    )
    unknown = session.exec(
        select(TopicRow.slug).where(col(TopicRow.id).not_in(known)).order_by(col(TopicRow.slug))
    ).all()
    charge = col(EmployeeRow.role).in_(roles_with(Permission.MANAGE_PEOPLE))
    return Staff(
        everybody=_count(session, EmployeeRow, here),
        taking_part=_count(session, EmployeeRow, takes_part),
        in_charge=_count(session, EmployeeRow, here & charge),
        unknown_topics=unknown,
    )


def clock_skew(database: Database) -> float:
    """How many seconds this machine's clock is ahead of the database's."""
    with database.read() as session:
        before = datetime.now(UTC)
        there = database.now(session)
        after = datetime.now(UTC)
    return ((before + (after - before) / 2) - there).total_seconds()


def size(database: Database) -> int | None:
    """The size of a PostgreSQL database in bytes; None for a file, which can be looked at."""
    if database.is_sqlite:
        return None
    with database.read() as session:
        return int(session.execute(text("SELECT pg_database_size(current_database())")).scalar_one())


def _count(session: Session, table: type[object], condition: object) -> int:
    return int(session.execute(select(func.count()).select_from(table).where(condition)).scalar_one())  # type: ignore[arg-type]
