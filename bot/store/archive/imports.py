"""Entries that were answered elsewhere or before: brought in as if they had gone the whole way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.states import AnswerKind, AnswerState, ChangeKind, TitleSource, Via
from bot.store import changes
from bot.store.tables.conversations import AnswerRow, EntryRow, QuestionRow
from routing.model.domain import QuestionState


@dataclass(frozen=True, slots=True)
class PastAnswer:
    """One answer of the past; ``credit`` is the name the public sees."""

    text: str
    credit: str
    written_at: datetime
    employee_id: int | None = None


@dataclass(frozen=True, slots=True)
class PastEntry:
    """A question of the past with its answers, the accepted one first. ``title`` is in our own words."""

    title: str
    question: str
    asked_at: datetime
    answers: Sequence[PastAnswer]
    topic: str | None = None
    language: str | None = None
    platform: str = "local"
    customer: str = ""
    source_url: str | None = None
    settled: bool = False
    withheld: str | None = None


def import_entry(session: Session, past: PastEntry, now: datetime) -> EntryRow:
    """Store question, answers and entry; search and experts learn of them through the change log."""
    published_at = past.answers[0].written_at
    question = QuestionRow(
        platform=past.platform,
        customer_id=past.customer.lower(),
        customer_handle=past.customer,
        text=past.question,
        language=past.language,
        state=QuestionState.SETTLED if past.settled else QuestionState.ANSWERED,
        topics=[[past.topic, 1.0]] if past.topic else [],
        asked_at=past.asked_at,
        answered_at=published_at,
        settled_at=published_at if past.settled else None,
        satisfied=True if past.settled else None,
        title=past.title,
        title_source=TitleSource.EMPLOYEE,
    )
    session.add(question)
    session.flush()
    for number, one in enumerate(past.answers):
        answer = AnswerRow(
            question_id=question.id,
            employee_id=one.employee_id,
            via=Via.IMPORT,
            text=one.text,
            credit=one.credit,
            state=AnswerState.PUBLISHED,
            lead=number == 0,
            kind=AnswerKind.ANSWER if number == 0 else AnswerKind.ADDITION,
            written_at=one.written_at,
            published_at=one.written_at,
        )
        session.add(answer)
        session.flush()
        changes.append(session, ChangeKind.ANSWER, answer.id, now)
    entry = EntryRow(
        question_id=question.id,
        title=past.title,
        title_source=TitleSource.EMPLOYEE,
        quotation=None if past.withheld else past.question or None,
        withheld=past.withheld,
        source_url=past.source_url,
        topic=past.topic,
        language=past.language,
        platform=past.platform,
        owner_id=past.answers[0].employee_id,
        published_at=published_at,
        updated_at=now,
    )
    session.add(entry)
    session.flush()
    changes.append(session, ChangeKind.ENTRY, entry.id, now)
    return entry
