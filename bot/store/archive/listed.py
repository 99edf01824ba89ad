"""Public entries as lists show them: their title and their published answers, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlmodel import Session, col

from bot.states import EntryState
from bot.store.archive.records import is_shown, leading_first, places_for, values_of
from bot.store.tables.columns import among
from bot.store.tables.conversations import AnswerRow, EntryRow
from bot.store.tables.people import TopicRow


@dataclass(frozen=True, slots=True)
class ListedAnswer:
    """A published answer as a list shows it: what ``PublishedReply`` says of it, as far as that is shown."""

    text: str
    warning: str
    credit: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """A public entry as a list shows it: a ``Record`` without the customer's words and what became of them.

    ``source_url`` is None where these are withheld. There is at least one answer; the accepted one is first.
    """

    id: int
    title: str
    topic: str | None
    topic_name: str | None
    language: str | None
    platform: str
    source_url: str | None
    asked_count: int
    published_at: datetime
    updated_at: datetime
    answers: tuple[ListedAnswer, ...]

    @property
    def answer(self) -> ListedAnswer:
        """The accepted answer."""
        return self.answers[0]


def by_ids(session: Session, entry_ids: Sequence[int]) -> list[ListedEntry]:
    """These entries in this order; those that are not public (any more), or have no answer, drop out."""
    if not entry_ids:
        return []
    wanted = values_of("entry", entry_ids)
    rows = session.connection().execute(_public_with_answers(len(wanted)), wanted).all()
    entries: dict[int, list[Any]] = {}
    answers: dict[int, list[ListedAnswer]] = {}
    for text, warning, credit, at, *entry in rows:
        entries[entry[0]] = entry
        said = ListedAnswer(text, warning, credit.removeprefix("^"), at)
        answers.setdefault(entry[0], []).append(said)
    return [
        ListedEntry(*(*entries[entry_id], tuple(answers[entry_id])))
        for entry_id in entry_ids
        if entry_id in entries
    ]


@lru_cache(maxsize=32)
def _public_with_answers(places: int) -> Select[*tuple[Any, ...]]:
    """One row for each answer: what ``ListedAnswer`` has, and what ``ListedEntry`` has before its answers."""
    has_words = col(EntryRow.quotation) != ""
    return (
        select(
            col(AnswerRow.text),
            col(AnswerRow.warning),
            col(AnswerRow.credit),
            func.coalesce(col(AnswerRow.published_at), col(AnswerRow.written_at)),
            col(EntryRow.id),
            col(EntryRow.title),
            col(EntryRow.topic),
            func.coalesce(func.nullif(col(TopicRow.name), ""), col(EntryRow.topic)),
            col(EntryRow.language),
            col(EntryRow.platform),
            case((has_words, col(EntryRow.source_url))),
            col(EntryRow.asked_count),
            col(EntryRow.published_at),
            col(EntryRow.updated_at),
        )
        .join(AnswerRow, col(AnswerRow.question_id) == col(EntryRow.question_id))
        .outerjoin(TopicRow, col(TopicRow.slug) == col(EntryRow.topic))
        .where(
            col(EntryRow.id).in_(places_for("entry", places)),
            among(EntryRow.state, EntryState.PUBLIC),
            *is_shown(),
        )
        .order_by(*leading_first())
    )
