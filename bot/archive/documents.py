"""What the search knows of an entry, and the door through which it reads entries.

The database is the truth; everything in this package can be built again from an ``EntrySource``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol


@dataclass(frozen=True, slots=True)
class Document:
    """An entry as the search reads it.

    ``question`` is the customer's quotation with what stands beside it (content warning, descriptions of
    pictures) and what they added later, empty where it is withheld. ``answers`` has the accepted
    answer first. ``topic`` is the main topic's slug and ``topics`` all of them. ``language`` is an
    ISO 639-1 code (a region is ignored), None where nobody knows. ``public`` is False for an entry that
    must not be found.
    """

    entry_id: int
    revision: int
    title: str
    question: str
    answers: tuple[str, ...]
    topic: str | None
    topics: tuple[str, ...]
    language: str | None
    platform: str
    answered_at: datetime
    asked_count: int
    public: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the change log: the entry was written or removed. ``seq`` rises in commit order."""

    seq: int
    entry_id: int


@dataclass(frozen=True, slots=True)
class StoredVector:
    """A model's vector of an entry's revision; ``bot.archive.semantic.vector_index`` packs it."""

    entry_id: int
    revision: int
    data: bytes


class Candidate(NamedTuple):
    """An entry and what speaks for it.

    ``cosine`` is None where the entry or the query has no vector; ``words`` is BM25's score as a share of
    the query's weight, 0 where the words did not find it; ``named`` says that it carries a rare identifier
    of the query.
    """

    entry_id: int
    score: float
    cosine: float | None
    words: float
    named: bool


class EntrySource(Protocol):
    """The entries as they stand in the database. Every method is a read or write of its own."""

    def identity(self) -> str:
        """A value that stays with this database and no other, so that an index of another is refused."""

    def head(self) -> int:
        """The sequence number of the latest change; 0 before the first."""

    def changes(self, after: int, limit: int) -> list[Change]:
        """The changes following ``after``, in order; at most ``limit``."""

    def documents(self, entry_ids: Sequence[int]) -> list[Document]:
        """These entries, in any order; one that is absent from the answer is gone."""

    def stream(self) -> Iterator[Document]:
        """Every public entry, once, for building an index from nothing."""

    def vectors(self, model: str) -> Iterator[StoredVector]:
        """Every stored vector of ``model`` that is of a public entry's present revision."""

    def vectors_of(self, model: str, entry_ids: Sequence[int]) -> list[StoredVector]:
        """The stored vectors of these entries, where there are any."""

    def without_vectors(self, model: str, after: int, limit: int) -> list[int]:
        """Public entries above ``after`` that lack a vector of their present revision, in ascending order."""

    def save_vectors(self, model: str, vectors: Sequence[StoredVector]) -> None:
        """Store or replace them; an entry that is gone by now is passed over."""
