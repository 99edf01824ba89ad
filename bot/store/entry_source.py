"""The entries as the search reads them: the database behind ``bot.archive.documents.EntrySource``."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from uuid import uuid4

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from bot.archive.documents import Change, Document, StoredVector
from bot.states import AnswerState, EntryState
from bot.store import changes, switches
from bot.store.bulk import insert_of
from bot.store.columns import among
from bot.store.engine import Database
from bot.store.tables import AnswerRow, EntryRow, QuestionRow, VectorRow

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
            rows = changes.after(session, after, ("entry",), limit)
            return [Change(row.seq or 0, row.row_id) for row in rows]

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
                found = _documents(session, [one for one in ids if one is not None])
            if not ids:
                return
            yield from (document for document in found if document.public)
            last = ids[-1] or last

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
        return [row for row in rows if row is not None]

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


def _documents(session: Session, entry_ids: Sequence[int]) -> list[Document]:
    rows = session.exec(
        select(EntryRow, QuestionRow)
        .join(QuestionRow, col(QuestionRow.id) == EntryRow.question_id)
        .where(col(EntryRow.id).in_(entry_ids))
        .order_by(col(EntryRow.id))
    ).all()
    answers: dict[int, list[AnswerRow]] = defaultdict(list)
    for answer in session.exec(
        select(AnswerRow)
        .where(
            col(AnswerRow.question_id).in_([question.id for _, question in rows]),
            AnswerRow.state == AnswerState.PUBLISHED,
        )
        .order_by(col(AnswerRow.lead).desc(), col(AnswerRow.published_at), col(AnswerRow.id))
    ).all():
        answers[answer.question_id].append(answer)
    return [_document(entry, question, answers[question.id or 0]) for entry, question in rows]


def _document(entry: EntryRow, question: QuestionRow, answers: Sequence[AnswerRow]) -> Document:
    topics = tuple(str(slug) for slug, _ in question.topics)
    return Document(
        entry_id=entry.id or 0,
        revision=entry.revision,
        title=entry.title,
        question=entry.quotation or "",
        answers=tuple(answer.text for answer in answers),
        topic=entry.topic,
        topics=topics if entry.topic is None or entry.topic in topics else (entry.topic, *topics),
        language=entry.language,
        platform=entry.platform,
        answered_at=entry.published_at,
        asked_count=entry.asked_count,
        public=entry.state == EntryState.PUBLIC,
    )
