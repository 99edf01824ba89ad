"""What the route step reads: employees, what is on their plates, and what was offered before."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.states import ChangeKind
from bot.store.tables.conversations import AnswerRow, ChangeRow, OfferRow, PostRow, QuestionRow
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
_OVERLAP = timedelta(minutes=10)
"""Longer than any transaction and any difference between two nodes' clocks."""


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
    """What is on people's plates, for a process that asks again and again: the past is read once.

    Offers of other processes are seen too: whatever was offered in the last minutes is read each time.
    """

    _latest: dict[int, datetime] = field(default_factory=dict)
    _seen_until: datetime | None = None
    _minutes: dict[int, float] = field(default_factory=dict)
    _measured_at: datetime | None = None

    def loads(self, session: Session, everybody: Sequence[Employee], now: datetime) -> dict[int, Load]:
        """Open offers, offers since each one's own midnight, the last offer, and the usual answer time."""
        open_now = _count(session, OfferRow.state == OfferState.OPEN, OfferRow.expires_at > now)
        today: dict[int, int] = {}
        for since, ids in _by_midnight(everybody, now).items():
            counted = _count(session, OfferRow.offered_at >= since)
            today.update({employee: counted[employee] for employee in ids if employee in counted})
        latest, usual = self._last_offers(session, now), self._usual_minutes(session, now)
        return {
            one.id: Load(open_now.get(one.id, 0), today.get(one.id, 0), latest.get(one.id), usual.get(one.id))
            for one in everybody
        }

    def _last_offers(self, session: Session, now: datetime) -> dict[int, datetime]:
        statement = select(OfferRow.employee_id, func.max(OfferRow.offered_at))
        if self._seen_until is not None:
            statement = statement.where(OfferRow.offered_at >= self._seen_until - _OVERLAP)
        for employee, last in session.exec(statement.group_by(col(OfferRow.employee_id))).all():
            self._latest[employee] = max(last, self._latest.get(employee, last))
        self._seen_until = now
        return self._latest

    def _usual_minutes(self, session: Session, now: datetime) -> dict[int, float]:
        if self._measured_at is None or abs(now - self._measured_at) >= _MEASURED_EVERY:
            self._minutes, self._measured_at = answer_minutes(session), now
        return self._minutes


def _count(session: Session, *conditions: object) -> dict[int, int]:
    statement = select(OfferRow.employee_id, func.count()).where(*conditions)  # type: ignore[arg-type]
    return dict(session.exec(statement.group_by(col(OfferRow.employee_id))).all())


def _by_midnight(everybody: Sequence[Employee], now: datetime) -> dict[datetime, list[int]]:
    """Employees by the moment their day began."""
    zones: dict[str, list[int]] = defaultdict(list)
    for one in everybody:
        zones[one.timezone].append(one.id)
    began: dict[datetime, list[int]] = defaultdict(list)
    for zone, ids in zones.items():
        began[_midnight(zone, now)] += ids
    return began


def _midnight(zone: str, now: datetime) -> datetime:
    try:
        local = now.astimezone(ZoneInfo(zone))
    except (ValueError, KeyError, OSError):  # the roster reports such an employee and keeps them out
        local = now
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def answer_minutes(session: Session) -> dict[int, float]:
    """The median minutes from offer to answer of everybody who answered lately."""
    rows = session.exec(
        select(OfferRow.employee_id, OfferRow.offered_at, OfferRow.ended_at)
        .where(OfferRow.state == OfferState.ANSWERED)
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
    return session.exec(select(QuestionRow.id).where(*due).limit(1)).first() is not None


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
            )
        )
    return found


def whole_text(session: Session, question: QuestionRow) -> str:
    """The opening and the customer's follow-ups, in order."""
    if question.round == 0:
        return question.text
    later = session.exec(
        select(PostRow.text)
        .where(PostRow.question_id == question.id, PostRow.verdict == "follow_up", PostRow.text != "")
        .order_by(col(PostRow.id))
    ).all()
    return "\n".join([question.text, *later])


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
