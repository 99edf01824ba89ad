"""Weekly digests: who gets one, which were put into the outbox, and what they tell when they go out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from bot.channels.digest import Digest, DigestFigures, DigestLine
from bot.roles import Permission, roles_with
from bot.states import DeliveryKind, DeliveryState, MatterState
from bot.store import rows
from bot.store.departments import answers, directory
from bot.store.departments.drivers import DriverFacet, drivers, in_all, matters_named, period
from bot.store.departments.named_outside import NamedMatter, named_outside
from bot.store.dialects import insert_of
from bot.store.tables.columns import table_of
from bot.store.tables.conversations import DeliveryRow
from bot.store.tables.departments import DepartmentPersonRow, DepartmentRow
from bot.store.tables.people import EmployeeRow
from bot.store.tables.values import Notice
from routing.matters.drivers import Driver, movers
from routing.model.domain import EmployeeState

HOUSE = 0
"""Stands for the house as a whole, where a department's number is asked for."""
_MOST_READ = 200
_MOST_TOLD = 5
_FEWEST_WAITING = 2
"""People who asked in the week: a matter of fewer waits for no department's word."""


@dataclass(frozen=True, slots=True)
class DigestReader:
    """Who gets the digest of a department (or ``HOUSE``); without an employee it is its own address."""

    department: int
    employee: int | None
    timezone: str


def readers(session: Session, zone: str) -> list[DigestReader]:
    """Everybody who gets a digest; departments' own addresses go by the brand's ``zone``."""
    house = session.exec(
        select(EmployeeRow.id, EmployeeRow.timezone).where(*_wanted(), *_in_charge_of_house())
    ).all()
    leads = session.exec(
        select(DepartmentPersonRow.department_id, EmployeeRow.id, EmployeeRow.timezone)
        .join(EmployeeRow, col(EmployeeRow.id) == DepartmentPersonRow.employee_id)
        .join(DepartmentRow, col(DepartmentRow.id) == DepartmentPersonRow.department_id)
        .where(*_wanted(), *_in_charge_of_department())
    ).all()
    boxes = session.exec(
        select(DepartmentRow.id).where(DepartmentRow.email != "", col(DepartmentRow.retired_at).is_(None))
    ).all()
    return [
        *(DigestReader(HOUSE, number, theirs) for number, theirs in house),
        *(DigestReader(department, number, theirs) for department, number, theirs in leads),
        *(DigestReader(department, None, zone) for department in boxes),
    ]


def still_reads(session: Session, row: DeliveryRow, department: int) -> bool:
    """Whether whoever a digest is for still is to get it."""
    if row.employee_id is None:
        return mailbox(session, department) is not None
    asked = select(EmployeeRow.id).where(EmployeeRow.id == row.employee_id, *_wanted())
    if department == HOUSE:
        asked = asked.where(*_in_charge_of_house())
    else:
        asked = (
            asked.join(DepartmentPersonRow, col(DepartmentPersonRow.employee_id) == EmployeeRow.id)
            .join(DepartmentRow, col(DepartmentRow.id) == DepartmentPersonRow.department_id)
            .where(DepartmentRow.id == department, *_in_charge_of_department())
        )
    return session.exec(asked).first() is not None


def _wanted() -> tuple[ColumnElement[bool], ...]:
    return (col(EmployeeRow.digest).is_(True), col(EmployeeRow.state) != EmployeeState.LEFT)


def _in_charge_of_house() -> tuple[ColumnElement[bool], ...]:
    return (col(EmployeeRow.role).in_(roles_with(Permission.DECIDE)),)


def _in_charge_of_department() -> tuple[ColumnElement[bool], ...]:
    return (
        col(EmployeeRow.role).in_(roles_with(Permission.ANSWER_MATTERS)),
        col(DepartmentPersonRow.leads).is_(True),
        col(DepartmentRow.retired_at).is_(None),
    )


def mailbox(session: Session, department: int) -> DepartmentRow | None:
    """A department whose own address gets its digest; None where it has no address, or is retired."""
    row = rows.find(session, DepartmentRow, department)
    return row if row is not None and row.email and row.retired_at is None else None


def key_of(channel: str, reader: DigestReader, week: date) -> str:
    """The same for the same reader's digest of the same week: the outbox takes it once."""
    return f"notice:{channel}:digest:{reader.department}:{reader.employee or 0}:{week.isoformat()}"


def known(session: Session, keys: Collection[str]) -> set[str]:
    """Those of these digests that have been in the outbox already."""
    if not keys:
        return set()
    return set(session.exec(select(DeliveryRow.key).where(col(DeliveryRow.key).in_(sorted(keys)))).all())


def queue(session: Session, channel: str, reader: DigestReader, week: date, now: datetime) -> bool:
    """Put a digest into the outbox; False where it has been there already, whoever put it in.

    The database decides: of two who do at once, one does.
    """
    kept = table_of(DeliveryRow)
    values = DeliveryRow(
        kind=DeliveryKind.NOTICE,
        platform=channel,
        key=key_of(channel, reader, week),
        employee_id=reader.employee,
        payload=Notice(digest=reader.department, week=week.isoformat()).stored(),
        state=DeliveryState.READY,
        created_at=now,
        due_at=now,
    ).model_dump(exclude={"id"})
    insert = insert_of(session.get_bind().dialect.name)(kept).values(values)
    fresh = insert.on_conflict_do_nothing(index_elements=["key"]).returning(kept.c.id)
    return session.execute(fresh).scalar_one_or_none() is not None


def topics_of(session: Session, department: int) -> frozenset[str] | None:
    """The topics that a department answers for now; None for the house, which answers for all."""
    if department == HOUSE:
        return None
    return frozenset(slug for slug, owner in directory.of_topics(session).items() if owner == department)


def of_week(
    session: Session, department: int, week: date, zone: str, figures: DigestFigures | None = None
) -> Digest:
    """What there is to tell of the seven days before ``week``, a day in the reader's zone."""
    at = period(session, datetime.combine(week, time(), ZoneInfo(zone)))
    whose = None if department == HOUSE else department
    found = drivers(session, at, DriverFacet.MATTER, whose, _MOST_READ)
    total = in_all(session, at, whose)
    named = matters_named(session, [int(one.key or 0) for one in found])
    called = named_outside(session, named.values())
    answered = answers.standing(session, named)
    waiting = [
        one
        for one in found
        if one.now >= _FEWEST_WAITING
        and one.key not in answered
        and named[int(one.key or 0)].state == MatterState.OPEN
    ]
    asked = [one for one in found if one.now]
    row = rows.find(session, DepartmentRow, whose)
    return Digest(
        department=row.name if row is not None else "",
        first=week - timedelta(days=7),
        last=week - timedelta(days=1),
        zone=zone,
        people=total.now,
        usual=total.usual,
        drivers=_lines(asked, called),
        movers=_lines(movers(found, _MOST_TOLD), called),
        waiting=_lines(waiting, called),
        place="/admin/drivers" if whose is None else f"/admin/departments/{whose}",
        figures=figures,
    )


def _lines(found: Sequence[Driver], called: Mapping[int, NamedMatter]) -> tuple[DigestLine, ...]:
    told = []
    for one in found[:_MOST_TOLD]:
        matter = called[int(one.key or 0)]
        kinds = (one.is_more, one.is_new, matter.topic)
        told.append(DigestLine(matter.number, matter.title, one.now, one.usual, *kinds))
    return tuple(told)
