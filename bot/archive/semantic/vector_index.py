"""The entries' embeddings in memory, searched by binary quantisation with rescoring.

A vector is kept twice: as the signs of its numbers (48 bytes for 384 of them), in columns that are
scanned whole for every query, and in eight bits per number, by which the nearest of those are scored.
Nothing is approximated by a graph, so there is nothing to build, and an entry can come and go at once.
"""

from collections.abc import Iterable, Iterator, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, Protocol, TypeVar

import structlog

from bot.archive.documents import Document, EntrySource, StoredVector

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RESCORED: Final = 3_000
"""So many vectors are rescored number by number: all, or of more those whose signs agree best."""

_BLOCK: Final = 16_384
_SAMPLED: Final = 100_000
_COLUMNS: Final = 3
"""So many columns of 64 signs are counted in one byte each: 192 fit, 256 would not."""

_CHANGES: Final = 1_000
_EMBEDDED_AT_ONCE: Final = 8
_RECENT: Final = 10_000

_log = structlog.get_logger(__name__)


class EntryModel(Protocol):
    """What makes vectors of entries. ``version`` tells its vectors from any other's."""

    @property
    def version(self) -> str: ...

    @property
    def dimensions(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]": ...


Model = TypeVar("Model", bound=EntryModel)


class NearEntry(NamedTuple):
    """An entry and the cosine between its embedding and the query's."""

    entry_id: int
    cosine: float


def quantised(vector: "NDArray[np.float32]") -> bytes:
    """A vector as it is stored: one signed byte per number, the largest being 127. Its length is lost."""
    import numpy as np

    peak = max(float(np.abs(vector).max()), 1e-9)
    return np.round(vector / peak * 127.0).astype(np.int8).tobytes()


def embedded_text(document: Document) -> str:
    """What is embedded of an entry: title, quotation and accepted answer; the model reads the first words."""
    parts = (document.title, document.question, *document.answers[:1])
    return " ".join(dict.fromkeys(part.strip() for part in parts if part.strip()))


