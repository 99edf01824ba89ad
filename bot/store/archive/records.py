"""Entries as the public sees them: with topic, quotation and its author, and the published answers."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, Select, bindparam, or_, select
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col

from bot.states import AnswerKind, AnswerState, EntryState
from bot.store.tables.columns import Id
from bot.store.tables.conversations import AnswerRow, EntryRow, QuestionRow
from bot.store.tables.house import AnswerVersionRow, ChallengeRow
from bot.store.tables.people import TopicRow
from bot.store.tables.values import Detail, details
from routing.dialogue.gate import HeldBack
from routing.dialogue.turns import TurnKind

Selection = Select[*tuple[Any, ...]]
"""A selection of entries, with who asked them when, and the topic's name."""


@dataclass(frozen=True, slots=True)
class Former:
    """What an answer said until ``replaced_at``."""

    text: str
    replaced_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class PutRight:
    """That an answer took the place of one that was wrong, and when.

    ``thanks`` is the name of whoever knew better, without the ``^``; empty where nobody is to be named.
    """

    at: datetime
    thanks: str = ""


@dataclass(frozen=True, slots=True)
class PublishedReply:
    """A published answer. ``kind`` is ``answer``, ``addition``, ``correction`` or ``community``.

    ``credit`` is the author's public name without the ``^``; empty where the brand credits nobody.
    ``warning`` is the content warning that ``text`` is folded behind; mostly empty.
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
    warning: str = ""
    is_replacement: bool = False
    """Whether it has taken the place of an answer that was wrong."""
    put_right: tuple[PutRight, ...] = ()
    """How often it was put right, the latest first; told with the history alone."""


@dataclass(frozen=True, slots=True)
class Record:
    """An entry with its published answers, the accepted one first.

    ``asker`` is the customer's handle and ``source_url`` their post; where the quotation is withheld neither
    is told, since both lead to what is withheld. ``topic_name`` is for people. ``warning`` is the content
    warning that the quotation is folded behind, ``pictures`` describe what came with it. ``details`` are what
    the customer added later, the earliest first. ``moved_to`` is the entry that this one has become part of.
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
    answers: tuple[PublishedReply, ...]
    warning: str = ""
    pictures: tuple[str, ...] = ()
    details: tuple[Detail, ...] = ()
    moved_to: int | None = None
    is_retracted: bool = False
    """Whether its answers were public, and have been taken back."""

    @property
    def answer(self) -> PublishedReply:
        """The accepted answer. Records without any are never handed out as public."""
        return self.answers[0]


_ENTRY = (
    EntryRow.id,
    EntryRow.question_id,
    EntryRow.title,
    EntryRow.quotation,
    EntryRow.withheld,
    EntryRow.warning,
    EntryRow.pictures,
    EntryRow.details,
    EntryRow.source_url,
    EntryRow.topic,
    EntryRow.language,
    EntryRow.platform,
    EntryRow.state,
    EntryRow.asked_count,
    EntryRow.helpful,
    EntryRow.unhelpful,
    EntryRow.valid_until,
    EntryRow.moved_to,
    EntryRow.held_back,
    EntryRow.published_at,
    EntryRow.updated_at,
)
_ANSWER = (
    AnswerRow.id,
    AnswerRow.question_id,
    AnswerRow.text,
    AnswerRow.warning,
    AnswerRow.credit,
    AnswerRow.kind,
    AnswerRow.lead,
    AnswerRow.written_at,
    AnswerRow.published_at,
    AnswerRow.url,
    AnswerRow.corrects_id,
)


@lru_cache(maxsize=1)
def selection() -> Selection:
    """Selects what ``records`` makes records of; the caller adds conditions and order on ``EntryRow``.

    Columns instead of mapped objects: this is read at every search, and takes half the time.
    """
    asked = (col(QuestionRow.customer_handle), col(QuestionRow.asked_at))
    return (
        select(*[col(column) for column in _ENTRY], *asked, col(TopicRow.name).label("topic_name"))
        .join(QuestionRow, col(QuestionRow.id) == col(EntryRow.question_id))
        .outerjoin(TopicRow, col(TopicRow.slug) == col(EntryRow.topic))
    )


def places_for(name: str, count: int) -> list[BindParameter[int]]:
    """So many places for ids in a statement that is kept, each with a name of its own.

    A list that grows with what is asked would have the statement put together anew each time.
    """
    return [bindparam(f"{name}_{number}", type_=Id) for number in range(count)]


def values_of(name: str, ids: Sequence[int]) -> dict[str, int]:
    """The ids for as many places as the next power of two; the last one stands in those that are left.

    Raises IndexError where there are none.
    """
    left = (1 << (len(ids) - 1).bit_length()) - len(ids)
    return {f"{name}_{number}": one for number, one in enumerate((*ids, *[ids[-1]] * left))}


