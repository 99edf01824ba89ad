"""Words and meaning as one ranking, and the one way in which the archive is searched.

Measured on nine sets (``docs/archive.md``): the cosine of the meanings leads, and BM25 adds a little in
proportion to how much of the query it found. Two things turn that round, because there a small model is
blind: a query in words it does not know (another language), and a rare identifier that an entry names.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from bot.archive.documents import Candidate
from bot.archive.lexical.build import View
from bot.archive.lexical.index import Index
from bot.archive.lexical.query import Filters, ParsedQuery, parse
from bot.archive.lexical.search import (
    DEEPEST,
    NOTHING,
    Hit,
    Ranking,
    Results,
    in_language,
    matching,
    page,
    passing,
    rank,
)
from bot.archive.semantic.embedded_texts import EmbeddedTexts
from bot.archive.semantic.embedding_model import EmbeddingModel
from bot.archive.semantic.multilingual_model import MultilingualModel
from bot.archive.semantic.vector_index import VectorIndex, VectorReplica

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CANDIDATES: Final = 100
"""So many of the best by words and as many of the best by meaning are ranked together."""

COMPARED: Final = 5
"""So many of the best are looked at for one that answers the question."""

WORDS_WEIGHT: Final = 0.15
STRANGE_WEIGHT: Final = 1.5
UNKNOWN_LEFT: Final = 0.2
"""How much of a query's strangeness is left where a model of all languages has its say."""

NAMED_WEIGHT: Final = 0.4

NEAR_ENOUGH: Final = 0.25
"""An entry that shares no word with the query must be this near (cosine) to be found at all."""

_KNOWN_PIECES: Final = 1.5
_STRANGE_PIECES: Final = 2.0
"""Pieces per word: English takes 1.0 to 1.4 of this model's, other languages 1.6 to 3."""

_FILTERED: Final = 20_000
"""Where no more entries than this pass the filters, all of them are compared."""

_ENGLISH: Final = "en"

_WORDS_THAT_MEAN: Final = 2
"""The beginning of a first word means nothing yet."""


class Archive:
    """Searches the archive by words, and by meaning where a model is installed.

    ``vectors`` are of a model that knows English, ``multilingual`` of one beside it that knows all languages.
    """

    def __init__(
        self,
        index: Index,
        vectors: VectorReplica[EmbeddingModel] | None = None,
        multilingual: VectorReplica[MultilingualModel] | None = None,
    ) -> None:
        self.index = index
        self.vectors = vectors
        self.multilingual = multilingual
        self._texts = EmbeddedTexts(vectors.model.embed) if vectors is not None else None
        self._asked = EmbeddedTexts(multilingual.model.embed_queries) if multilingual is not None else None

    def search(
        self,
        query: str,
        filters: Filters | None = None,
        *,
        limit: int = 10,
        offset: int = 0,
        typing: bool = False,
        exact: bool = False,
    ) -> Results:
        """Find entries, the best first; the arguments and errors are those of ``Index.search``.

        Raises:
            QueryTooLong: The query has more than 500 characters.
        """
        parsed = parse(query)
        filters = filters or Filters()
        offset, limit = max(0, offset), max(0, limit)
        depth = min(offset + limit, DEEPEST)
        ranking, best = self._rank(parsed, filters, depth, typing=typing, exact=exact)
        results = page(ranking, offset, limit, complete=self.index.is_complete)
        return replace(results, parsed=parsed, best=tuple(best[:COMPARED]))

    def candidates(self, parsed: ParsedQuery, filters: Filters, count: int) -> list[Candidate]:
        """The ``count`` best entries with what speaks for each, the best first.

        Those with none of the query's rarest words are passed over in a large archive.
        """
        return self._rank(parsed, filters, 2 * count, typing=False, exact=False, by_rarest=True)[1][:count]

    def _rank(
        self,
        parsed: ParsedQuery,
        filters: Filters,
        depth: int,
        *,
        typing: bool,
        exact: bool,
        by_rarest: bool = False,
    ) -> tuple[Ranking, list[Candidate]]:
        """The ``depth`` best entries, and of the very best what speaks for each."""
        view = self.index.view
        if view is None or parsed.is_empty:
            return NOTHING, []
        means = self.vectors is not None and not (typing and len(parsed.words) < _WORDS_THAT_MEAN)
        words = rank(
            view,
            parsed,
            filters,
            max(depth, CANDIDATES) if means else depth,
            typing=typing,
            exact=exact,
            by_rarest=by_rarest,
        )
        meant = parsed.corrected(words.corrected)
        near = self._cosines(view, meant, filters, words) if means else None
        if near is None:
            return words, _weighed(words, {}, 1.0)
        cosines, strange = near
        abroad = self._likenesses(view, meant, filters, words, strange)
        if abroad is not None:
            cosines, strange = self._together(view, meant, cosines, abroad, strange), UNKNOWN_LEFT * strange
        best = _weighed(words, cosines, strange)
        return _fused(words, best, depth), best

    def embedding_of(self, text: str) -> "NDArray[np.float32] | None":
        """The text as a vector; None without a model, or with one that is broken."""
        rows = self.embeddings_of([text])
        return rows[0] if rows is not None else None

    def embeddings_of(self, texts: Sequence[str]) -> "list[NDArray[np.float32]] | None":
        """The same of several texts, which costs less than one by one."""
        return self._texts.of(texts) if self._texts is not None else None

    def out_of_vocabulary(self, parsed: ParsedQuery) -> float:
        """How little the model knows of a query's words: 0 as its own language, 1 as another."""
        if self.vectors is None or not parsed.words:
            return 1.0
        pieces = self.vectors.model.count_subwords(parsed.words) / len(parsed.words)
        return min(1.0, max(0.0, (pieces - _KNOWN_PIECES) / (_STRANGE_PIECES - _KNOWN_PIECES)))

    def _cosines(
        self, view: View, parsed: ParsedQuery, filters: Filters, words: Ranking
    ) -> tuple[dict[int, float], float] | None:
        """How near in meaning the words' best are, and whatever else is near; None without meaning.

        And how little the model knows of the words.
        """
        table = self.vectors.index if self.vectors is not None else None
        meant = self.embedding_of(parsed.text) if table is not None and len(table) else None
        if table is None or meant is None:
            return None
        cosines = table.score(meant, [hit.entry_id for hit in words.hits[:CANDIDATES]])
        strange = self.out_of_vocabulary(parsed)
        if strange < 1.0 and (words.loosened or not parsed.phrases):
            cosines |= _near(view, table, meant, filters)
        return cosines, strange

    def _likenesses(
        self, view: View, parsed: ParsedQuery, filters: Filters, words: Ranking, strange: float
    ) -> "_Abroad | None":
        """The same by the model of all languages, on the English model's scale; None where it says nothing.

        A question in English over entries in English is left to the model that knows it best.
        """
        table = self.multilingual.index if self.multilingual is not None else None
        if table is None or not len(table) or (not strange and not set(view.vocabulary.sizes) - {_ENGLISH}):
            return None
        rows = self._asked.of([parsed.text]) if self._asked is not None else None
        if rows is None:
            return None
        asked = rows[0]
        found = table.score(asked, [hit.entry_id for hit in words.hits[:CANDIDATES]])
        if words.loosened or not parsed.phrases:
            found |= _near(view, table, asked, filters, MultilingualModel.likeness)
        return _Abroad(table, asked, list(found))

    def _together(
        self, view: View, parsed: ParsedQuery, cosines: dict[int, float], abroad: "_Abroad", strange: float
    ) -> dict[int, float]:
        """How near entries are by the model that knows their language and the query's best."""
        entry_ids = list(dict.fromkeys((*cosines, *abroad.entry_ids)))
        table = self.vectors.index if self.vectors is not None else None
        meant = self.embedding_of(parsed.text)
        english = in_language(view, _ENGLISH, entry_ids)
        at_home = table.score(meant, list(english)) if table is not None and meant is not None else {}
        likeness = MultilingualModel.likeness
        everywhere = {
            entry_id: likeness(cosine)
            for entry_id, cosine in abroad.table.score(abroad.asked, entry_ids).items()
        }
        together = cosines | everywhere
        for entry_id, cosine in at_home.items():
            together[entry_id] = (1.0 - strange) * cosine + strange * everywhere.get(entry_id, cosine)
        return together


