"""Entries as the public sees them: with topic, quotation and its author, and the published answers."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlmodel import Session, col

from bot.states import AnswerState, EntryState
from bot.store.people import TopicRow
from bot.store.tables import AnswerRow, AnswerVersionRow, EntryRow, QuestionRow

Selection = Select[EntryRow, str, datetime, str]
"""A selection of entries with the customer's handle, when they asked, and the topic's name."""


@dataclass(frozen=True, slots=True)
class Former:
    """What an answer said until ``replaced_at``."""

    text: str
    replaced_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A published answer. ``kind`` is ``answer``, ``addition`` or ``correction``.

    ``credit`` is the author's public name without the ``^``; empty where the brand credits nobody.
    ``former`` has what it said before, the latest first.
    """

    id: int
    text: str
    credit: str
    kind: str
    lead: bool
    at: datetime
    url: str | None
    former: tuple[Former, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """An entry with its published answers, the accepted one first.

    ``asker`` is the customer's handle, empty where the quotation is withheld. ``topic_name`` is for people.
    """

    id: int
    title: str
    quotation: str | None
    withheld: str | None
    asker: str
    asked_at: datetime
    source_url: str | None
    topic: str | None
    topic_name: str | None
    language: str | None
    platform: str
    state: EntryState
    asked_count: int
    helpful: int
    unhelpful: int
    valid_until: datetime | None
    published_at: datetime
    updated_at: datetime
    answers: tuple[Reply, ...]

    @property
    def answer(self) -> Reply:
        """The accepted answer. Records without any are never handed out as public."""
        return self.answers[0]


def selection() -> Selection:
    """Selects what ``records`` makes records of; the caller adds conditions and order on ``EntryRow``."""
    return (
        select(EntryRow, col(QuestionRow.customer_handle), col(QuestionRow.asked_at), col(TopicRow.name))
        .join(QuestionRow, col(QuestionRow.id) == col(EntryRow.question_id))
        .outerjoin(TopicRow, col(TopicRow.slug) == col(EntryRow.topic))
    )


def records(session: Session, statement: Selection, *, history: bool = False) -> list[Record]:
    """The records of a selection, in its order; with ``history`` what their answers said before, too.

    A record without any published answer has ``answers == ()``.
    """
    rows = session.execute(statement).all()
    replies = _replies(session, [entry.question_id for entry, *_ in rows], history=history)
    return [
        _record(entry, handle, asked_at, topic, tuple(replies[entry.question_id]))
        for entry, handle, asked_at, topic in rows
    ]


def _record(
    entry: EntryRow, handle: str, asked_at: datetime, topic: str | None, answers: tuple[Reply, ...]
) -> Record:
    return Record(
        id=entry.id or 0,
        title=entry.title,
        quotation=entry.quotation,
        withheld=entry.withheld,
        asker=handle if entry.quotation else "",
        asked_at=asked_at,
        source_url=entry.source_url,
        topic=entry.topic,
        topic_name=topic or entry.topic,
        language=entry.language,
        platform=entry.platform,
        state=EntryState(entry.state),
        asked_count=entry.asked_count,
        helpful=entry.helpful,
        unhelpful=entry.unhelpful,
        valid_until=entry.valid_until,
        published_at=entry.published_at,
        updated_at=entry.updated_at,
        answers=answers,
    )


def _replies(session: Session, question_ids: Sequence[int], *, history: bool) -> dict[int, list[Reply]]:
    statement = (
        select(AnswerRow)
        .where(col(AnswerRow.question_id).in_(question_ids), col(AnswerRow.state) == AnswerState.PUBLISHED)
        .order_by(col(AnswerRow.lead).desc(), col(AnswerRow.published_at), col(AnswerRow.id))
    )
    rows = session.execute(statement).scalars().all() if question_ids else ()
    former = _former(session, [row.id or 0 for row in rows]) if history and rows else {}
    replies: dict[int, list[Reply]] = defaultdict(list)
    for row in rows:
        replies[row.question_id].append(
            Reply(
                id=row.id or 0,
                text=row.text,
                credit=row.credit.removeprefix("^"),
                kind=row.kind,
                lead=row.lead,
                at=row.published_at or row.written_at,
                url=row.url,
                former=tuple(former.get(row.id or 0, ())),
            )
        )
    return replies


def _former(session: Session, answer_ids: Sequence[int]) -> dict[int, list[Former]]:
    statement = (
        select(AnswerVersionRow)
        .where(col(AnswerVersionRow.answer_id).in_(answer_ids))
        .order_by(col(AnswerVersionRow.id).desc())
    )
    versions: dict[int, list[Former]] = defaultdict(list)
    for row in session.execute(statement).scalars():
        versions[row.answer_id].append(Former(row.text, row.replaced_at, row.reason))
    return versions
