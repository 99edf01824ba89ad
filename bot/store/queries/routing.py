"""What the route step reads: employees, what is on their plates, and what was offered before."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.states import ADDED, ChangeKind
from bot.store.people import loads
from bot.store.tables.columns import said
from bot.store.tables.conversations import AnswerRow, OfferRow, PostRow, QuestionRow
from bot.store.tables.house import ChangeRow
from bot.store.tables.people import EmployeeRow, ExpertiseRow, TopicRow
from routing.ladder.waking import WaitingQuestion
from routing.model.domain import (
    ROUTED,
    TAKES_PART,
    Employee,
    EmployeeState,
    Expertise,
    ExpertiseSource,
    Load,
    Offer,
    OfferState,
)

_MEASURED_ANSWERS = 2_000
"""The latest offers that answer times are measured on."""
_MEASURED_EVERY = timedelta(minutes=1)


def roster_version(session: Session) -> int:
    """Grows whenever somebody changes an employee or a topic."""
    newest = session.exec(select(func.max(ChangeRow.seq)).where(ChangeRow.kind == ChangeKind.ROSTER)).one()
    return int(newest or 0)


def employees(session: Session) -> list[Employee]:
    """Everybody who has opted in and has not left."""
    known: dict[int, list[Expertise]] = defaultdict(list)
    for employee_id, slug, level, source in session.exec(
        select(ExpertiseRow.employee_id, TopicRow.slug, ExpertiseRow.level, ExpertiseRow.source).join(
            TopicRow, col(TopicRow.id) == ExpertiseRow.topic_id
        )
    ).all():
        known[employee_id].append(Expertise(slug, level, ExpertiseSource(source)))
    rows = session.exec(
        select(EmployeeRow)
        .where(
            col(EmployeeRow.state).in_(TAKES_PART),
            col(EmployeeRow.opted_in_at).is_not(None),
        )
        .order_by(col(EmployeeRow.id))
    ).all()
    return [_employee(row, known[row.id]) for row in rows]


def _employee(row: EmployeeRow, expertise: Sequence[Expertise]) -> Employee:
    return Employee(
        id=row.id,
        name=row.name,
        state=EmployeeState(row.state),
        expertise=tuple(expertise),
        shifts=row.hours,
        timezone=row.timezone,
        languages=tuple(row.languages),
        daily_cap=row.daily_cap,
        open_cap=row.open_cap,
        paused_until=row.paused_until,
        joined_at=row.opted_in_at,
    )


@dataclass(slots=True)
class Plates:
    """What is on people's plates, for a process that asks again and again."""

    _minutes: dict[int, float] = field(default_factory=dict)
    _measured_at: datetime | None = None

    def loads(self, session: Session, everybody: Sequence[Employee], now: datetime) -> dict[int, Load]:
        """Open offers, offers on each one's own day, the last offer, and the usual answer time."""
        usual = self._usual_minutes(session, now)
        kept = loads.kept(session, everybody, now)
        return {
            number: replace(load, usual_minutes=usual[number]) if number in usual else load
            for number, load in kept.items()
        }

    def _usual_minutes(self, session: Session, now: datetime) -> dict[int, float]:
        if self._measured_at is None or abs(now - self._measured_at) >= _MEASURED_EVERY:
            self._minutes, self._measured_at = answer_minutes(session), now
        return self._minutes


def answer_minutes(session: Session) -> dict[int, float]:
    """The median minutes from offer to answer of everybody who answered lately."""
    rows = session.exec(
        select(OfferRow.employee_id, OfferRow.offered_at, OfferRow.ended_at)
        .where(col(OfferRow.state) == said(OfferState.ANSWERED))
        .order_by(col(OfferRow.id).desc())
        .limit(_MEASURED_ANSWERS)
    ).all()
    minutes: dict[int, list[float]] = defaultdict(list)
    for employee, offered, ended in rows:
        if ended is not None:
            minutes[employee].append((ended - offered).total_seconds() / 60)
    return {employee: median(values) for employee, values in minutes.items()}


def any_due(session: Session, now: datetime) -> bool:
    """Whether the router has to look at a question now."""
    due = (col(QuestionRow.state).in_(ROUTED), col(QuestionRow.due_at) <= now)
    first = select(QuestionRow.id).where(*due).order_by(col(QuestionRow.due_at)).limit(1)
    return session.exec(first).first() is not None


def waiting_for_capacity(
    session: Session, employee_ids: Collection[int], now: datetime, limit: int
) -> list[WaitingQuestion]:
    """Questions that wait for a free hand, the longest waiting first; of who was asked only these people."""
    rows = session.exec(
        select(QuestionRow)
        .where(col(QuestionRow.waits_since).is_not(None), col(QuestionRow.due_at) > now)
        .order_by(col(QuestionRow.waits_since), col(QuestionRow.id))
        .limit(limit)
    ).all()
    asked = _asked(session, rows, employee_ids) if rows else {}
    found: list[WaitingQuestion] = []
    for row in rows:
        of_row = frozenset(asked.get((row.id, row.round), ()))
        with suppress(TypeError, ValueError):  # topics that nobody can read: it is set aside when it is due
            found.append(WaitingQuestion(row.id, row.language, row.weights, of_row))
    return found


def _asked(
    session: Session, rows: Sequence[QuestionRow], employee_ids: Collection[int]
) -> dict[tuple[int, int], set[int]]:
    """Who of these people was asked, by question and round."""
    statement = select(OfferRow.question_id, OfferRow.round, OfferRow.employee_id).where(
        col(OfferRow.question_id).in_([row.id for row in rows])
    )
    found: dict[tuple[int, int], set[int]] = defaultdict(set)
    for question, number, employee in session.exec(statement).all():
        if employee in employee_ids:
            found[question, number].add(employee)
    return found


def offers_of(session: Session, question_ids: Sequence[int]) -> dict[int, list[Offer]]:
    """Every offer made for these questions."""
    found: dict[int, list[Offer]] = defaultdict(list)
    for row in session.exec(select(OfferRow).where(col(OfferRow.question_id).in_(question_ids))).all():
        found[row.question_id].append(
            Offer(
                question_id=row.question_id,
                employee_id=row.employee_id,
                offered_at=row.offered_at,
                expires_at=row.expires_at,
                rung=row.rung,
                round=row.round,
                state=OfferState(row.state),
                score=row.score,
                claimed=row.claimed,
                rested_at=row.rested_at,
            )
        )
    return found


def added_texts(session: Session, question_ids: Sequence[int]) -> dict[int, list[str]]:
    """What the customers have added to these questions, in order."""
    rows = session.exec(
        select(PostRow.question_id, PostRow.text)
        .where(
            col(PostRow.question_id).in_(question_ids),
            col(PostRow.verdict).in_(ADDED),
            PostRow.text != "",
        )
        .order_by(col(PostRow.id))
    ).all()
    found: dict[int, list[str]] = defaultdict(list)
    for question_id, text in rows:
        if question_id is not None:
            found[question_id].append(text)
    return found


def answerers(session: Session, question_ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """Who answered each question before, the latest first."""
    rows = session.exec(
        select(AnswerRow.question_id, AnswerRow.employee_id)
        .where(col(AnswerRow.question_id).in_(question_ids), col(AnswerRow.published_at).is_not(None))
        .order_by(col(AnswerRow.published_at).desc())
    ).all()
    found: dict[int, list[int]] = defaultdict(list)
    for question_id, employee_id in rows:
        if employee_id is not None and employee_id not in found[question_id]:
            found[question_id].append(employee_id)
    return {question_id: tuple(ids) for question_id, ids in found.items()}
