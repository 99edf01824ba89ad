"""What a message says of what happened: numbers, links, times, kinds; words only as the public sees them now.

It is read when the message goes out, not when it happened: what was deleted, hidden or held meanwhile is not
told any more, however late the message is.
"""

from collections.abc import Callable, Mapping
from typing import Any

from bot.channels.messages import BrandProfile
from bot.states import EntryState
from bot.store import rows
from bot.store.archive import entries
from bot.store.archive.records import Record
from bot.store.engine import Session
from bot.store.matters import voices
from bot.store.queries.pages import archive, public_matters
from bot.store.queries.pages.public_matters import PublicMatter
from bot.store.tables.conversations import AnswerRow, DeliveryRow, QuestionRow
from bot.store.tables.hooks import HookEventRow
from bot.store.tables.matters import MatterRow
from bot.text.display import plain

Content = dict[str, Any]


def content_of(session: Session, event: HookEventRow, house: BrandProfile) -> Content:
    """The ``data`` of a message about an event."""
    about = event.kind.partition(".")[0]
    return {**_ABOUT[about](session, event.subject, house), **event.detail}


def message_of(session: Session, event: HookEventRow, house: BrandProfile) -> Content:
    """A message as Standard Webhooks has it: ``type``, ``timestamp``, ``data``."""
    return {
        "type": event.kind,
        "timestamp": event.at.isoformat(timespec="milliseconds"),
        "data": content_of(session, event, house),
    }


def question_facts(session: Session, question: QuestionRow, house: BrandProfile) -> Content:
    """A question: when and where, what about, how it stands; and its entry where the public sees one."""
    entry = entries.of_question(session, question.id)
    is_public = entry is not None and entry.state == EntryState.PUBLIC
    return {
        "question": str(question.id),
        "platform": question.platform,
        "topic": question.main_topic,
        "language": question.language,
        "state": question.state,
        "asked_at": _moment(question.asked_at),
        "answered_at": _moment(question.answered_at),
        "settled_at": _moment(question.settled_at),
        "matter": str(question.matter_id) if question.matter_id else None,
        "entry": str(entry.id) if entry is not None and is_public else None,
        "url": f"{house.base_url}/q/{entry.id}" if entry is not None and is_public else None,
        "in_charge_url": f"{house.base_url}/admin/questions/{question.id}",
    }


def _question(session: Session, number: int, house: BrandProfile) -> Content:
    question = rows.find(session, QuestionRow, number)
    return {"question": str(number)} if question is None else question_facts(session, question, house)


def _answer(session: Session, number: int, house: BrandProfile) -> Content:
    answer = rows.find(session, AnswerRow, number)
    if answer is None:
        return {"answer": str(number)}
    return {
        "answer": str(number),
        "written_at": _moment(answer.written_at),
        "answers_url": f"{house.base_url}/admin/answers",
        **_question(session, answer.question_id, house),
    }


def _delivery(session: Session, number: int, house: BrandProfile) -> Content:
    delivery = rows.find(session, DeliveryRow, number)
    if delivery is None:
        return {"delivery": str(number)}
    return {
        "delivery": str(number),
        "kind": delivery.kind,
        "platform": delivery.platform,
        "state": delivery.state,
        "question": str(delivery.question_id) if delivery.question_id else None,
        "in_charge_url": f"{house.base_url}/admin/deliveries",
    }


def _entry(session: Session, number: int, house: BrandProfile) -> Content:
    record = archive.find(session, number)
    if record is None or record.state != EntryState.PUBLIC or not record.answers:
        return {"entry": str(number)}
    return entry_words(record, house)


def entry_words(record: Record, house: BrandProfile) -> Content:
    """A public entry, as its page shows it; what the customer wrote is left to the page."""
    return {
        "entry": str(record.id),
        "title": plain(record.title),
        "answer": plain(record.answer.text),
        "warning": plain(record.answer.warning) or None,
        "topic": record.topic,
        "language": record.language,
        "platform": record.platform,
        "answered_by": plain(record.answer.credit) or None,
        "answered_at": _moment(record.answer.at),
        "url": f"{house.base_url}/q/{record.id}",
    }


def _matter(session: Session, number: int, house: BrandProfile) -> Content:
    matter = rows.find(session, MatterRow, number)
    if matter is None:
        return {"matter": str(number)}
    public = public_matters.find(session, number)
    return {
        "matter": str(number),
        "topic": matter.topic,
        "state": matter.state,
        "questions": matter.questions,
        "unasked": voices.unasked(session, [number]).get(number, 0),
        "since": _moment(matter.first_at),
        "in_charge_url": f"{house.base_url}/admin/matters/{number}",
        **(_said(public, house) if public is not None else {"title": None, "statement": None, "url": None}),
    }


def _said(public: PublicMatter, house: BrandProfile) -> Content:
    return {
        "title": plain(public.title),
        "statement": plain(public.said[0].text_for(None)) if public.said else None,
        "url": f"{house.base_url}/m/{public.id}",
    }


def _endpoint(_session: Session, number: int, house: BrandProfile) -> Content:
    return {"endpoint": str(number), "site": house.base_url}


def _moment(at: Any) -> str | None:
    return None if at is None else str(at.isoformat(timespec="milliseconds"))


_ABOUT: Mapping[str, Callable[[Session, int, BrandProfile], Content]] = {
    "question": _question,
    "answer": _answer,
    "delivery": _delivery,
    "entry": _entry,
    "matter": _matter,
    "endpoint": _endpoint,
}
