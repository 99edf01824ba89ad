"""The public archive as lines that another archive can take in: what anybody may read, and nothing else.

A customer's words on X are never among them (the link is), nor is anybody's account. An entry is recognised
by its title and accepted answer, so that taking the same lines in twice changes nothing.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from sqlmodel import Session, col, select

from bot.platforms.registry import traits_of
from bot.posts import PlatformName
from bot.states import AnswerState, EntryState
from bot.store.archive.records import Record, records, selection
from bot.store.fitting import largest, longest, shortened
from bot.store.storable import storable
from bot.store.tables.columns import among
from bot.store.tables.conversations import AnswerRow, EntryRow
from bot.store.tables.people import TopicRow
from bot.store.tables.values import Detail
from bot.text.times.timestamps import in_utc

_BATCH = 500
TransferKind = Literal["answer", "addition", "correction", "community"]
_KINDS: Mapping[str, TransferKind] = {
    "answer": "answer",
    "addition": "addition",
    "correction": "correction",
    "community": "community",
}
"""What is handed out; a mere pointer to another entry is not."""
_LANGUAGE = longest(EntryRow, "language")
_Words = Annotated[str, AfterValidator(storable)]
_Text = Annotated[_Words, Field(min_length=1, max_length=20_000)]


def _reckonable(moment: datetime) -> datetime:
    at = in_utc(moment)
    if at is None:
        raise ValueError("this date cannot be reckoned with: the years 2 to 9998 can")
    return at


def _short_tag(language: object) -> object:
    return shortened(language, _LANGUAGE) if isinstance(language, str) else language


_Moment = Annotated[AwareDatetime, AfterValidator(_reckonable)]
_Warning = Annotated[str, Field(max_length=500)]


class AnswerLine(BaseModel):
    """One answer; ``credit`` is its author's public name."""

    model_config = ConfigDict(extra="ignore")

    text: _Text
    credit: _Words = Field(default="", max_length=200)
    kind: TransferKind = "answer"
    at: _Moment
    url: _Words | None = Field(default=None, max_length=2_000)
    warning: _Warning = ""


class DetailLine(BaseModel):
    """What the customer added to the question."""

    model_config = ConfigDict(extra="ignore")

    text: _Words = Field(default="", max_length=20_000)
    at: _Moment
    warning: _Warning = ""
    pictures: Annotated[list[_Text], Field(max_length=50)] = []


class EntryLine(BaseModel):
    """One entry, its accepted answer first. ``question`` is null where it may not be repeated."""

    model_config = ConfigDict(extra="ignore")

    id: str | None = None
    title: Annotated[_Words, Field(min_length=1, max_length=300)]
    question: _Words | None = Field(default=None, max_length=20_000)
    asked_at: _Moment
    answers: Annotated[list[AnswerLine], Field(min_length=1, max_length=50)]
    topic: str | None = Field(default=None, max_length=60)
    topic_name: str | None = Field(default=None, max_length=80)
    language: Annotated[_Words | None, BeforeValidator(_short_tag)] = None
    platform: PlatformName = PlatformName.GENERIC
    source_url: _Words | None = Field(default=None, max_length=2_000)
    asked_count: int = Field(default=1, ge=1, le=largest(EntryRow, "asked_count"))
    valid_until: _Moment | None = None
    updated_at: _Moment | None = None
    warning: _Warning = ""
    pictures: Annotated[list[_Text], Field(max_length=50)] = []
    details: Annotated[list[DetailLine], Field(max_length=50)] = []


def exported(session: Session) -> Iterator[EntryLine]:
    """Every public entry, in order of their ids."""
    last = 0
    names = dict(session.execute(select(col(TopicRow.slug), col(TopicRow.name))).all())
    while True:
        ids = session.exec(
            select(EntryRow.id)
            .where(col(EntryRow.id) > last, among(EntryRow.state, EntryState.PUBLIC))
            .order_by(col(EntryRow.id))
            .limit(_BATCH)
        ).all()
        if not ids:
            return
        found = records(session, selection().where(col(EntryRow.id).in_(ids)).order_by(col(EntryRow.id)))
        lines = (_line(record, names) for record in found)
        yield from (line for line in lines if line.answers)
        last = ids[-1]


def _line(record: Record, names: Mapping[str, str]) -> EntryLine:
    answers: list[AnswerLine] = [
        AnswerLine.model_construct(
            None, text=one.text, credit=one.credit, kind=kind, at=one.at, url=one.url, warning=one.warning
        )
        for one in record.answers
        if (kind := _KINDS.get(one.kind)) is not None
    ]
    shown = traits_of(record.platform).hands_on_words
    return EntryLine.model_construct(
        id=str(record.id),
        title=record.title,
        question=record.quotation if shown else None,
        asked_at=record.asked_at,
        answers=answers,
        topic=record.topic,
        topic_name=names.get(record.topic or ""),
        language=record.language,
        platform=PlatformName(record.platform),
        source_url=record.source_url,
        asked_count=record.asked_count,
        valid_until=record.valid_until,
        updated_at=record.updated_at,
        warning=record.warning if shown else "",
        pictures=list(record.pictures) if shown else [],
        details=[_detail_line(one) for one in record.details] if shown else [],
    )


def _detail_line(detail: Detail) -> DetailLine:
    return DetailLine.model_construct(
        None, text=detail.words, at=detail.at, warning=detail.warning, pictures=list(detail.pictures)
    )


def known(session: Session) -> set[bytes]:
    """What the entries that are here, visible or not, are recognised by."""
    rows = session.execute(
        select(EntryRow.title, AnswerRow.text)
        .join(AnswerRow, col(AnswerRow.question_id) == EntryRow.question_id)
        .where(AnswerRow.state == AnswerState.PUBLISHED)
        .execution_options(yield_per=2_000)
    )
    return {mark_of(title, text) for title, text in rows}


def mark_of(title: str, answer: str) -> bytes:
    """What an entry is recognised by: its title and accepted answer."""
    return hashlib.blake2b(f"{title}\x00{answer}".encode("utf-8", "replace"), digest_size=16).digest()
