"""What goes out soon, or just has, as those who answer may know of it: before customers can ask about it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from bot.states import AnnouncementState
from bot.store.paging import PAGE, page
from bot.store.tables.announcements import AnnouncementRow, SeenBefore
from bot.store.tables.departments import DepartmentPersonRow

AFTERWARDS = timedelta(days=7)
"""So long after it is out it stays on the list."""
_BEFORE = (AnnouncementState.APPROVED, AnnouncementState.PLANNED, AnnouncementState.PUBLISHING)
_AT_LAST = datetime(9000, 1, 1, tzinfo=UTC)
"""When goes out what nobody has planned, in the order of the list."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who wants to know; ``sees_all`` whoever is in charge of announcements, or watches them."""

    employee_id: int
    sees_all: bool = False


def coming(
    session: Session, reader: Reader, after: int | None = None
) -> tuple[list[AnnouncementRow], int | None]:
    """A page of what is approved and not out, the next first, and from where to go on."""
    statement = select(AnnouncementRow).where(
        col(AnnouncementRow.state).in_(_BEFORE),
        col(AnnouncementRow.corrects_id).is_(None),
        col(AnnouncementRow.published_at).is_(None),
    )
    if not reader.sees_all:
        is_told = col(AnnouncementRow.seen_before) != SeenBefore.NOBODY
        statement = statement.where(or_(is_told, col(AnnouncementRow.proposed_by) == reader.employee_id))
    goes_out = func.coalesce(col(AnnouncementRow.planned_at), _AT_LAST)
    found, further = page(session, statement, [goes_out, col(AnnouncementRow.id)], after)
    mine = _departments(session, reader)
    return [one for one in found if _may_know(one, reader, mine)], further


def just_out(session: Session, now: datetime) -> list[AnnouncementRow]:
    """What went out in the last days, the latest first."""
    at = col(AnnouncementRow.published_at)
    out = select(AnnouncementRow).where(at > now - AFTERWARDS, col(AnnouncementRow.corrects_id).is_(None))
    return list(session.exec(out.order_by(at.desc()).limit(PAGE)).all())


def one(session: Session, announcement_id: int, reader: Reader) -> AnnouncementRow | None:
    """One of those that somebody may know of, however long it is out."""
    row = session.get(AnnouncementRow, announcement_id)
    if row is None or row.corrects_id is not None:
        return None
    is_there = row.state in _BEFORE or row.published_at is not None
    mine = _departments(session, reader)
    is_theirs = row.proposed_by == reader.employee_id or reader.sees_all
    return row if is_theirs or (is_there and _may_know(row, reader, mine)) else None


def _departments(session: Session, reader: Reader) -> set[int]:
    statement = select(DepartmentPersonRow.department_id).where(
        DepartmentPersonRow.employee_id == reader.employee_id
    )
    return set(session.exec(statement).all())


def _may_know(row: AnnouncementRow, reader: Reader, departments: set[int]) -> bool:
    if row.published_at is not None or reader.sees_all or row.proposed_by == reader.employee_id:
        return True
    if row.seen_before == SeenBefore.DEPARTMENTS:
        return bool(departments & set(row.departments))
    return row.seen_before == SeenBefore.EVERYBODY
