"""The entries as the search reads them: the database behind ``bot.archive.documents.EntrySource``."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, and_, or_
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from bot.archive.documents import Change, Document, StoredVector
from bot.states import AnswerState, ChangeKind, EntryState
from bot.store import changes
from bot.store.dialects import insert_of
from bot.store.engine import Database
from bot.store.running import switches
from bot.store.tables.columns import among, table_of
from bot.store.tables.conversations import AnswerRow, EntryRow, QuestionRow
from bot.store.tables.search import VectorRow
from bot.store.tables.values import details, weights

_IDENTITY = "archive_identity"
_BATCH = 2_000


class StoredEntries:
    """Reads entries for search indexes and keeps their vectors."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def identity(self) -> str:
        """A value that stays with this database, made when first asked for."""
        with self._database.read() as session:
            value = switches.value_of(session, _IDENTITY)
        if value is None:
            with self._database.write() as session:
                value = switches.value_of(session, _IDENTITY) or uuid4().hex
                switches.put(session, _IDENTITY, value, by="chorus", now=self._database.now(session))
        return str(value)

    def head(self) -> int:
        """The number of the latest change."""
        with self._database.read() as session:
            return changes.head(session)

    def changes(self, after: int, limit: int) -> list[Change]:
        """The changes of entries following ``after``, in order."""
        with self._database.read() as session:
            rows = changes.after(session, after, (ChangeKind.ENTRY,), limit)
            return [Change(row.seq, row.row_id) for row in rows]

    def documents(self, entry_ids: Sequence[int]) -> list[Document]:
        """These entries as they are now."""
        with self._database.read() as session:
            return _documents(session, entry_ids)

    def stream(self) -> Iterator[Document]:
        """Every public entry, in order of their ids."""
        last = 0
        while True:
            with self._database.read() as session:
                ids = session.exec(
                    select(EntryRow.id)
                    .where(col(EntryRow.id) > last, among(EntryRow.state, EntryState.PUBLIC))
                    .order_by(col(EntryRow.id))
                    .limit(_BATCH)
                ).all()
                found = _documents(session, ids)
            if not ids:
                return
            yield from (document for document in found if document.public)
            last = ids[-1]

    def vectors(self, model: str) -> Iterator[StoredVector]:
        """Every stored vector of ``model``, in order of the entries' ids."""
        last = 0
        while True:
            with self._database.read() as session:
                rows = session.exec(
                    select(VectorRow)
                    .where(VectorRow.model == model, col(VectorRow.entry_id) > last)
                    .order_by(col(VectorRow.entry_id))
                    .limit(_BATCH)
                ).all()
            if not rows:
                return
            yield from (StoredVector(row.entry_id, row.revision, row.vector) for row in rows)
            last = rows[-1].entry_id

    def vectors_of(self, model: str, entry_ids: Sequence[int]) -> list[StoredVector]:
        """The stored vectors of these entries, where there are any."""
        with self._database.read() as session:
            rows = session.exec(
                select(VectorRow).where(VectorRow.model == model, col(VectorRow.entry_id).in_(entry_ids))
            ).all()
        return [StoredVector(row.entry_id, row.revision, row.vector) for row in rows]

    def without_vectors(self, model: str, after: int, limit: int) -> list[int]:
        """Public entries beyond ``after`` whose vector is missing or of an earlier revision, in order."""
        with self._database.read() as session:
            rows = session.exec(
                select(EntryRow.id)
                .outerjoin(
                    VectorRow, and_(col(VectorRow.entry_id) == EntryRow.id, col(VectorRow.model) == model)
                )
                .where(
                    col(EntryRow.id) > after,
                    among(EntryRow.state, EntryState.PUBLIC),
                    or_(
                        col(VectorRow.revision).is_(None),
                        col(VectorRow.revision) < col(EntryRow.revision),
                    ),
                )
                .order_by(col(EntryRow.id))
                .limit(limit)
            ).all()
        return list(rows)

    def save_vectors(self, model: str, vectors: Sequence[StoredVector]) -> None:
        """Store or replace vectors of entries that are still there."""
        if not vectors:
            return
        insert = insert_of(self._database.engine.dialect.name)
        with self._database.write() as session:
            there = set(
                session.exec(
                    select(EntryRow.id).where(
                        col(EntryRow.id).in_([one.entry_id for one in vectors]),
                        among(EntryRow.state, EntryState.PUBLIC),
                    )
                ).all()
            )
            rows = [
                {"entry_id": one.entry_id, "model": model, "revision": one.revision, "vector": one.data}
                for one in vectors
                if one.entry_id in there
            ]
            if rows:
                statement = insert(VectorRow)
                fresh = statement.excluded
                session.execute(
                    statement.on_conflict_do_update(
                        index_elements=["entry_id", "model"],
                        set_={"revision": fresh["revision"], "vector": fresh["vector"]},
                    ),
                    rows,
                )


# Columns instead of rows of the tables' classes: a build from nothing reads all entries there are.
_ENTRY, _QUESTION, _ANSWER = table_of(EntryRow).c, table_of(QuestionRow).c, table_of(AnswerRow).c
_ENTRIES = (
    select_columns(
        _ENTRY.id,
        _ENTRY.revision,
        _ENTRY.title,
        _ENTRY.quotation,
        _ENTRY.warning,
        _ENTRY.pictures,
        _ENTRY.details,
        _ENTRY.topic,
        _ENTRY.language,
        _ENTRY.platform,
        _ENTRY.published_at,
        _ENTRY.asked_count,
        _ENTRY.state,
        _ENTRY.question_id,
        _QUESTION.topics,
    )
    .join_from(table_of(EntryRow), table_of(QuestionRow), _QUESTION.id == _ENTRY.question_id)
    .order_by(_ENTRY.id)
)
_ANSWERS = (
    select_columns(_ANSWER.question_id, _ANSWER.text)
    .where(_ANSWER.state == str(AnswerState.PUBLISHED))
    .order_by(_ANSWER.lead.desc(), _ANSWER.published_at, _ANSWER.id)
)


def _documents(session: Session, entry_ids: Sequence[int]) -> list[Document]:
    entries = session.execute(_ENTRIES.where(_ENTRY.id.in_(entry_ids))).all()
    answers: dict[int, list[str]] = defaultdict(list)
    questions = [entry.question_id for entry in entries]
    for question_id, text in session.execute(_ANSWERS.where(_ANSWER.question_id.in_(questions))):
        answers[question_id].append(text)
    return [_document(entry, answers[entry.question_id]) for entry in entries]


def _document(entry: Row[Any], answers: Sequence[str]) -> Document:
    topics = tuple(topic.slug for topic in weights(entry.topics))
    return Document(
        entry_id=entry.id,
        revision=entry.revision,
        title=entry.title,
        question=_said(entry) if entry.quotation else "",
        answers=tuple(answers),
        topic=entry.topic,
        topics=topics if entry.topic is None or entry.topic in topics else (entry.topic, *topics),
        language=entry.language,
        platform=entry.platform,
        answered_at=entry.published_at,
        asked_count=entry.asked_count,
        public=entry.state == EntryState.PUBLIC,
    )


def _said(entry: Row[Any]) -> str:
    """All that the public reads of what the customer said."""
    added = [one.text for one in details(entry.details)]
    return "\n".join([entry.warning, entry.quotation, *entry.pictures, *added]).strip()
