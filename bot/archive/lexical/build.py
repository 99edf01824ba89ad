"""One Tantivy index on disk: written by one writer, read through views that never change."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import tantivy
from tantivy import Query

from bot.archive.documents import Document
from bot.archive.lexical.schema import (
    ANALYSER,
    ANALYSERS,
    ID,
    IDENTITY,
    PAIRS,
    POSITION,
    position_document,
    register_analysers,
    schema,
    to_tantivy,
)
from bot.archive.lexical.storage import break_seal, is_sealed, seal
from bot.archive.lexical.term_statistics import TermStatistics

_FOLLOWING_HEAP: Final = 15_000_000
_BUILDING_HEAP: Final = 80_000_000
_BUILDING_THREADS: Final = 2


class BuildError(Exception):
    """An index on disk cannot be read or written; it is to be built again."""


@dataclass(frozen=True, slots=True)
class View:
    """One state of an index, for any number of searches at a time.

    ``complete`` is False while an index is being built for the first time.
    """

    vocabulary: TermStatistics
    complete: bool

    @property
    def searcher(self) -> tantivy.Searcher:
        """What runs queries on this state."""
        return self.vocabulary.searcher

    @property
    def entries(self) -> int:
        """How many entries can be found in it."""
        return max(0, self.searcher.num_docs - int(self.complete))


class Build:
    """An index directory, open for reading and writing by one thread at a time.

    ``position`` is the number of the last change it contains, None while it is unfinished: the number is
    committed together with the documents, so a crash can neither skip a change nor invent one.
    """

    def __init__(self, path: Path, index: tantivy.Index, default_language: str, *, unfinished: bool) -> None:
        self.path = path
        self.position: int | None = None
        self.identity = ""
        self._index = index
        self._default_language = default_language
        self._writer: tantivy.IndexWriter | None = None
        self._heap = _BUILDING_HEAP if unfinished else _FOLLOWING_HEAP
        register_analysers(index)
        index.config_reader("manual")

    @classmethod
    def create(cls, path: Path, default_language: str) -> Self:
        """Begin an index in an empty directory.

        Raises:
            BuildError: The directory cannot be written to.
        """
        try:
            return cls(path, tantivy.Index(schema(), path=str(path)), default_language, unfinished=True)
        except (OSError, ValueError) as error:
            raise BuildError(f"The search index cannot be created in {path}: {error}") from error

    @classmethod
    def open(cls, path: Path, default_language: str) -> Self:
        """Open a finished index after checking every byte of it.

        Raises:
            BuildError: It is damaged, was never finished or was not left in good order.
        """
        if not is_sealed(path):
            raise BuildError(f"The search index in {path} is damaged, or its process did not stop in order.")
        try:
            build = cls(path, tantivy.Index.open(str(path)), default_language, unfinished=False)
            build._read_position()
        except (OSError, ValueError) as error:
            raise BuildError(f"The search index in {path} cannot be read: {error}") from error
        if build.position is None:
            raise BuildError(f"The search index in {path} was never finished.")
        return build

    def view(self) -> View:
        """The state of the last commit."""
        searcher = self._index.searcher()
        entries = dict(searcher.terms_with_prefix(ANALYSER, ""))
        in_use = {key: entries[key] for key in (*ANALYSERS, PAIRS) if key in entries}
        return View(TermStatistics(searcher, in_use), complete=self.position is not None)

    def add(self, document: Document) -> None:
        """Add an entry that is not there yet."""
        self._writing().add_document(to_tantivy(document, self._default_language))

    def commit_unfinished(self) -> None:
        """Make what was added so far visible, without claiming that it is all."""
        self._writing().commit()
        self._index.reload()

    def finish(self, position: int, identity: str) -> None:
        """Declare that everything up to ``position`` is in, and gather the pieces built on the way."""
        self._commit(position, identity)
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.wait_merging_threads()
        self._index.reload()
        self._heap = _FOLLOWING_HEAP

    def replace(self, entry_ids: Iterable[int], documents: Iterable[Document], position: int) -> None:
        """Put these documents in place of whatever the index has of these entries, in one commit."""
        writer = self._writing()
        for entry_id in entry_ids:
            writer.delete_documents_by_term(ID, entry_id)
        for document in documents:
            self.add(document)
        self._commit(position, self.identity)

    def close(self) -> None:
        """Let go of the writer; views stay usable."""
        writer, self._writer = self._writer, None
        if writer is not None:
            # What was not committed is meant to be lost, and a broken disk may refuse even that.
            with suppress(OSError, ValueError):
                writer.rollback()
                writer.wait_merging_threads()

    def leave(self) -> None:
        """Close it in good order: the next process may trust what it finds."""
        self.close()
        with suppress(OSError):  # then the next process builds anew
            seal(self.path)

    def _commit(self, position: int, identity: str) -> None:
        writer = self._writing()
        writer.delete_documents_by_term(ANALYSER, POSITION)
        writer.add_document(position_document(position, identity))
        writer.commit()
        self._index.reload()
        self.position, self.identity = position, identity

    def _writing(self) -> tantivy.IndexWriter:
        if self._writer is None:
            break_seal(self.path)
            threads = _BUILDING_THREADS if self._heap == _BUILDING_HEAP else 1
            self._writer = self._index.writer(self._heap, threads)
        return self._writer

    def _read_position(self) -> None:
        searcher = self._index.searcher()
        found = searcher.search(Query.term_query(schema(), ANALYSER, POSITION, "basic"), 1, count=False)
        if not found.hits:
            return
        position = searcher.fast_field_values(POSITION, [found.hits[0][1]])[0]
        self.position = None if position is None else int(position)
        self.identity = next((term for term, _ in searcher.terms_with_prefix(IDENTITY, "")), "")
