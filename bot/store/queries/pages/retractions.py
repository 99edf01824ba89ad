"""What taking an answer back would do: its posts, its entry, its question, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from bot.posts import PlatformName
from bot.states import AnswerKind, AnswerState, DeliveryState
from bot.store import rows
from bot.store.archive import entries
from bot.store.archive.copies import copies_of
from bot.store.tables.columns import among
from bot.store.tables.conversations import AnswerRow, DeliveryRow, EntryRow, QuestionRow
from bot.store.tables.people import EmployeeRow

RETRACTABLE = (AnswerState.PUBLISHED, AnswerState.POINTED, AnswerState.QUEUED, AnswerState.FAILED)
"""States of an answer of which something may be out."""


@dataclass(frozen=True, slots=True)
class PostOut:
    """A message of an answer that is or may be out, and what takes it down, where that has been decided."""

    message: DeliveryRow
    retraction: DeliveryRow | None = None


@dataclass(frozen=True, slots=True)
class AnswerOut:
    """An answer with its question, its author's name, its posts and its entry."""

    answer: AnswerRow
    question: QuestionRow
    author: str
    posts: tuple[PostOut, ...]
    entry: EntryRow | None

    @property
    def is_retractable(self) -> bool:
        """Whether there may be something to take back."""
        return self.answer.state in RETRACTABLE


def latest_out(session: Session, number: int) -> list[AnswerOut]:
    """The answers that went out last, on whatever platform, the latest first."""
    found: list[tuple[datetime, AnswerRow]] = []
    for platform in PlatformName:
        statement = (
            select(DeliveryRow.sent_at, AnswerRow)
            .join(AnswerRow, col(AnswerRow.id) == col(DeliveryRow.answer_id))
            .where(
                DeliveryRow.platform == platform,
                col(DeliveryRow.sent_at).is_not(None),
                DeliveryRow.part == 0,
                among(AnswerRow.state, *RETRACTABLE),
            )
            .order_by(col(DeliveryRow.sent_at).desc(), col(DeliveryRow.id).desc())
            .limit(number)
        )
        found += [(at, answer) for at, answer in session.exec(statement).all() if at is not None]
    latest = sorted(found, key=lambda one: (one[0], one[1].id), reverse=True)[:number]
    return answers_out(session, [answer for _, answer in latest])


def of_person_since(session: Session, employee_id: int, since: datetime, number: int) -> list[AnswerOut]:
    """Somebody's answers since a moment that are out or on their way, the latest first."""
    statement = (
        select(AnswerRow)
        .where(
            AnswerRow.employee_id == employee_id,
            col(AnswerRow.state).in_(RETRACTABLE),
            AnswerRow.written_at >= since,
        )
        .order_by(col(AnswerRow.id).desc())
        .limit(number)
    )
    return answers_out(session, session.exec(statement).all())


def answer_out(session: Session, answer_id: int) -> AnswerOut | None:
    """One answer; None where there is none."""
    answer = rows.find(session, AnswerRow, answer_id)
    return answers_out(session, [answer])[0] if answer is not None else None


def answers_named(session: Session, answer_ids: Sequence[int]) -> list[AnswerOut]:
    """The answers with these numbers, the latest first."""
    found = rows.find_all(session, AnswerRow, answer_ids)
    return answers_out(session, [found[number] for number in sorted(found, reverse=True)])


def copies_out(session: Session, answer: AnswerRow) -> list[AnswerOut]:
    """The published answers that say the same, because one repeats the other."""
    return answers_out(session, copies_of(session, answer))


def answers_out(session: Session, found: Sequence[AnswerRow]) -> list[AnswerOut]:
    """These answers, in order."""
    ids = [one.id for one in found]
    asked = rows.find_all(session, QuestionRow, [one.question_id for one in found])
    people = rows.find_all(session, EmployeeRow, [one.employee_id for one in found])
    archived = entries.of_questions(session, asked)
    posts = posts_out(session, ids)
    return [
        AnswerOut(
            one,
            asked[one.question_id],
            _author(one, people.get(one.employee_id or 0)),
            tuple(posts.get(one.id, ())),
            archived.get(one.question_id),
        )
        for one in found
    ]


def _author(answer: AnswerRow, author: EmployeeRow | None) -> str:
    if answer.kind == AnswerKind.COMMUNITY:
        return "another customer"
    return author.name if author is not None else answer.credit or "the brand itself"


def posts_out(session: Session, answer_ids: Sequence[int]) -> dict[int, list[PostOut]]:
    """What of these answers is out or may be, by answer and in order."""
    if not answer_ids:
        return {}
    statement = select(DeliveryRow).where(col(DeliveryRow.answer_id).in_(answer_ids))
    messages = session.exec(statement.order_by(col(DeliveryRow.answer_id), col(DeliveryRow.part))).all()
    downs = _of_targets(session, [one.id for one in messages])
    found: dict[int, list[PostOut]] = {}
    for one in messages:
        if one.state != DeliveryState.WITHDRAWN and one.answer_id is not None:
            found.setdefault(one.answer_id, []).append(PostOut(one, downs.get(one.id)))
    return found


def _of_targets(session: Session, target_ids: Sequence[int]) -> dict[int, DeliveryRow]:
    """What takes these messages down, by message, where they are to be taken down."""
    rows = session.exec(select(DeliveryRow).where(col(DeliveryRow.target_id).in_(target_ids))).all()
    return {row.target_id: row for row in rows if row.target_id is not None}