class VectorIndex:
    """Vectors by entry id, searched whole. One thread writes at a time, any number read meanwhile.

    ``_signs`` has the shape (dimensions / 64, capacity), ``_rows`` (capacity, dimensions), and
    ``_lengths`` (capacity).
    """

    def __init__(self, dimensions: int) -> None:
        import numpy as np

        if dimensions % 64:
            raise ValueError(f"Vectors of {dimensions} numbers: a multiple of 64 is needed.")
        self._dimensions = dimensions
        self._size = 0
        self._ids = np.full(0, -1, dtype=np.int64)
        self._signs = np.zeros((dimensions // 64, 0), dtype=np.uint64)
        self._rows = np.zeros((0, dimensions), dtype=np.int8)
        self._lengths = np.zeros(0, dtype=np.float32)
        self._sorted = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
        self._recent: dict[int, int] = {}

    def __len__(self) -> int:
        """How many rows there are, those of removed entries included."""
        return self._size

    def put(self, entries: Sequence[tuple[int, bytes]]) -> None:
        """Add or replace vectors, each as ``quantised`` made it; one of another length is passed over."""
        import numpy as np

        entries = [each for each in entries if len(each[1]) == self._dimensions]
        if not entries:
            return
        self.remove(entry_id for entry_id, _ in entries)
        rows = np.frombuffer(b"".join(data for _, data in entries), dtype=np.int8)
        rows = rows.reshape(len(entries), self._dimensions)
        first, end = self._size, self._size + len(entries)
        self._reserve(end)
        self._rows[first:end] = rows
        self._lengths[first:end] = np.maximum(np.linalg.norm(rows.astype(np.float32), axis=1), 1e-9)
        self._signs[:, first:end] = np.packbits(rows > 0, axis=1).view(np.uint64).T
        self._ids[first:end] = [entry_id for entry_id, _ in entries]
        self._recent |= {entry_id: first + number for number, (entry_id, _) in enumerate(entries)}
        self._size = end
        if len(self._recent) > _RECENT:
            self._sort()

    def remove(self, entry_ids: Iterable[int]) -> None:
        """Forget these entries, where they are known."""
        wanted = list(entry_ids)
        for row in self._rows_of(wanted)[1]:
            self._ids[row] = -1
        for entry_id in wanted:
            self._recent.pop(entry_id, None)

    def top_k(self, query: "NDArray[np.float32]", count: int) -> list[NearEntry]:
        """The ``count`` entries nearest to a query of length 1, the nearest first."""
        import numpy as np

        size, ids = self._size, self._ids
        candidates = (
            np.arange(size) if size <= RESCORED else self._agreeing(query, size, max(RESCORED, count))
        )
        candidates = candidates[ids[candidates] >= 0]
        cosines = self._cosines(query, candidates)
        if 0 < count < len(cosines):  # most are far from being among the best, and need no order
            near = np.flatnonzero(cosines >= np.partition(cosines, -count)[-count])
            candidates, cosines = candidates[near], cosines[near]
        best = np.argsort(-cosines, kind="stable")[:count]
        return list(map(NearEntry, ids[candidates[best]].tolist(), cosines[best].tolist()))

    def score(self, query: "NDArray[np.float32]", entry_ids: Sequence[int]) -> dict[int, float]:
        """The cosine of each of these entries that has a vector."""
        import numpy as np

        known, rows = self._rows_of(entry_ids)
        cosines = self._cosines(query, np.asarray(rows, dtype=np.int64))
        return dict(zip(known, map(float, cosines), strict=True))

    def _agreeing(self, query: "NDArray[np.float32]", size: int, count: int) -> "NDArray[np.int64]":
        """The rows whose signs agree most often with the query's, about ``count`` of them."""
        import numpy as np

        wanted = np.packbits(query > 0).view(np.uint64)
        differing = np.zeros(size, dtype=np.uint16)
        signs = self._signs
        for begin in range(0, size, _BLOCK):
            end = min(begin + _BLOCK, size)
            for first in range(0, len(wanted), _COLUMNS):
                some = np.bitwise_count(signs[first, begin:end] ^ wanted[first])
                for column in range(first + 1, min(first + _COLUMNS, len(wanted))):
                    some += np.bitwise_count(signs[column, begin:end] ^ wanted[column])
                differing[begin:end] += some
        step = max(1, size // _SAMPLED)
        sampled = np.bincount(differing[::step], minlength=self._dimensions + 1)
        bound = int(np.searchsorted(np.cumsum(sampled) * step, min(count, size)))
        return np.flatnonzero(differing <= bound)[: 4 * count]

    def _cosines(self, query: "NDArray[np.float32]", rows: "NDArray[np.int64]") -> "NDArray[np.float32]":
        import numpy as np

        found = np.empty(len(rows), dtype=np.float32)
        for begin in range(0, len(rows), _BLOCK // 8):
            some = rows[begin : begin + _BLOCK // 8]
            part = self._rows[some].astype(np.float32)
            # Not a matrix product: for one so small, starting the library's threads takes longer than it.
            found[begin : begin + len(part)] = np.einsum("ij,j->i", part, query) / self._lengths[some]
        return found

    def _rows_of(self, entry_ids: Sequence[int]) -> tuple[list[int], list[int]]:
        """Which of these entries are known, and their rows."""
        import numpy as np

        ids, rows = self._sorted
        found: dict[int, int] = {}
        if len(ids) and entry_ids:
            wanted = np.asarray(entry_ids, dtype=np.int64)
            at = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
            for entry_id, position in zip(entry_ids, at.tolist(), strict=True):
                row = int(rows[position])
                if int(ids[position]) == entry_id and int(self._ids[row]) == entry_id:
                    found[entry_id] = row
        found |= {each: self._recent[each] for each in entry_ids if each in self._recent}
        return list(found), list(found.values())

    def _sort(self) -> None:
        import numpy as np

        rows = np.flatnonzero(self._ids[: self._size] >= 0)
        order = np.argsort(self._ids[rows], kind="stable")
        self._sorted = (self._ids[rows][order], rows[order])
        self._recent = {}

    def _reserve(self, size: int) -> None:
        """Room for ``size`` rows. Readers keep the arrays they have, which nothing changes any more."""
        import numpy as np

        if size <= len(self._ids):
            return
        room = max(size, len(self._ids) * 3 // 2, 1_024)
        ids = np.full(room, -1, dtype=np.int64)
        signs = np.zeros((self._signs.shape[0], room), dtype=np.uint64)
        rows = np.zeros((room, self._dimensions), dtype=np.int8)
        lengths = np.ones(room, dtype=np.float32)
        lengths[: self._size] = self._lengths[: self._size]
        ids[: self._size] = self._ids[: self._size]
        signs[:, : self._size] = self._signs[:, : self._size]
        rows[: self._size] = self._rows[: self._size]
        self._rows, self._lengths, self._signs, self._ids = rows, lengths, signs, ids


class VectorReplica(Generic[Model]):
    """Keeps the entries' vectors in step with the entries, and makes those that are missing.

    Made vectors are stored through the source, so that each is made once and every process has it.
    """

    def __init__(self, source: EntrySource, model: Model, *, embeds: bool = True) -> None:
        """Nothing is read before the first ``follow``.

        Args:
            source: The entries and their stored vectors.
            model: The embedding model.
            embeds: Whether this process makes missing vectors, or waits for others to.
        """
        self.model = model
        self._source = source
        self._embeds = embeds
        self._lock = Lock()
        self._index: VectorIndex | None = None
        self._position = 0
        self._checked_up_to: int | None = 0
        self._missing: dict[int, None] = {}

    @property
    def index(self) -> VectorIndex | None:
        """The vectors as they are known by now; None before the first were loaded."""
        return self._index

    def follow(self) -> int:
        """Take in changes, and make a few of the missing vectors; returns how much was done.

        Raises:
            MeaningError: The model cannot be loaded.
        """
        with self._lock:
            if self._index is None:
                self._load()
            return self._take_changes() + (self._embed_missing() if self._embeds else 0)

    def _load(self) -> None:
        self._position = self._source.head()
        table = VectorIndex(self.model.dimensions)
        for batch in _batches(self._source.vectors(self.model.version), _CHANGES):
            table.put([(vector.entry_id, vector.data) for vector in batch])
        self._index = table
        _log.info("archive: meanings loaded", vectors=len(table), model=self.model.version)

    def _take_changes(self) -> int:
        taken = 0
        while changes := self._source.changes(self._position, _CHANGES):
            entry_ids = list(dict.fromkeys(change.entry_id for change in changes))
            public = {each.entry_id: each for each in self._source.documents(entry_ids) if each.public}
            stored = {
                vector.entry_id: vector
                for vector in self._source.vectors_of(self.model.version, list(public))
                if vector.revision == public[vector.entry_id].revision
            }
            self._known().remove(each for each in entry_ids if each not in public)
            self._known().put([(entry_id, vector.data) for entry_id, vector in stored.items()])
            self._missing |= {entry_id: None for entry_id in public if entry_id not in stored}
            self._position = changes[-1].seq
            taken += len(changes)
        return taken

    def _embed_missing(self) -> int:
        """Make the next few vectors: few enough that whoever else follows is not kept waiting."""
        if not self._missing and self._checked_up_to is not None:
            found = self._source.without_vectors(self.model.version, self._checked_up_to, _CHANGES)
            self._checked_up_to = found[-1] if found else None
            self._missing = dict.fromkeys(found)
        entry_ids = list(self._missing)[:_EMBEDDED_AT_ONCE]
        if not entry_ids:
            return 0
        documents = [each for each in self._source.documents(entry_ids) if each.public]
        packed = [quantised(row) for row in self.model.embed([embedded_text(each) for each in documents])]
        self._source.save_vectors(
            self.model.version,
            [
                StoredVector(each.entry_id, each.revision, data)
                for each, data in zip(documents, packed, strict=True)
            ],
        )
        self._known().put([(each.entry_id, data) for each, data in zip(documents, packed, strict=True)])
        for entry_id in entry_ids:
            del self._missing[entry_id]
        return len(entry_ids)

    def _known(self) -> VectorIndex:
        table = self._index
        if table is None:
            raise RuntimeError("the vectors were not loaded")
        return table


def _batches(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
