"""What employees answered lately, for judging it by other rules."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.states import ON_ITS_WAY, AnswerState
from bot.store.tables.conversations import AnswerRow, QuestionRow
from bot.store.tables.people import EmployeeRow


@dataclass(frozen=True, slots=True)
class AnswerOnTrial:
    """What somebody answered, and to what: enough to judge it by other rules."""

    id: int
    question_id: int
    round: int
    employee_id: int
    author: str
    text: str
    warning: str
    credit: str
    state: str
    written_at: datetime
    platform: str
    customer_handle: str
    topic: str | None
    asked: str
    """The question's words."""
    for_archive: bool
    """Whether it solves something, and its author lets the archive have it."""
    is_accepted: bool
    """Whether somebody said that it is the accepted one."""

    @property
    def is_on_its_way(self) -> bool:
        """Whether it is out, or about to be."""
        return self.state in ON_ITS_WAY


def given_since(session: Session, since: datetime, limit: int) -> list[AnswerOnTrial]:
    """The latest answers of employees, no older than that and no more than ``limit``, the oldest first."""
    statement = (
        select(AnswerRow, QuestionRow, EmployeeRow.name)
        .join(QuestionRow, col(QuestionRow.id) == col(AnswerRow.question_id))
        .join(EmployeeRow, col(EmployeeRow.id) == col(AnswerRow.employee_id))
        .where(col(AnswerRow.state) != AnswerState.DROPPED)
        .order_by(col(AnswerRow.id).desc())
        .limit(limit)
    )
    return [
        AnswerOnTrial(
            answer.id,
            question.id,
            answer.round,
            answer.employee_id or 0,
            name,
            answer.text,
            answer.warning,
            answer.credit,
            answer.state,
            answer.written_at,
            question.platform,
            question.customer_handle,
            question.main_topic,
            question.text,
            answer.would_help and answer.for_archive,
            answer.accepted_by is not None,
        )
        for answer, question, name in reversed(session.exec(statement).all())
        if answer.written_at >= since
    ]


def given_before(session: Session, answer_id: int, employee_ids: Collection[int]) -> dict[int, int]:
    """How many answers of each of these people are out or on their way, of those before this one."""
    statement = (
        select(AnswerRow.employee_id, func.count())
        .where(
            col(AnswerRow.employee_id).in_(employee_ids),
            col(AnswerRow.state).in_(ON_ITS_WAY),
            col(AnswerRow.id) < answer_id,
        )
        .group_by(col(AnswerRow.employee_id))
    )
    return {number: count for number, count in session.exec(statement).all() if number is not None}
