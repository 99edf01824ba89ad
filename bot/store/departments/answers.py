"""What departments said that they do about matters, and what came of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from bot.states import AnswerState, DepartmentAnswerKind
from bot.store.departments.drivers import asked_in
from bot.store.figures import votes
from bot.store.tables.columns import among
from bot.store.tables.conversations import AnswerRow, QuestionRow
from bot.store.tables.departments import DepartmentAnswerRow, DepartmentRow
from bot.store.tables.matters import MatterRow
from bot.store.tables.people import EmployeeRow
from routing.matters.drivers import DriverPeriod
from routing.matters.effect import FixEffect, Weeks, effect_of, weeks_after, weeks_before
from routing.model.domain import QuestionState

_NO_QUESTIONS = (QuestionState.WITHDRAWN, QuestionState.DISMISSED, QuestionState.JOINED)


@dataclass(frozen=True, slots=True)
class SaidAnswer:
    """What a department said, with who said it and for which department."""

    row: DepartmentAnswerRow
    by: str
    department: str


def history(session: Session, matter_id: int) -> list[SaidAnswer]:
    """Everything that was said on a matter, also what was taken back, the latest first."""
    found = session.exec(
        select(DepartmentAnswerRow, EmployeeRow.name, DepartmentRow.name)
        .join(EmployeeRow, col(EmployeeRow.id) == DepartmentAnswerRow.said_by)
        .outerjoin(DepartmentRow, col(DepartmentRow.id) == col(DepartmentAnswerRow.department_id))
        .where(DepartmentAnswerRow.matter_id == matter_id)
        .order_by(col(DepartmentAnswerRow.id).desc())
    ).all()
    return [SaidAnswer(row, by, department or "") for row, by, department in found]


def standing(session: Session, matter_ids: Collection[int]) -> dict[int, list[DepartmentAnswerRow]]:
    """What departments say on each of these matters and did not take back, the latest first."""
    if not matter_ids:
        return {}
    statement = select(DepartmentAnswerRow).where(
        col(DepartmentAnswerRow.matter_id).in_(sorted(matter_ids)),
        col(DepartmentAnswerRow.withdrawn_at).is_(None),
    )
    found: dict[int, list[DepartmentAnswerRow]] = {}
    for row in session.exec(statement.order_by(col(DepartmentAnswerRow.id).desc())).all():
        found.setdefault(row.matter_id, []).append(row)
    return found


def effect(
    session: Session, matter: MatterRow, said: Sequence[DepartmentAnswerRow], now: datetime
) -> FixEffect | None:
    """What the fix of a matter has changed; None where the latest that was said is not that it is fixed."""
    latest = next(iter(said), None)
    if latest is None or latest.kind != DepartmentAnswerKind.FIXED or latest.fixed_at is None:
        return None
    before = weeks_before(latest.fixed_at, matter.first_at)
    after = weeks_after(latest.fixed_at, now)
    people = _people(session, matter.id, (*before, *after))
    return effect_of(latest.fixed_at, people[: len(before)], people[len(before) :])


def _people(session: Session, matter_id: int, weeks: Weeks) -> list[int]:
    """How many people asked about a matter in each of these weeks, each counted once in a week."""
    if not weeks:
        return []
    who = QuestionRow.platform + ":" + col(QuestionRow.customer_id)
    asked = col(QuestionRow.asked_at)
    counts = [
        func.count(func.distinct(who)).filter((asked >= begins) & (asked < ends)).label(f"week_{number}")
        for number, (begins, ends) in enumerate(weeks)
    ]
    statement = select_columns(*counts).where(
        col(QuestionRow.matter_id) == matter_id, ~among(QuestionRow.state, *_NO_QUESTIONS)
    )
    return list(session.execute(statement).one())


@dataclass(frozen=True, slots=True)
class PublicHelp:
    """Whom answers in public helped in some weeks: all of it is counted, nothing of it is measured.

    ``readers`` are those who said that an archived answer helped; None for a department, since what readers
    say is counted for the house alone.
    """

    settled: int
    readers: int | None

    @property
    def people(self) -> int:
        """All of them together."""
        return self.settled + (self.readers or 0)


def public_help(session: Session, at: DriverPeriod, department: int | None, zone: ZoneInfo) -> PublicHelp:
    """How many people were helped where everybody could see it; ``zone`` is the brand's, for its days."""
    who = QuestionRow.platform + ":" + col(QuestionRow.customer_id)
    published = (
        select(AnswerRow.id)
        .where(
            col(AnswerRow.question_id) == col(QuestionRow.id), among(AnswerRow.state, AnswerState.PUBLISHED)
        )
        .exists()
    )
    settled = (
        select_columns(func.count(func.distinct(who)))
        .select_from(MatterRow)
        .join(QuestionRow, col(QuestionRow.matter_id) == col(MatterRow.id))
        .where(*asked_in(session, at, department), among(QuestionRow.state, QuestionState.SETTLED), published)
    )
    readers = None
    if department is None:
        first, last = (moment.astimezone(zone).date() for moment in (at.start, at.end))
        readers = votes.between(session, first, last).helpful
    return PublicHelp(session.execute(settled).scalar_one(), readers)
