"""What the people in charge read: the lists and pages behind what waits for them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, cast, or_
from sqlmodel import Session, col, select

from bot.states import STUCK, AnswerState, DeliveryKind, EntryState, TitleSource
from bot.store.paging import page
from bot.store.queries.pages.desk import is_private
from bot.store.queries.waits import is_held, is_to_review, is_unmatched
from bot.store.tables.columns import said
from bot.store.tables.conversations import AnswerRow, DeliveryRow, EntryRow, OfferRow, PostRow, QuestionRow
from bot.store.tables.house import ReportRow
from bot.store.tables.people import EmployeeRow
from bot.store.topics.about import is_about, was_public
from routing.model.domain import QuestionState


@dataclass(frozen=True, slots=True)
class QuestionFilter:
    """Which questions a list is to hold; empty means any."""

    state: str = ""
    topic: str = ""
    platform: str = ""
    words: str = ""
    before: int | None = None


@dataclass(frozen=True, slots=True)
class HeldAnswer:
    """An answer that waits for a decision, with the question and what is published already."""

    answer: AnswerRow
    question: QuestionRow
    author: str
    published: tuple[AnswerRow, ...]
    is_private: bool
    """Its words are its author's alone, and nobody else can have it published."""


@dataclass(frozen=True, slots=True)
class OfferLine:
    """Who was asked, and what came of it."""

    name: str
    state: str
    offered_at: datetime
    ended_at: datetime | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """An outgoing message with the answer's author and the question it belongs to."""

    delivery: DeliveryRow
    question: QuestionRow | None
    author: str


@dataclass(frozen=True, slots=True)
class ReviewView:
    """An entry somebody should look at again, with what readers reported."""

    entry: EntryRow
    answer: str
    reports: tuple[ReportRow, ...]


def questions(session: Session, wanted: QuestionFilter) -> tuple[list[QuestionRow], int | None]:
    """A page of questions, the latest first, and from where to go on (None: that was all)."""
    statement = select(QuestionRow)
    if wanted.state:
        statement = statement.where(QuestionRow.state == wanted.state)
    if wanted.platform:
        statement = statement.where(QuestionRow.platform == wanted.platform)
    if wanted.words:
        statement = statement.where(_says(wanted.words))
    if wanted.topic:
        statement = statement.where(is_about(wanted.topic))
    return page(session, statement, [col(QuestionRow.id)], wanted.before, latest_first=True)


def _says(words: str) -> ColumnElement[bool]:
    """Whether a question, or a description of a picture that came with it, holds these words."""
    described = select(PostRow.id).where(
        PostRow.id == QuestionRow.post_id,
        cast(col(PostRow.pictures), String).icontains(json.dumps(words)[1:-1], autoescape=True),
    )
    return or_(col(QuestionRow.text).icontains(words, autoescape=True), described.exists())


def offers_of(session: Session, question_id: int) -> list[OfferLine]:
    """Everybody who was asked, in order."""
    rows = session.exec(
        select(OfferRow, EmployeeRow.name)
        .join(EmployeeRow, col(EmployeeRow.id) == OfferRow.employee_id)
        .where(OfferRow.question_id == question_id)
        .order_by(col(OfferRow.id))
    ).all()
    return [
        OfferLine(
            name,
            offer.state,
            offer.offered_at,
            offer.ended_at,
            tuple(one.text for one in offer.why[:4]),
        )
        for offer, name in rows
    ]


def held(session: Session, after: int | None) -> tuple[list[HeldAnswer], int | None]:
    """A page of answers that wait for a decision, the oldest first."""
    statement = (
        select(AnswerRow, QuestionRow, EmployeeRow.name, PostRow.visibility)
        .join(QuestionRow, col(QuestionRow.id) == AnswerRow.question_id)
        .outerjoin(EmployeeRow, col(EmployeeRow.id) == AnswerRow.employee_id)
        .outerjoin(PostRow, col(PostRow.id) == AnswerRow.post_id)
        .where(is_held())
    )
    rows, further = page(session, statement, [col(AnswerRow.id)], after)
    return held_answers(session, rows), further


def held_answers(session: Session, rows: Sequence[tuple[Any, ...]]) -> list[HeldAnswer]:
    """Held answers with what is published already, made of answer, question, author's name and visibility."""
    if not rows:
        return []
    others = session.exec(
        select(AnswerRow)
        .where(
            col(AnswerRow.question_id).in_([question.id for _, question, *_ in rows]),
            AnswerRow.state == AnswerState.PUBLISHED,
        )
        .order_by(col(AnswerRow.lead).desc(), col(AnswerRow.id))
    ).all()
    return [
        HeldAnswer(
            answer,
            question,
            name or answer.credit or "Somebody",
            tuple(one for one in others if one.question_id == question.id),
            is_private(answer, visibility),
        )
        for answer, question, name, visibility, *_ in rows
    ]


