"""What the experts' model learns from: the change log's lines about answers, with what they speak of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, case, func, select, union_all
from sqlmodel import Session

from bot.states import ChangeKind
from bot.store.tables import values
from bot.store.tables.columns import table_of
from bot.store.tables.conversations import AnswerRow, QuestionRow
from bot.store.tables.house import ChangeRow
from routing.model.domain import TopicWeight

_KINDS = (ChangeKind.ANSWER, ChangeKind.OUTCOME, ChangeKind.TOPIC)
_REFILED_AT_ONCE = 1_500
"""Questions about other topics now, in one page: routing waits for a page."""
_CHANGE, _ANSWER, _QUESTION = table_of(ChangeRow).c, table_of(AnswerRow).c, table_of(QuestionRow).c
_LINES = (
    select(
        _CHANGE.seq,
        _CHANGE.kind,
        _CHANGE.row_id,
        case((_CHANGE.kind != ChangeKind.ANSWER, _CHANGE.detail)).label("detail"),
        _CHANGE.at,
        _ANSWER.employee_id,
        func.coalesce(_ANSWER.published_at, _ANSWER.written_at).label("answered_at"),
        _QUESTION.id,
        _QUESTION.asked_at,
        _QUESTION.text,
        _QUESTION.topics,
        _QUESTION.language,
    )
    .select_from(table_of(ChangeRow))
    .join(
        table_of(AnswerRow),
        and_(_CHANGE.kind == ChangeKind.ANSWER, _ANSWER.id == _CHANGE.row_id),
        isouter=True,
    )
    .join(table_of(QuestionRow), _QUESTION.id == _ANSWER.question_id, isouter=True)
    .order_by(_CHANGE.seq)
)


class LogLine(NamedTuple):
    """A line of the change log with the answer and the question that it speaks of, where they are there."""

    seq: int
    kind: str
    row_id: int
    detail: Mapping[str, Any] | None
    at: datetime
    employee_id: int | None
    answered_at: datetime | None
    question_id: int | None
    asked_at: datetime | None
    text: str | None
    topics: Sequence[Sequence[Any]]
    language: str | None

    @property
    def said(self) -> Mapping[str, Any]:
        """What the line says beside its row; of an answer that is not read."""
        return self.detail or {}

    @property
    def happened(self) -> values.Happened:
        """What came of a question, where the line is about that. Raises LookupError or ValueError else."""
        return values.Happened.read(self.said)

    @property
    def refiled(self) -> Sequence[int]:
        """The questions about other topics now, where the line says so; none: all of a topic's."""
        return tuple(self.said.get("refiled", ()))

    @property
    def weights(self) -> tuple[TopicWeight, ...]:
        """What the question is about. Raises ValueError where nobody can tell from the row."""
        return values.weights(self.topics or ())


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some lines in their order, with what the questions say that they speak of."""

    lines: Sequence[LogLine]
    asked: Mapping[int, "RefiledText"]
    """The questions that are about other topics now."""


@dataclass(frozen=True, slots=True)
class RefiledText:
    """What a customer asked, when, and the topics that it is about by now."""

    text: str
    language: str | None
    asked_at: datetime
    topics: tuple[str, ...]


def after(session: Session, seq: int, limit: int) -> LogPage:
    """The next lines after ``seq``, at most so many."""
    found = session.execute(_LINES.where(_CHANGE.seq.in_(_next(seq, limit))))
    lines = [LogLine(*row) for row in found]
    learned = _bounded(lines)
    refiled = [number for line in learned if line.kind == ChangeKind.TOPIC for number in line.refiled]
    return LogPage(learned, _asked(session, refiled))


def _next(seq: int, limit: int) -> Select[tuple[int]]:
    """The numbers of the next lines: of each kind by its index, for all at once would be sorted anew."""
    kinds = [
        select(_CHANGE.seq)
        .where(_CHANGE.kind == kind, _CHANGE.seq > seq)
        .order_by(_CHANGE.seq)
        .limit(limit)
        .subquery()
        for kind in _KINDS
    ]
    each = union_all(*(select(one.c.seq) for one in kinds)).subquery()
    return select(each.c.seq).order_by(each.c.seq).limit(limit)


def _bounded(lines: Sequence[LogLine]) -> Sequence[LogLine]:
    """As many of the lines as are learned in the time that a page may take."""
    refiled = 0
    for place, line in enumerate(lines):
        refiled += len(line.refiled) if line.kind == ChangeKind.TOPIC else 0
        if refiled >= _REFILED_AT_ONCE:
            return lines[: place + 1]
    return lines


def _asked(session: Session, question_ids: Sequence[int]) -> dict[int, RefiledText]:
    if not question_ids:
        return {}
    found = session.execute(
        select(_QUESTION.id, _QUESTION.text, _QUESTION.language, _QUESTION.asked_at, _QUESTION.topics).where(
            _QUESTION.id.in_(set(question_ids))
        )
    )
    return {
        number: RefiledText(text, language, at, tuple(one.slug for one in values.weights(topics or ())))
        for number, text, language, at, topics in found
    }


def count_after(session: Session, seq: int, limit: int | None = None) -> int:
    """How many lines there are after ``seq``; of more than ``limit`` only so many are counted."""
    each = select(_CHANGE.seq).where(_CHANGE.kind.in_(_KINDS), _CHANGE.seq > seq)
    some = (each if limit is None else each.limit(limit)).subquery()
    return int(session.execute(select(func.count()).select_from(some)).scalar_one())


def texts_of(session: Session, question_ids: Sequence[int]) -> dict[int, str]:
    """What customers wrote, by question."""
    found = session.execute(select(_QUESTION.id, _QUESTION.text).where(_QUESTION.id.in_(question_ids)))
    return {number: words for number, words in found if words}