def records(
    session: Session,
    statement: Selection,
    values: Mapping[str, Any] | None = None,
    *,
    history: bool = False,
) -> list[Record]:
    """The records of a selection, in its order; with ``history`` what their answers said before, too.

    ``values`` are those of the selection's bound parameters. A record without any published answer has
    ``answers == ()``.
    """
    rows = session.connection().execute(statement, values).all()
    replies = _replies(session, [row.question_id for row in rows], history=history)
    return [_record(row, tuple(replies[row.question_id])) for row in rows]


def _record(row: Row[*tuple[Any, ...]], answers: tuple[PublishedReply, ...]) -> Record:
    return Record(
        id=row.id,
        title=row.title,
        quotation=row.quotation,
        withheld=row.withheld,
        asker=row.customer_handle if row.quotation else "",
        asked_at=row.asked_at,
        source_url=row.source_url if row.quotation else None,
        topic=row.topic,
        topic_name=row.topic_name or row.topic,
        language=row.language,
        platform=row.platform,
        state=EntryState(row.state),
        asked_count=row.asked_count,
        helpful=row.helpful,
        unhelpful=row.unhelpful,
        valid_until=row.valid_until,
        published_at=row.published_at,
        updated_at=row.updated_at,
        answers=answers,
        warning=row.warning if row.quotation else "",
        pictures=tuple(row.pictures) if row.quotation else (),
        details=details(row.details) if row.quotation else (),
        moved_to=row.moved_to,
        is_retracted=row.state == EntryState.HELD_BACK and row.held_back == HeldBack.RETRACTED,
    )


@lru_cache(maxsize=32)
def _published_answers(places: int) -> Selection:
    return (
        select(*[col(column) for column in _ANSWER])
        .where(
            col(AnswerRow.question_id).in_(places_for("question", places)),
            *is_shown(),
        )
        .order_by(*leading_first())
    )


def is_shown() -> tuple[ColumnElement[bool], ...]:
    """The conditions on ``AnswerRow`` under which a public entry shows an answer."""
    return (
        col(AnswerRow.state) == AnswerState.PUBLISHED,
        or_(col(AnswerRow.said).is_(None), col(AnswerRow.said) != TurnKind.QUESTION_BACK),
        col(AnswerRow.kind) != AnswerKind.STATEMENT,
    )


def leading_first() -> tuple[ColumnElement[Any] | Mapped[Any], ...]:
    """The order of an entry's answers: the accepted one first."""
    return (col(AnswerRow.lead).desc(), col(AnswerRow.published_at), col(AnswerRow.id))


def _replies(
    session: Session, question_ids: Sequence[int], *, history: bool
) -> dict[int, list[PublishedReply]]:
    if not question_ids:
        return {}
    wanted = values_of("question", question_ids)
    rows = session.connection().execute(_published_answers(len(wanted)), wanted).all()
    former = _former(session, [row.id for row in rows]) if history and rows else {}
    corrections = (
        _corrections(session, question_ids) if any(row.corrects_id for row in rows) and history else {}
    )
    replies: dict[int, list[PublishedReply]] = defaultdict(list)
    for row in rows:
        replies[row.question_id].append(
            PublishedReply(
                id=row.id,
                text=row.text,
                credit=row.credit.removeprefix("^"),
                kind=row.kind,
                lead=row.lead,
                at=row.published_at or row.written_at,
                url=row.url,
                former=tuple(one for one in former.get(row.id, ()) if _was_public(one, row.published_at)),
                warning=row.warning,
                is_replacement=row.corrects_id is not None,
                put_right=tuple(_chain(corrections, row.id)),
            )
        )
    return replies


@dataclass(frozen=True, slots=True)
class _Correction:
    corrects: int
    told: PutRight


def _corrections(session: Session, question_ids: Sequence[int]) -> dict[int, _Correction]:
    """The corrections of these questions' answers that went out, by their ids."""
    statement = (
        select(
            col(AnswerRow.id),
            col(AnswerRow.corrects_id),
            col(AnswerRow.published_at),
            col(ChallengeRow.thanks),
        )
        .outerjoin(ChallengeRow, col(ChallengeRow.correction_id) == col(AnswerRow.id))
        .where(
            col(AnswerRow.question_id).in_(question_ids),
            col(AnswerRow.corrects_id).is_not(None),
            col(AnswerRow.published_at).is_not(None),
        )
    )
    return {
        number: _Correction(corrects, PutRight(at, (thanks or "").removeprefix("^")))
        for number, corrects, at, thanks in session.execute(statement)
        if corrects is not None and at is not None
    }


def _chain(corrections: Mapping[int, _Correction], number: int) -> Iterator[PutRight]:
    while number in corrections:
        yield corrections[number].told
        number = corrections[number].corrects


def _was_public(former: Former, published_at: datetime | None) -> bool:
    """Whether anybody could read it: what was replaced before the answer went out never was public."""
    return published_at is not None and former.replaced_at >= published_at


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
