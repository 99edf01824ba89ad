"""The public record of a question: written with its first answer, kept right as words change or go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.actions.archive.gate import gate_of, weigh_entry, why_held_back
from bot.states import ChangeKind, EntryState, HookEvent, TitleSource
from bot.store import changes, rows
from bot.store.archive import entries
from bot.store.engine import Session
from bot.store.hooks.outbox import tell
from bot.store.row_locks import count_up, lock_row
from bot.store.tables.conversations import AnswerRow, EntryRow, PostRow, QuestionRow
from bot.store.tables.values import Detail, stored_details
from bot.store.topics import named as topics
from routing.dialogue.gate import ArchiveGate
from routing.model.phrases import phrase

DELETED = phrase("The customer deleted the post.")
NOT_PUBLIC = phrase("The customer's post is not public any more.")
_NOBODYS = (TitleSource.DERIVED, TitleSource.STAND_IN)
"""Titles that no person gave."""


@dataclass(frozen=True, slots=True)
class Quotation:
    """A customer's words for the public, or why there are none.

    ``warning`` is the content warning they are folded behind, ``pictures`` describe what came with them, and
    ``details`` are what was added later.
    """

    words: str | None = None
    withheld: str | None = None
    warning: str = ""
    pictures: tuple[str, ...] = ()
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """How a question appears to the public: its title, and its words or why they are withheld."""

    title: str
    source: TitleSource
    quoted: Quotation


@dataclass(frozen=True, slots=True)
class GoneOut:
    """An answer that has just gone out, with its question, the post that asked, and what the public sees."""

    question: QuestionRow
    answer: AnswerRow
    opening: PostRow | None
    shown: Shown


def publish_entries(session: Session, gone_out: Sequence[GoneOut], now: datetime) -> None:
    """Write the entries of answers, to one question each, or add each answer to the entry there is."""
    gate = gate_of(session)
    there = entries.of_questions(session, [one.question.id for one in gone_out])
    called = topics.former_slugs(session)
    fresh = [_entry(one, gate, called, now) for one in gone_out if one.question.id not in there]
    for entry in rows.keep_all(session, fresh, "question_id"):
        changes.append(session, ChangeKind.ENTRY, entry.id, now, questions=[entry.question_id])
        if entry.state == EntryState.PUBLIC:
            tell(session, HookEvent.ENTRY_PUBLISHED, entry.id)
    for one in gone_out:
        known = there.get(one.question.id)
        if known is None or known.state == EntryState.GONE:
            continue
        if one.answer.lead:
            weigh_entry(session, known, why_held_back(one.question, one.answer, gate), now)
        else:
            entries.touch(session, known, now)


def _entry(one: GoneOut, gate: ArchiveGate, called: Mapping[str, str], now: datetime) -> EntryRow:
    """``called`` are slugs that topics had before, with the one that each has by now."""
    question, quoted = one.question, one.shown.quoted
    why = why_held_back(question, one.answer, gate)
    return EntryRow(
        question_id=question.id,
        title=one.shown.title,
        title_source=one.shown.source,
        quotation=quoted.words,
        withheld=quoted.withheld,
        warning=quoted.warning,
        pictures=list(quoted.pictures),
        details=stored_details(quoted.details),
        source_url=one.opening.url if one.opening else None,
        topic=called.get(question.main_topic or "", question.main_topic),
        language=question.language,
        platform=question.platform,
        state=EntryState.HELD_BACK if why else EntryState.PUBLIC,
        held_back=why,
        owner_id=one.answer.employee_id,
        published_at=now,
        updated_at=now,
    )


def asked_again(session: Session, entry: EntryRow, now: datetime) -> None:
    """The same was asked and answered once more."""
    count_up(session, entry, "asked_count")
    entries.touch(session, entry, now)


def requote(session: Session, entry: EntryRow, shown: Shown, now: datetime) -> None:
    """The customer changed their words: so do we, unless the title is in ours."""
    _quote(entry, shown.quoted)
    if entry.title_source in _NOBODYS:
        entry.title, entry.title_source = shown.title, shown.source
    entries.touch(session, entry, now)


def redetail(session: Session, entry: EntryRow, added: Sequence[Detail], now: datetime) -> None:
    """The customer has added something, or changed or deleted what they had added."""
    if entry.added != tuple(added):
        entry.details = stored_details(added)
        entries.touch(session, entry, now)


def restate(session: Session, question: QuestionRow, title: str, source: TitleSource, now: datetime) -> None:
    """Restate a question in our own words: for its entry, be it there already or still to come."""
    lock_row(session, question)
    question.title, question.title_source = title, source
    changes.append(session, ChangeKind.WORK, question.id, now)
    entry = entries.of_question(session, question.id)
    if entry is None or (entry.title, entry.title_source) == (title, source):
        return
    entry.title, entry.title_source = title, source
    entries.touch(session, entry, now)


def forget_customer(session: Session, entry: EntryRow, now: datetime, why: str = DELETED) -> None:
    """The customer's words go. The entry stays only under a title in our own words."""
    _quote(entry, Quotation(withheld=why))
    entry.source_url = None
    if entry.title_source in _NOBODYS:
        entry.title = ""
        entry.state = EntryState.GONE
        entries.forget_vectors(session, entry.id)
    entries.touch(session, entry, now)


def _quote(entry: EntryRow, quoted: Quotation) -> None:
    entry.quotation, entry.withheld = quoted.words, quoted.withheld
    entry.warning, entry.pictures = quoted.warning, list(quoted.pictures)
    entry.details = stored_details(quoted.details)
