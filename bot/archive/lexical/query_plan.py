"""From a taken-apart query to Tantivy queries: which terms, in which fields, with what weight.

Queries are built from terms, never from text in a query language, so nothing typed can break them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, log1p
from typing import Final

import tantivy
from tantivy import Occur, Query

from bot.archive.lexical.analysis import base_language, query_pairs, shared, spellings, terms
from bot.archive.lexical.folding import fold
from bot.archive.lexical.query import Filters, ParsedQuery
from bot.archive.lexical.schema import (
    ANSWERED_AT,
    ID,
    JOINED,
    LANGUAGE,
    PAIRS,
    PLATFORM,
    TOPIC,
    WORDS,
    body_field,
    schema,
    title_field,
)
from bot.archive.lexical.spelling import completions, respellings
from bot.archive.lexical.stopwords import stop_words

TITLE_WEIGHT: Final = 1.5
STOP_WEIGHT: Final = 0.25
VARIANT_WEIGHT: Final = 0.5
JOINED_WEIGHT: Final = 1.0

LARGE: Final = 50_000
"""From this many entries on, stop words are cut where the rest carries the query; below, weighed down."""

_SELDOM: Final = 10
"""A word is taken for a typing error if another spelling of it is this many times as frequent."""

_RESPELT_UP_TO: Final = 12
"""Words of a query: a longer text is recognised by its other words, and every word has hundreds of slips."""
_RESPELT_KEPT: Final = 10_000

_RARE: Final = 5
"""An identifier in no more entries than this tells one thing from another, however small the archive."""


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """What to ask Tantivy. ``corrected`` pairs a typed word with the one that was looked up instead.

    ``possible`` is the weight of all words together, known or not: what BM25 gives an entry is to be seen
    against it. ``identifiers`` finds the entries that name one of the query's rare identifiers. ``most`` is
    the number of entries that the most frequent word occurs in: at least so many are found.
    """

    query: Query
    identifiers: Query | None
    terms: frozenset[str]
    corrected: tuple[tuple[str, str], ...]
    most: int
    possible: float


class TermStatistics:
    """What one state of the index holds: the analysers in use, and the document frequency of terms."""

    def __init__(self, searcher: tantivy.Searcher, analysers: Sequence[str]) -> None:
        self.searcher = searcher
        self.analysers = tuple(analysers)
        self.size = searcher.num_docs
        self._corrections: dict[str, list[str]] = {}

    def frequency(self, field: str, term: str) -> int:
        """In how many entries a term occurs in this field."""
        return self.searcher.doc_freq(field, term)

    def spelling_frequency(self, word: str) -> int:
        """In how many entries a word occurs in exactly this spelling (accents and case aside)."""
        return self.searcher.doc_freq(WORDS, word)

    def corrections(self, word: str) -> list[str]:
        """The words of the archive one slip of the keys away that are far more frequent, if there are any."""
        if word not in self._corrections:
            if len(self._corrections) >= _RESPELT_KEPT:
                self._corrections.clear()
            more_than = _SELDOM * self.spelling_frequency(word)
            self._corrections[word] = respellings(self.searcher, word, more_than) if self.size else []
        return self._corrections[word]


@dataclass(frozen=True, slots=True)
class _Term:
    """A term to look for; ``parsed`` is the word of the query it stands for."""

    field: str
    text: str
    weight: float
    frequency: int


class QueryPlanner:
    """Turns queries into plans, for one state of the index."""

    def __init__(self, vocabulary: TermStatistics, filters: Filters) -> None:
        self._vocabulary = vocabulary
        self._filters = filters
        language = base_language(filters.language)
        in_use = vocabulary.analysers
        self._analysers = (language,) if language in in_use else in_use
        self._found: dict[str, list[_Term]] = {}
        self._spelled: Mapping[str, str] = {}

    def plan(self, parsed: ParsedQuery, *, typing: bool = False, widen: bool = False) -> QueryPlan | None:
        """The plan for a query; None where nothing in the archive can match it.

        Args:
            parsed: The query.
            typing: The last word is being typed: whatever begins with it counts too.
            widen: Other spellings also of words that the archive knows, if they are far more frequent.
        """
        self._spelled = parsed.spelled
        wanted: list[_Term] = []
        corrected: list[tuple[str, str]] = []
        short = len(parsed.words) <= _RESPELT_UP_TO
        for word in self._carrying(parsed.words):
            last = word == parsed.words[-1] and parsed.unfinished
            found = self._word(word, self._weight(word))
            others = self._others(
                word, bool(found), complete=last, typing=typing and last, widen=widen, respell=short
            )
            if others and not found:
                corrected.append((word, others[0]))
            for other in others:
                found += self._word(other, VARIANT_WEIGHT)
            wanted += found
        wanted += self._joined(parsed)
        wanted += [self._term(PAIRS, pair, 1.0) for pair in parsed.pairs]
        wanted = [term for term in wanted if term.frequency]
        phrases = [self._phrase(phrase) for phrase in parsed.phrases]
        if not wanted and not phrases:
            return None
        return QueryPlan(
            query=self._filtered(_any(wanted), phrases),
            identifiers=self._identifiers(parsed),
            terms=frozenset((*(term.text for term in wanted), *self._stems_of_phrases(parsed))),
            corrected=tuple(corrected),
            most=max((term.frequency for term in wanted), default=0),
            possible=self._possible(parsed, wanted),
        )

    def only(self, entry_ids: Sequence[int]) -> Query:
        """Those of these entries that pass the filters."""
        wanted = Query.term_set_query(schema(), ID, list(entry_ids))
        return Query.boolean_query([(Occur.Must, each) for each in (wanted, *self._musts())])

    def passing(self) -> Query:
        """All entries that pass the filters."""
        return Query.boolean_query(
            [(Occur.Must, each) for each in self._musts()] or [(Occur.Must, Query.all_query())]
        )

    def _carrying(self, words: Sequence[str]) -> list[str]:
        """All words; in a large archive without the stop words, if another word is known."""
        if self._vocabulary.size < LARGE:
            return list(words)
        rest = [word for word in words if not self._is_stop_word(word)]
        return rest if any(self._terms_of(word) for word in rest) else list(words)

    def _is_stop_word(self, word: str) -> bool:
        return any(word in stop_words(key) for key in self._analysers)

    def _weight(self, word: str) -> float:
        return STOP_WEIGHT if self._is_stop_word(word) else 1.0

    def _stems(self, text: str) -> list[tuple[str, str]]:
        as_typed = self._spelled.get(text, text)
        return [(key, stem) for key in self._analysers for stem in terms(as_typed, key)]

    def _term(self, field: str, text: str, weight: float) -> _Term:
        return _Term(field, text, weight, self._vocabulary.frequency(field, text))

    def _word(self, word: str, weight: float) -> list[_Term]:
        return [replace(term, weight=term.weight * weight) for term in self._terms_of(word)]

    def _terms_of(self, word: str) -> list[_Term]:
        """A word's stems in titles and bodies, where they occur, weighed so that a title counts for more.

        The weights also make up for the fields' different idf: a word that many titles have and few answers
        would else count for more in the answers.
        """
        if word not in self._found:
            found = [
                self._term(field(key), stem, weight)
                for key, stem in self._stems(word)
                for field, weight in ((title_field, TITLE_WEIGHT), (body_field, 1.0))
            ]
            found = [term for term in found if term.frequency] or self._unstemmed(word)
            common = self._idf(max((term.frequency for term in found), default=0))
            self._found[word] = [
                replace(term, weight=term.weight * common / self._idf(term.frequency)) for term in found
            ]
        return self._found[word]

    def _unstemmed(self, word: str) -> list[_Term]:
        """The word as it is, where only its stem is unknown: without accents many words have another stem."""
        term = self._term(WORDS, shared(word), 1.0)
        return [term] if term.frequency else []

    def _possible(self, parsed: ParsedQuery, wanted: Sequence[_Term]) -> float:
        """The words' weights times their idf, summed; a word that nobody used counts as a very rare one."""
        pairs = [self._idf(term.frequency) for term in wanted if term.field == PAIRS]
        return sum(pairs) + sum(self._weight(word) * self._idf(self._used(word)) for word in parsed.words)

    def _used(self, word: str) -> int:
        return max((term.frequency for term in self._terms_of(word)), default=0)

    def _idf(self, frequency: int) -> float:
        """BM25's idf as Tantivy computes it: ln(1 + (N - n + 0.5) / (n + 0.5))."""
        return log1p((self._vocabulary.size - frequency + 0.5) / (frequency + 0.5))

    def _others(
        self, word: str, known: bool, *, complete: bool, typing: bool, widen: bool, respell: bool
    ) -> list[str]:
        """Other words that may be meant: what it is the beginning of, else other spellings of it."""
        if known and not typing and not widen:
            return []
        others: list[str] = []
        for spelling in spellings(word, self._analysers):
            if complete:
                others += completions(self._vocabulary.searcher, spelling)
            if not others and respell and not (known and typing):
                others += self._vocabulary.corrections(spelling)
        return others

    def _joined(self, parsed: ParsedQuery) -> list[_Term]:
        """Compounds with and without their joint: ``wi-fi`` finds ``wifi``, ``wrt54g`` finds ``WRT-54G``."""
        joined = (*parsed.joined, *map(shared, parsed.words))
        found = [self._term(JOINED, word, JOINED_WEIGHT) for word in joined]
        for word in parsed.joined:
            found += self._word(word, JOINED_WEIGHT)
        return found

    def _identifiers(self, parsed: ParsedQuery) -> Query | None:
        """Entries with an identifier of the query that is rare: in at most five, or one in a thousand."""
        seldom = max(_RARE, self._vocabulary.size // 1000)
        rare: list[_Term] = []
        for word in parsed.identifiers:
            found = [*self._word(word, 1.0), self._term(JOINED, shared(word), 1.0)]
            rare += [term for term in found if 0 < term.frequency <= seldom]
        return self._filtered(_any(rare), []) if rare else None

    def _phrase(self, phrase: str) -> Query:
        """These words in this order, in a title or a body of any language."""
        pairs = query_pairs(fold(phrase))
        if pairs:
            return _in_order(PAIRS, pairs)
        options = []
        for key in self._analysers:
            stems = terms(phrase, key)
            options += [_in_order(field(key), stems) for field in (title_field, body_field)]
        return Query.boolean_query([(Occur.Should, option) for option in options])

    def _stems_of_phrases(self, parsed: ParsedQuery) -> list[str]:
        return [stem for phrase in parsed.phrases for _, stem in self._stems(phrase)]

    def _filtered(self, wanted: Query | None, phrases: Sequence[Query]) -> Query:
        """``wanted`` as it is where nothing is required: only then can Tantivy skip hopeless entries."""
        musts = [*phrases, *self._musts()]
        if not musts and wanted is not None:
            return wanted
        clauses = [(Occur.Must, each) for each in musts]
        if wanted is not None:
            clauses.append((Occur.Should if phrases else Occur.Must, wanted))
        return Query.boolean_query(clauses)

    def _musts(self) -> list[Query]:
        filters = self._filters
        language = base_language(filters.language)
        exact = ((TOPIC, filters.topic), (LANGUAGE, language), (PLATFORM, filters.platform))
        musts = [
            Query.term_query(schema(), field, value, "basic") for field, value in exact if value is not None
        ]
        if filters.since is not None or filters.until is not None:
            musts.append(
                Query.range_query(
                    schema(),
                    ANSWERED_AT,
                    tantivy.FieldType.Integer,
                    lower_bound=int(filters.since.timestamp()) if filters.since else None,
                    upper_bound=ceil(filters.until.timestamp()) - 1 if filters.until else None,
                )
            )
        return [Query.const_score_query(each, 0.0) for each in musts]


def _any(wanted: Sequence[_Term]) -> Query | None:
    if not wanted:
        return None
    once = {(term.field, term.text): term for term in sorted(wanted, key=lambda term: term.weight)}
    return Query.boolean_query(
        [
            (
                Occur.Should,
                Query.boost_query(Query.term_query(schema(), term.field, term.text, "freq"), term.weight),
            )
            for term in once.values()
        ]
    )


def _in_order(field: str, stems: Sequence[str]) -> Query:
    if not stems:
        return Query.empty_query()
    if len(stems) == 1:
        return Query.term_query(schema(), field, stems[0])
    return Query.phrase_query(schema(), field, list(stems))
