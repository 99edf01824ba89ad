"""What ``chorus replay`` sets up and counts."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.states import AnswerState, DeliveryKind, DeliveryState
from bot.store.engine import Database
from bot.store.running import nodes
from bot.store.tables.conversations import AnswerRow, DeliveryRow, EntryRow, PostRow, QuestionRow
from bot.store.tables.house import LocalPostRow

_CHUNK = 400
Keys = Sequence[tuple[str, str | None]]
"""The key of each question's post and, where there is an answer, of the answer's."""


@dataclass(frozen=True, slots=True)
class Reached:
    """How far the conversations have come; ``released`` answers were held and let through."""

    questions: int = 0
    doubled_questions: int = 0
    published: int = 0
    doubled_answers: int = 0
    entries: int = 0
    released: int = 0

    def is_exact(self, questions: int, answers: int) -> bool:
        """Whether everything is there once."""
        return (
            (self.questions, self.published, self.entries) == (questions, answers, answers)
            and not self.doubled_questions
            and not self.doubled_answers
        )


def nobody_works(database: Database) -> bool:
    """Whether no process does the work on this database."""
    with database.read() as session:
        return not nodes.working(session, database.now(session))


def already_posted(database: Database, keys: Sequence[str]) -> set[str]:
    """Which of these keys, and of the answers' keys to them, are on the feed."""
    wanted = [*keys, *(f"{key}:answer" for key in keys)]
    found: set[str] = set()
    with database.read() as session:
        for start in range(0, len(wanted), _CHUNK):
            part = wanted[start : start + _CHUNK]
            rows = session.exec(select(LocalPostRow.key).where(col(LocalPostRow.key).in_(part))).all()
            found.update(row for row in rows if row is not None)
    return found


def held_answers(session: Session, keys: Keys) -> list[AnswerRow]:
    """Answers of these conversations that wait for a person."""
    posts = _post_ids(session, [answer for _, answer in keys if answer])
    found: list[AnswerRow] = []
    for part in _chunks([str(one) for one in posts.values()]):
        found += session.exec(
            select(AnswerRow)
            .join(PostRow, col(PostRow.id) == AnswerRow.post_id)
            .where(
                PostRow.platform == "local",
                col(PostRow.external_id).in_(part),
                AnswerRow.state == AnswerState.HELD,
            )
        ).all()
    return found


def reached(database: Database, brand: str, keys: Keys) -> Reached:
    """Count what has been stored and published, by the feed's own record."""
    with database.read() as session:
        question_posts = _post_ids(session, [question for question, _ in keys])
        answer_posts = _post_ids(session, [answer for _, answer in keys if answer])
        questions = _count_questions(session, list(question_posts.values()))
        published, doubled, entries = _count_answers(session, brand, list(answer_posts.values()))
    return Reached(
        questions=len(questions),
        doubled_questions=sum(number - 1 for number in questions.values()),
        published=published,
        doubled_answers=doubled,
        entries=entries,
    )


def _post_ids(session: Session, keys: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in _chunks(keys):
        rows = session.exec(
            select(LocalPostRow.key, LocalPostRow.id).where(col(LocalPostRow.key).in_(part))
        ).all()
        found.update({key: number for key, number in rows if key is not None})
    return found


def _count_questions(session: Session, posts: Sequence[int]) -> dict[str, int]:
    """How many questions each of these posts opened."""
    found: dict[str, int] = {}
    for part in _chunks([str(one) for one in posts]):
        rows = session.exec(
            select(PostRow.external_id, func.count())
            .join(QuestionRow, col(QuestionRow.post_id) == PostRow.id)
            .where(PostRow.platform == "local", col(PostRow.external_id).in_(part))
            .group_by(col(PostRow.external_id))
        ).all()
        found.update(dict(rows))
    return found


def _count_answers(session: Session, brand: str, posts: Sequence[int]) -> tuple[int, int, int]:
    """Published answers, brand posts too many on the feed, and entries."""
    published = doubled = entries = 0
    for part in _chunks([str(one) for one in posts]):
        answers = session.exec(
            select(AnswerRow.id, AnswerRow.question_id)
            .join(PostRow, col(PostRow.id) == AnswerRow.post_id)
            .where(
                PostRow.platform == "local",
                col(PostRow.external_id).in_(part),
                AnswerRow.state == AnswerState.PUBLISHED,
            )
        ).all()
        published += len(answers)
        entries += session.exec(
            select(func.count())
            .select_from(EntryRow)
            .where(col(EntryRow.question_id).in_([question for _, question in answers]))
        ).one()
        doubled += _too_many(session, brand, [answer for answer, _ in answers])
    return published, doubled, entries


def _too_many(session: Session, brand: str, answers: Sequence[int]) -> int:
    """Posts of the brand on the feed that say a part of these answers a second time."""
    parts = session.exec(
        select(DeliveryRow.external_id, DeliveryRow.key).where(
            col(DeliveryRow.answer_id).in_(answers),
            DeliveryRow.kind == DeliveryKind.PUBLICATION,
            DeliveryRow.state == DeliveryState.SENT,
        )
    ).all()
    ours = [int(external) for external, _ in parts if external]
    targets = session.exec(select(LocalPostRow.in_reply_to).where(col(LocalPostRow.id).in_(ours))).all()
    there = session.exec(
        select(func.count())
        .select_from(LocalPostRow)
        .where(
            LocalPostRow.author == brand,
            col(LocalPostRow.in_reply_to).in_([one for one in targets if one is not None]),
            col(LocalPostRow.deleted_at).is_(None),
        )
    ).one()
    return int(there) - len(ours)


def _chunks(values: Sequence[str]) -> list[Sequence[str]]:
    return [values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK)]
