"""The people as those in charge see them: who is there, what they know, what they do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, String, case, cast, func, or_
from sqlmodel import Session, col, select

from bot.states import AnswerState
from bot.store.counting import MOST_COUNTED
from bot.store.paging import page
from bot.store.tables.conversations import AnswerRow
from bot.store.tables.departments import DepartmentPersonRow
from bot.store.tables.people import EmployeeRow, ExpertiseRow, IdentityRow, LoadRow, TopicRow
from routing.model.domain import EmployeeState


class TakesPart(StrEnum):
    """Whether somebody takes part now, as the list of people can be narrowed to."""

    ACTIVE = "active"
    PAUSED = "paused"
    INVITED = "invited"
    LEFT = "left"


class StaffLack(StrEnum):
    """What somebody who has not left may lack, as the list of people can be narrowed to."""

    SIGN_IN = "never signed in"
    HOURS = "no hours set"
    TOPICS = "no topics"


class StaffOrder(StrEnum):
    """What the list of people is ordered by."""

    NAME = "name"
    NEWEST = "newest first"
    LOAD = "most asked now"


@dataclass(frozen=True, slots=True)
class StaffFilter:
    """Which people a list is to hold; nothing given means any.

    ``words`` stand in a name, a title, a mail address or the handle of an account; ``state`` is a
    ``TakesPart`` or a ``StaffLack``.
    """

    words: str = ""
    topic: str = ""
    state: str = ""
    after: int | None = None
    department: int | None = None
    role: str = ""
    order: str = StaffOrder.NAME


@dataclass(frozen=True, slots=True)
class StaffLine:
    """An employee with what they do."""

    employee: EmployeeRow
    state: TakesPart
    topics: tuple[str, ...]
    answers: int
    open_offers: int
    asked_today: int
    """How many offers were made on the latest day on which any was, where that is the present one."""


def staff(session: Session, wanted: StaffFilter, now: datetime) -> tuple[list[StaffLine], int | None]:
    """A page of the people by name, those who left at the end, and where the next begins (None: nowhere)."""
    statement = select(EmployeeRow).where(*_conditions(wanted, now))
    rows, further = page(session, statement, _order(wanted.order), wanted.after)
    ids = [row.id for row in rows]
    known = _known(session, ids)
    answers = _answers(session, ids)
    kept = _loads(session, ids)
    return [
        StaffLine(
            row,
            _state(row, now),
            tuple(known.get(row.id, ())),
            answers.get(row.id, 0),
            kept[row.id].open_offers if row.id in kept else 0,
            _today(row, kept.get(row.id), now),
        )
        for row in rows
    ], further


def _order(named: str) -> list[Any]:
    """Those who left come last; the number of the row decides at the end."""
    name = func.lower(col(EmployeeRow.name))
    if named == StaffOrder.NEWEST:
        return [_has_left(), -col(EmployeeRow.id), col(EmployeeRow.id)]
    if named == StaffOrder.LOAD:
        return [_has_left(), -_open_offers(), name, col(EmployeeRow.id)]
    return [_has_left(), name, col(EmployeeRow.id)]


def _open_offers() -> Any:
    kept = select(LoadRow.open_offers).where(LoadRow.employee_id == EmployeeRow.id)
    return func.coalesce(kept.correlate(EmployeeRow).scalar_subquery(), 0)


def _loads(session: Session, ids: Sequence[int]) -> dict[int, LoadRow]:
    rows = session.exec(select(LoadRow).where(col(LoadRow.employee_id).in_(ids))).all()
    return {row.employee_id: row for row in rows}


def _today(employee: EmployeeRow, load: LoadRow | None, now: datetime) -> int:
    """How many offers were made to somebody today, by their own calendar."""
    if load is None or load.day != now.astimezone(ZoneInfo(employee.timezone)).date().isoformat():
        return 0
    return load.offers


def _has_left() -> ColumnElement[int]:
    return case((col(EmployeeRow.left_at).is_(None), 0), else_=1)


def _conditions(wanted: StaffFilter, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.words:
        columns = (col(EmployeeRow.name), col(EmployeeRow.email), col(EmployeeRow.title))
        handle = col(IdentityRow.handle).icontains(wanted.words.lstrip("@") or wanted.words, autoescape=True)
        named = col(EmployeeRow.id).in_(select(IdentityRow.employee_id).where(handle))
        found.append(or_(named, *[column.icontains(wanted.words, autoescape=True) for column in columns]))
    if wanted.role:
        found.append(col(EmployeeRow.role) == wanted.role)
    if wanted.topic:
        knowing = select(ExpertiseRow.employee_id).join(TopicRow, col(TopicRow.id) == ExpertiseRow.topic_id)
        found.append(col(EmployeeRow.id).in_(knowing.where(TopicRow.slug == wanted.topic)))
    if wanted.department is not None:
        inside = select(DepartmentPersonRow.employee_id)
        found.append(
            col(EmployeeRow.id).in_(inside.where(DepartmentPersonRow.department_id == wanted.department))
        )
    state, pausing = col(EmployeeRow.state), func.coalesce(col(EmployeeRow.paused_until) > now, False)
    conditions = {
        TakesPart.ACTIVE: (state == EmployeeState.ACTIVE) & ~pausing,
        TakesPart.PAUSED: (state == EmployeeState.PAUSED) | ((state == EmployeeState.ACTIVE) & pausing),
        TakesPart.INVITED: state == EmployeeState.INVITED,
        TakesPart.LEFT: state == EmployeeState.LEFT,
    }
    if wanted.state in conditions:
        found.append(conditions[TakesPart(wanted.state)])
    lacks = {
        StaffLack.SIGN_IN: col(EmployeeRow.signed_in_at).is_(None),
        StaffLack.HOURS: cast(col(EmployeeRow.shifts), String) == "[]",
        StaffLack.TOPICS: col(EmployeeRow.id).not_in(select(ExpertiseRow.employee_id)),
    }
    if wanted.state in lacks:
        found += [lacks[StaffLack(wanted.state)], state != EmployeeState.LEFT]
    return found


def _state(employee: EmployeeRow, now: datetime) -> TakesPart:
    pausing = employee.paused_until is not None and employee.paused_until > now
    return (
        TakesPart.PAUSED if pausing and employee.state == EmployeeState.ACTIVE else TakesPart(employee.state)
    )


def _known(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    known: dict[int, list[str]] = {}
    for employee_id, name, level in session.exec(
        select(ExpertiseRow.employee_id, TopicRow.name, ExpertiseRow.level)
        .join(TopicRow, col(TopicRow.id) == ExpertiseRow.topic_id)
        .where(col(ExpertiseRow.employee_id).in_(ids))
        .order_by(col(ExpertiseRow.level).desc(), col(TopicRow.name))
    ).all():
        known.setdefault(employee_id, []).append(f"{name} {level}")
    return known


def _answers(session: Session, ids: Sequence[int]) -> dict[int, int]:
    """How many answers of these people are published; ``MOST_COUNTED`` + 1 stands for more."""
    some = select(AnswerRow.id).where(
        AnswerRow.employee_id == EmployeeRow.id, AnswerRow.state == AnswerState.PUBLISHED
    )
    within = some.limit(MOST_COUNTED + 1).correlate(EmployeeRow).subquery()
    number = select(func.count()).select_from(within).scalar_subquery()
    return dict(session.exec(select(EmployeeRow.id, number).where(col(EmployeeRow.id).in_(ids))).all())
