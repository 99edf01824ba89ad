"""What somebody reads of their own: their answers, and what they said is wrong, page by page."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import Session, col, select

from bot.states import NOT_STARTED, AnswerState, DeliveryState, EntryState
from bot.store import rows
from bot.store.paging import page
from bot.store.queries.pages.desk import TakenFor, taken_for
from bot.store.tables.columns import said
from bot.store.tables.conversations import AnswerRow, DeliveryRow, EntryRow, QuestionRow
from bot.store.tables.house import ChallengeRow

_ANSWERS = 25
_CHALLENGES = 10


@dataclass(frozen=True, slots=True)
class AnswerFilter:
    """Which of somebody's answers; empty and None for all."""

    state: AnswerState | None = None
    words: str = ""
    """What the answer or its question holds."""
    before: int | None = None
    """The number behind which the page begins."""


@dataclass(frozen=True, slots=True)
class MyAnswer:
    """One of somebody's answers; ``can_retract`` while nothing of it has gone out."""

    answer: AnswerRow
    question: QuestionRow
    taken: TakenFor
    entry_id: int | None
    entry_title: str
    can_retract: bool
    goes_out_at: datetime | None
    sent: int
    parts: int


@dataclass(frozen=True, slots=True)
class MyChallenge:
    """What somebody said of an answer, and its correction where there is one."""

    row: ChallengeRow
    answer: AnswerRow
    correction: AnswerRow | None


def answers(session: Session, employee_id: int, wanted: AnswerFilter) -> tuple[list[MyAnswer], int | None]:
    """A page of somebody's answers, the latest first, and from where to go on (None: that was all)."""
    statement = (
        select(AnswerRow, QuestionRow, EntryRow)
        .join(QuestionRow, col(QuestionRow.id) == AnswerRow.question_id)
        .outerjoin(EntryRow, col(EntryRow.question_id) == AnswerRow.question_id)
        .where(AnswerRow.employee_id == employee_id)
    )
    if wanted.state is not None:
        statement = statement.where(AnswerRow.state == said(wanted.state))
    if wanted.words:
        columns = (col(AnswerRow.text), col(QuestionRow.text))
        statement = statement.where(or_(*[one.icontains(wanted.words, autoescape=True) for one in columns]))
    order = [col(AnswerRow.id)]
    found, older = page(session, statement, order, wanted.before, latest_first=True, size=_ANSWERS)
    parts: dict[int, list[DeliveryRow]] = defaultdict(list)
    for part in session.exec(
        select(DeliveryRow).where(col(DeliveryRow.answer_id).in_([answer.id for answer, _, _ in found]))
    ).all():
        parts[part.answer_id or 0].append(part)
    return [_mine(answer, question, entry, parts[answer.id]) for answer, question, entry in found], older


def challenged(
    session: Session, employee_id: int, before: int | None
) -> tuple[list[MyChallenge], int | None]:
    """A page of what somebody challenged, the latest first, and from where to go on (None: that was all)."""
    statement = select(ChallengeRow).where(ChallengeRow.challenger_id == employee_id)
    order = [col(ChallengeRow.id)]
    found, older = page(session, statement, order, before, latest_first=True, size=_CHALLENGES)
    of = rows.find_all(
        session, AnswerRow, [one for row in found for one in (row.answer_id, row.correction_id)]
    )
    return [MyChallenge(row, of[row.answer_id], of.get(row.correction_id or 0)) for row in found], older


def _mine(
    answer: AnswerRow, question: QuestionRow, entry: EntryRow | None, parts: Sequence[DeliveryRow]
) -> MyAnswer:
    untouched = all(part.state in NOT_STARTED for part in parts)
    first = next((part for part in parts if part.part == 0), None)
    public = entry is not None and entry.state == EntryState.PUBLIC
    return MyAnswer(
        answer=answer,
        question=question,
        taken=taken_for(answer, answer.employee_id or 0),
        entry_id=entry.id if entry is not None and public else None,
        entry_title=entry.title if entry is not None and public else "",
        can_retract=answer.state == AnswerState.HELD or (answer.state == AnswerState.QUEUED and untouched),
        goes_out_at=first.due_at if first is not None and answer.state == AnswerState.QUEUED else None,
        sent=sum(part.state == DeliveryState.SENT for part in parts),
        parts=len(parts),
    )
