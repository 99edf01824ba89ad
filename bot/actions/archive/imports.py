"""Entries that were answered elsewhere or before: brought in as if they had gone the whole way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.states import AcceptedBy, AnswerKind, AnswerState, ChangeKind, TitleSource, Via
from bot.store import changes, rows
from bot.store.archive.transfer import DetailLine, EntryLine, mark_of
from bot.store.engine import Session
from bot.store.tables.conversations import AnswerRow, EntryRow, QuestionRow
from bot.store.tables.people import TopicRow
from bot.store.tables.values import Detail, stored_details, stored_weights
from bot.store.topics import named as topics
from bot.text.language import language_of
from bot.wording.restate import quotation
from routing.model.domain import QuestionState, TopicWeight
from routing.model.entities import without_links_and_handles
from routing.model.phrases import phrase


@dataclass(frozen=True, slots=True)
class ImportedAnswer:
    """One answer of the past; ``credit`` is the name the public sees."""

    text: str
    credit: str
    written_at: datetime
    employee_id: int | None = None
    kind: str = ""
    """Empty: the first is the answer, the others are additions to it."""
    url: str | None = None
    warning: str = ""


@dataclass(frozen=True, slots=True)
class PastEntry:
    """A question of the past with its answers, the accepted one first. ``title`` is in our own words."""

    title: str
    question: str
    asked_at: datetime
    answers: Sequence[ImportedAnswer]
    topic: str | None = None
    language: str | None = None
    platform: str = "local"
    customer: str = ""
    source_url: str | None = None
    settled: bool = False
    withheld: str | None = None
    warning: str = ""
    pictures: Sequence[str] = ()
    details: Sequence[Detail] = ()
    asked_count: int = 1
    valid_until: datetime | None = None


def import_entry(session: Session, past: PastEntry, now: datetime) -> EntryRow:
    """Store question, answers and entry; search and experts learn of them through the change log."""
    published_at = past.answers[0].written_at
    topic = topics.slug_now(session, past.topic or "") or None
    question = QuestionRow(
        platform=past.platform,
        customer_id=past.customer.lower(),
        customer_handle=past.customer,
        text=past.question,
        language=past.language,
        state=QuestionState.SETTLED if past.settled else QuestionState.ANSWERED,
        topics=stored_weights([TopicWeight(topic, 1.0)]) if topic else [],
        asked_at=past.asked_at,
        answered_at=published_at,
        settled_at=published_at if past.settled else None,
        satisfied=True if past.settled else None,
        title=past.title,
        title_source=TitleSource.EMPLOYEE,
    )
    rows.keep(session, question)
    for number, one in enumerate(past.answers):
        answer = AnswerRow(
            question_id=question.id,
            employee_id=one.employee_id,
            via=Via.IMPORT,
            text=one.text,
            credit=one.credit,
            state=AnswerState.PUBLISHED,
            lead=number == 0,
            accepted_by=None if number else AcceptedBy.PERSON,
            kind=one.kind or (AnswerKind.ADDITION if number else AnswerKind.ANSWER),
            written_at=one.written_at,
            published_at=one.written_at,
            url=one.url,
            warning=one.warning,
        )
        rows.keep(session, answer)
        changes.append(session, ChangeKind.ANSWER, answer.id, now)
    entry = EntryRow(
        question_id=question.id,
        title=past.title,
        title_source=TitleSource.EMPLOYEE,
        quotation=None if past.withheld else past.question or None,
        withheld=past.withheld,
        source_url=past.source_url,
        topic=topic,
        language=past.language,
        platform=past.platform,
        owner_id=past.answers[0].employee_id,
        warning=past.warning,
        pictures=list(past.pictures),
        details=stored_details(past.details),
        asked_count=past.asked_count,
        valid_until=past.valid_until,
        published_at=published_at,
        updated_at=now,
    )
    rows.keep(session, entry)
    changes.append(session, ChangeKind.ENTRY, entry.id, now)
    return entry


def take_in(session: Session, line: EntryLine, seen: set[bytes], now: datetime) -> int | None:
    """Store an entry unless it is there already; the new entry's id is returned, else None.

    Where the line does not tell its language, its words do, as those of a post would.
    """
    mark = mark_of(line.title, line.answers[0].text)
    if mark in seen:
        return None
    seen.add(mark)
    words, withheld = (
        quotation(line.question, beside=(line.warning, *line.pictures))
        if line.question
        else (None, phrase("The question is not shown here."))
    )
    said = line.question or line.answers[0].text
    past = PastEntry(
        title=line.title,
        question=words or "",
        asked_at=line.asked_at,
        topic=line.topic,
        language=line.language or language_of(without_links_and_handles(f"{line.title} {said}")),
        platform=line.platform,
        source_url=line.source_url,
        withheld=withheld,
        warning=line.warning if words else "",
        pictures=line.pictures if words else (),
        details=[one for each in line.details if (one := _detail(each))] if words else (),
        asked_count=line.asked_count,
        valid_until=line.valid_until,
        answers=[
            ImportedAnswer(
                one.text, _credit(one.credit), one.at, kind=one.kind, url=one.url, warning=one.warning
            )
            for one in line.answers
        ],
    )
    return import_entry(session, past, now).id


def _detail(line: DetailLine) -> Detail | None:
    """What was added, where it may be shown."""
    words, _ = quotation(line.text, beside=(line.warning, *line.pictures))
    return Detail(words, line.at, line.warning, tuple(line.pictures)) if words is not None else None


def add_topics(session: Session, names: Mapping[str, str], now: datetime) -> int:
    """Topics of imported entries that are not there yet; how many are new is returned."""
    there = {*topics.ids(session), *topics.former_slugs(session)}
    fresh = {slug: name for slug, name in names.items() if slug not in there}
    for slug, name in fresh.items():
        row = TopicRow(slug=slug, name=name, keywords=[name.lower()])
        rows.keep(session, row)
        changes.append(session, ChangeKind.ROSTER, row.id, now)
    return len(fresh)


def _credit(name: str) -> str:
    return f"^{name}" if name and not name.startswith("^") else name