@dataclass(frozen=True, slots=True)
class _Abroad:
    """The vectors of the model of all languages, the query's, and which entries they find."""

    table: VectorIndex
    asked: "NDArray[np.float32]"
    entry_ids: list[int]


def _as_it_is(cosine: float) -> float:
    return cosine


def _near(
    view: View,
    table: VectorIndex,
    meant: "NDArray[np.float32]",
    filters: Filters,
    scale: Callable[[float], float] = _as_it_is,
) -> dict[int, float]:
    """The entries nearest in meaning that are in the index and pass the filters.

    ``scale`` makes a cosine of this model one of the English model's.
    """
    if filters == Filters():
        near = {each.entry_id: each.cosine for each in table.top_k(meant, CANDIDATES)}
    else:
        few = passing(view, filters, _FILTERED)
        near = (
            {each.entry_id: each.cosine for each in table.top_k(meant, 10 * CANDIDATES)}
            if few is None
            else table.score(meant, few)
        )
    best = sorted(near, key=lambda entry_id: -near[entry_id])
    close = [entry_id for entry_id in best if scale(near[entry_id]) >= NEAR_ENOUGH]
    there = matching(view, filters, close[: 10 * CANDIDATES])
    return {entry_id: near[entry_id] for entry_id in close if entry_id in there}


def _weighed(words: Ranking, cosines: dict[int, float], strange: float) -> list[Candidate]:
    """Whatever is among the best by words or by meaning, the best by both first.

    An entry that has no vector yet keeps the place that the words give it: it counts as near as the nearest
    of those that they put below it.
    """
    by_words = {hit.entry_id: hit.score / max(words.possible, 0.1) for hit in words.hits[:CANDIDATES]}
    near = dict(cosines)
    nearest_below = 0.0
    for entry_id in reversed(by_words):
        nearest_below = max(nearest_below, near.setdefault(entry_id, nearest_below))
    candidates = []
    for entry_id in cosines | by_words:
        share = by_words.get(entry_id, 0.0)
        score = (
            near[entry_id]
            + WORDS_WEIGHT * min(1.0, share)
            + STRANGE_WEIGHT * strange * share
            + NAMED_WEIGHT * (entry_id in words.named)
        )
        candidates.append(Candidate(entry_id, score, cosines.get(entry_id), share, entry_id in words.named))
    return sorted(candidates, key=lambda each: (-each.score, each.entry_id))


def _fused(words: Ranking, candidates: list[Candidate], depth: int) -> Ranking:
    """The candidates and, below them, what else the words found, in the words' order."""
    there = {each.entry_id for each in candidates}
    below = [hit.entry_id for hit in words.hits[CANDIDATES:] if hit.entry_id not in there]
    hits = [Hit(each.entry_id, each.score) for each in candidates[:depth]]
    hits += [Hit(entry_id, 0.0) for entry_id in below[: depth - len(hits)]]
    found = len(candidates) + len(below)
    return replace(
        words,
        hits=tuple(hits),
        exhausted=words.exhausted and found <= depth,
        matched=max(words.matched, found),
    )