def unmatched(session: Session, after: int | None) -> tuple[list[tuple[PostRow, str]], int | None]:
    """A page of tagged posts whose question nobody could tell, with their authors' names."""
    statement = (
        select(PostRow, EmployeeRow.name)
        .outerjoin(EmployeeRow, col(EmployeeRow.id) == PostRow.employee_id)
        .where(is_unmatched())
    )
    rows, further = page(session, statement, [col(PostRow.id)], after)
    return [(post, name or post.author_handle) for post, name in rows], further


def candidates(session: Session, platform: str, limit: int = 30) -> list[QuestionRow]:
    """Questions that an unmatched post may answer: those that wait first, the latest first."""
    rows = session.exec(
        select(QuestionRow)
        .where(QuestionRow.platform == platform, QuestionRow.state != QuestionState.WITHDRAWN)
        .order_by(col(QuestionRow.answered_at).is_not(None), col(QuestionRow.id).desc())
        .limit(limit)
    ).all()
    return list(rows)


def deliveries(session: Session, state: str, before: int | None) -> tuple[list[DeliveryView], int | None]:
    """A page of messages, the latest first; without ``state`` those a person decides about."""
    states = (state,) if state else STUCK
    statement = (
        select(DeliveryRow, QuestionRow, EmployeeRow.name)
        .outerjoin(QuestionRow, col(QuestionRow.id) == DeliveryRow.question_id)
        .outerjoin(EmployeeRow, col(EmployeeRow.id) == DeliveryRow.employee_id)
        .where(col(DeliveryRow.state).in_(states))
    )
    rows, older = page(session, statement, [col(DeliveryRow.id)], before, latest_first=True)
    return [DeliveryView(delivery, question, name or "") for delivery, question, name in rows], older


def deliveries_of(session: Session, question_id: int) -> list[DeliveryRow]:
    """Everything that went out, or is to, for a question."""
    statement = select(DeliveryRow).where(
        DeliveryRow.question_id == question_id,
        col(DeliveryRow.kind).in_((DeliveryKind.PUBLICATION, DeliveryKind.RETRACTION)),
    )
    return list(session.exec(statement.order_by(col(DeliveryRow.id))).all())


def unanswered_texts(session: Session, limit: int = 2000) -> list[str]:
    """The words of the latest questions, for finding topics that are missing."""
    rows = session.exec(
        select(QuestionRow.text)
        .outerjoin(PostRow, col(PostRow.id) == QuestionRow.post_id)
        .where(QuestionRow.state != QuestionState.DISMISSED, QuestionRow.text != "", was_public())
        .order_by(col(QuestionRow.id).desc())
        .limit(limit)
    ).all()
    return list(rows)


def review(session: Session, after: int | None) -> tuple[list[ReviewView], int | None]:
    """A page of entries somebody should look at again, the longest waiting first."""
    order = [col(EntryRow.updated_at), col(EntryRow.id)]
    entries, further = page(session, select(EntryRow).where(is_to_review()), order, after)
    return review_views(session, entries), further


def review_views(session: Session, entries: Sequence[EntryRow]) -> list[ReviewView]:
    """Entries with their answers and what readers reported about them."""
    if not entries:
        return []
    ids = [entry.id for entry in entries]
    reports = session.exec(
        select(ReportRow)
        .where(col(ReportRow.entry_id).in_(ids), col(ReportRow.closed_at).is_(None))
        .order_by(col(ReportRow.id))
    ).all()
    texts = dict(
        session.exec(
            select(AnswerRow.question_id, AnswerRow.text)
            .where(
                col(AnswerRow.question_id).in_([entry.question_id for entry in entries]),
                AnswerRow.state == AnswerState.PUBLISHED,
            )
            .order_by(col(AnswerRow.lead), col(AnswerRow.id).desc())
        ).all()
    )
    return [
        ReviewView(
            entry,
            texts.get(entry.question_id, ""),
            tuple(report for report in reports if report.entry_id == entry.id),
        )
        for entry in entries
    ]


def hidden(session: Session, before: int | None) -> tuple[list[EntryRow], int | None]:
    """A page of entries taken out of sight, the latest first."""
    statement = select(EntryRow).where(EntryRow.state == EntryState.HIDDEN)
    order = [col(EntryRow.updated_at), col(EntryRow.id)]
    return page(session, statement, order, before, latest_first=True)


def untitled(session: Session, before: int | None) -> tuple[list[EntryRow], int | None]:
    """A page of public entries that wait for a title, the latest first."""
    waits = (EntryRow.state == EntryState.PUBLIC, col(EntryRow.title_source) == said(TitleSource.STAND_IN))
    order = [col(EntryRow.updated_at), col(EntryRow.id)]
    return page(session, select(EntryRow).where(*waits), order, before, latest_first=True)


def held_back(session: Session, before: int | None) -> tuple[list[EntryRow], int | None]:
    """A page of entries that are judged to be of no use to others, the latest first."""
    statement = select(EntryRow).where(EntryRow.state == EntryState.HELD_BACK)
    order = [col(EntryRow.updated_at), col(EntryRow.id)]
    return page(session, statement, order, before, latest_first=True)
