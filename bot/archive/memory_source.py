"""Entries held in memory: a source for evaluations, benchmarks and tests."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from bot.archive.documents import Change, Document, StoredVector

_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class MemorySource:
    """An ``EntrySource`` without a database."""

    def __init__(self, documents: Iterable[Document] = (), identity: str = "memory") -> None:
        self._identity = identity
        self._documents = {document.entry_id: document for document in documents}
        self._changes: list[Change] = []
        self._vectors: dict[tuple[str, int], StoredVector] = {}

    def put(self, document: Document) -> None:
        """Write or replace an entry."""
        self._documents[document.entry_id] = document
        self._log(document.entry_id)

    def remove(self, entry_id: int) -> None:
        """Remove an entry, and what a model made of it."""
        self._documents.pop(entry_id, None)
        for key in [key for key in self._vectors if key[1] == entry_id]:
            del self._vectors[key]
        self._log(entry_id)

    def identity(self) -> str:
        """The name given to this source."""
        return self._identity

    def head(self) -> int:
        """The number of the latest change."""
        return len(self._changes)

    def changes(self, after: int, limit: int) -> list[Change]:
        """The changes following ``after``."""
        return self._changes[after : after + limit]

    def documents(self, entry_ids: Sequence[int]) -> list[Document]:
        """Those of these entries that exist."""
        return [self._documents[entry_id] for entry_id in entry_ids if entry_id in self._documents]

    def stream(self) -> Iterator[Document]:
        return (document for document in list(self._documents.values()) if document.public)

    def vectors(self, model: str) -> Iterator[StoredVector]:
        """Every stored vector of the model that is of an entry's present revision."""
        return iter(
            [
                vector
                for (each, _), vector in self._vectors.items()
                if each == model and self._is_current(vector)
            ]
        )

    def vectors_of(self, model: str, entry_ids: Sequence[int]) -> list[StoredVector]:
        """The stored vectors of these entries."""
        keys = [(model, entry_id) for entry_id in entry_ids]
        return [self._vectors[key] for key in keys if key in self._vectors]

    def without_vectors(self, model: str, after: int, limit: int) -> list[int]:
        """Public entries above ``after`` without a vector of their present revision."""
        stored = {vector.entry_id for vector in self.vectors(model)}
        ids = sorted(each for each, document in self._documents.items() if document.public and each > after)
        return [entry_id for entry_id in ids if entry_id not in stored][:limit]

    def save_vectors(self, model: str, vectors: Sequence[StoredVector]) -> None:
        """Store or replace vectors of entries that exist."""
        for vector in vectors:
            if vector.entry_id in self._documents:
                self._vectors[model, vector.entry_id] = vector

    def _is_current(self, vector: StoredVector) -> bool:
        document = self._documents.get(vector.entry_id)
        return document is not None and document.public and document.revision == vector.revision

    def _log(self, entry_id: int) -> None:
        self._changes.append(Change(len(self._changes) + 1, entry_id))


def plain_document(
    entry_id: int, question: str, answer: str, *, language: str | None = None, **fields: object
) -> Document:
    """A public entry that consists of a question and an answer; ``fields`` override the rest."""
    values: dict[str, object] = {
        "entry_id": entry_id,
        "revision": 1,
        "title": question,
        "question": "",
        "answers": (answer,),
        "topic": None,
        "topics": (),
        "language": language,
        "platform": "local",
        "answered_at": _LONG_AGO,
        "asked_count": 1,
        "public": True,
    }
    return Document(**(values | fields))  # type: ignore[arg-type]
