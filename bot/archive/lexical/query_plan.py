"""From a taken-apart query to Tantivy queries: which terms, in which fields, with what weight.

Queries are built from terms, never from text in a query language, so nothing typed can break them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from operator import attrgetter
from typing import Final

import tantivy
from tantivy import Occur, Query

from bot.archive.lexical.analysis import (
    UNSTEMMED,
    base_language,
    beginning_of,
    query_pairs,
    shared,
    spellings,
    terms,
)
from bot.archive.lexical.folding import fold
from bot.archive.lexical.languages import QueryLanguages
from bot.archive.lexical.query import Filters, ParsedQuery
from bot.archive.lexical.schema import (
    ANALYSER,
    ANSWERED_AT,
    BEGINNING,
    BODY,
    ID,
    JOINED,
    LANGUAGE,
    PAIRS,
    PLATFORM,
    SIGNS,
    TITLE,
    TOPIC,
    WORDS,
    schema,
    term,
)
from bot.archive.lexical.spelling import completions
from bot.archive.lexical.term_statistics import TermStatistics

TITLE_WEIGHT: Final = 1.5
VARIANT_WEIGHT: Final = 0.5
BEGINNING_WEIGHT: Final = 0.5
JOINED_WEIGHT: Final = 1.0

LARGE: Final = 50_000
"""From this many entries on, stop words are cut where the rest carries the query; below, weighed down."""

_RESPELT_UP_TO: Final = 12
"""Words of a query: a longer text is recognised by its other words, and every word has hundreds of slips."""

_LOOKED_AT: Final = 20_000
"""Occurrences of a query's words that are gone along where not every entry needs to be found."""

_AT_LEAST: Final = 4
"""So many words of a query are gone along, however often they occur."""

_CUT_BELOW: Final = 0.5
"""A word that weighs less is left out where stop words are."""

_RARE: Final = 5
"""An identifier in no more entries than this tells one thing from another, however small the archive."""


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """What to ask Tantivy. ``corrected`` pairs a typed word with the one that was looked up instead.

    ``possible`` is the weight of all words together, known or not: what BM25 gives an entry is to be seen
    against it. ``rarest`` finds the entries with the query's rarest words; None where these are all of them.
    ``identifiers`` finds the entries that name one of the query's rare identifiers. ``most`` is the number of
    entries that the most frequent word occurs in: at least so many are found.
    """

    query: Query
    rarest: Query | None
    identifiers: Query | None
    terms: frozenset[str]
    corrected: tuple[tuple[str, str], ...]
    most: int
    possible: float


@dataclass(frozen=True, slots=True)
class _Term:
    """A term to look for, and the stem it is made of."""

    field: str
    text: str
    weight: float
    frequency: int
    stem: str

    def weighing(self, weight: float) -> "_Term":
        """The same with another weight."""
        return _Term(self.field, self.text, weight, self.frequency, self.stem)


class QueryPlanner:
    """Turns queries into plans, for one state of the index.

    ``odds`` are the languages (ISO 639-1) that queries are probably in, with their probabilities.
    """

    def __init__(
        self, vocabulary: TermStatistics, filters: Filters, odds: Mapping[str, float] | None = None
    ) -> None:
        self._vocabulary = vocabulary
        self._filters = filters
        self._odds = odds or {}
        language = base_language(filters.language)
        in_use = vocabulary.analysers
        self._analysers = (language,) if language in in_use else in_use
        self._languages = QueryLanguages(self._analysers, self._odds, 0)
        self._found: dict[str, list[_Term]] = {}
        self._telling: dict[str, float] = {}
        self._spelled: Mapping[str, str] = {}

    def plan(self, parsed: ParsedQuery, *, typing: bool = False, exact: bool = False) -> QueryPlan | None:
        """The plan for a query; None where nothing in the archive can match it.

        Args:
            parsed: The query.
            typing: The last word is being typed: whatever begins with it counts too.
            exact: Words that the archive does not know are neither completed nor respelt.
        """
        self._spelled = parsed.spelled
        letters = sum(map(len, parsed.words))
        self._languages = QueryLanguages(self._analysers, self._odds, letters)
        wanted: list[_Term] = []
        corrected: list[tuple[str, str]] = []
        short = len(parsed.words) <= _RESPELT_UP_TO
        for word in self._carrying(parsed.words):
            last = word == parsed.words[-1] and parsed.unfinished
            weight = self._languages.weight(word)
            found = self._word(word, weight)
            wanted += self._beginning(word, weight)
            if not exact and (not found or (typing and last)):
                others = self._others(word, complete=last, respell=short and not found)
                if others and not found:
                    corrected.append((word, others[0]))
                for other in others:
                    found += self._word(other, VARIANT_WEIGHT)
            wanted += found
        wanted += self._joined(parsed)
        wanted += [each for pair in parsed.pairs for each in self._pair(pair)]
        wanted = [each for each in wanted if each.frequency]
        phrases = [self._phrase(phrase) for phrase in parsed.phrases]
        if not wanted and not phrases:
            return None
        return QueryPlan(
            query=self._filtered(_any(wanted), phrases),
            rarest=self._rarest(wanted, phrases),
            identifiers=self._identifiers(parsed),
            terms=frozenset((*(each.stem for each in wanted), *self._stems_of_phrases(parsed))),
            corrected=tuple(corrected),
            most=max((each.frequency for each in wanted), default=0),
            possible=self._possible(parsed),
        )

    def only(self, entry_ids: Sequence[int], key: str | None = None) -> Query:
        """Those of these entries that pass the filters, and whose words went through the analyser ``key``."""
        own = [] if key is None else [Query.term_query(schema(), ANALYSER, key, "basic")]
        return Query.boolean_query([(Occur.Must, each) for each in (_these(entry_ids), *self._musts(), *own)])

    def among(self, entry_ids: Sequence[int], plan: QueryPlan) -> Query:
        """These entries, which some words have found, with the scores that all words of ``plan`` give."""
        return Query.boolean_query([(Occur.Must, _these(entry_ids)), (Occur.Should, plan.query)])

    def passing(self) -> Query:
        """All entries that pass the filters."""
        return Query.boolean_query(
            [(Occur.Must, each) for each in self._musts()] or [(Occur.Must, Query.all_query())]
        )

    def _carrying(self, words: Sequence[str]) -> list[str]:
        """All words; in a large archive without the stop words, if another word is known."""
        if self._vocabulary.size < LARGE:
            return list(words)
        rest = [word for word in words if self._languages.weight(word) > _CUT_BELOW]
        return rest if any(self._terms_of(word) for word in rest) else list(words)

    def _word(self, word: str, weight: float) -> list[_Term]:
        return [each.weighing(each.weight * weight) for each in self._terms_of(word)]

    def _terms_of(self, word: str) -> list[_Term]:
        """A word's stems in titles and bodies, where they occur, weighed so that a title counts for more.

        A word tells the same wherever it stands: as much as it does in the languages that know it, the
        query's own above all. The weights put that in the place of each term's own idf.
        """
        if word not in self._found:
            as_typed = self._spelled.get(word, word)
            found = {
                key: [each for stem in terms(as_typed, key) for each in self._stem(key, stem)]
                for key in self._analysers
            }
            telling = self._tells(
                {key: max(each.frequency for each in some) for key, some in found.items() if some}
            )
            weighed = [
                each
                for key, some in found.items()
                for each in self._as_telling(some, self._languages.preference(key) * telling)
            ]
            self._found[word] = weighed or self._unstemmed(word)
            self._telling[word] = telling if weighed else self._vocabulary.idf(self._used(word))
        return self._found[word]

    def _stem(self, key: str, stem: str) -> list[_Term]:
        text = term(key, stem)
        found = [
            _Term(field, text, weight, self._vocabulary.frequency(field, text), stem)
            for field, weight in ((TITLE, TITLE_WEIGHT), (BODY, 1.0))
        ]
        return [each for each in found if each.frequency]

    def _beginning(self, word: str, weight: float) -> list[_Term]:
        """Words of languages without a stemmer that begin alike: mostly other inflections of this one."""
        if UNSTEMMED not in self._analysers:
            return []
        found = self._stem(BEGINNING, beginning_of(shared(word)))
        weight *= BEGINNING_WEIGHT * self._languages.preference(UNSTEMMED)
        return self._as_telling(found, weight * self._specific(UNSTEMMED, found))

    def _as_telling(self, found: Sequence[_Term], telling: float) -> list[_Term]:
        """The terms weighed so that each of them tells as much as that, whatever its own idf."""
        idf = self._vocabulary.idf
        return [each.weighing(each.weight * telling / idf(each.frequency)) for each in found]

    def _tells(self, frequencies: Mapping[str, int]) -> float:
        """How much a word with these frequencies in these languages tells: the harmonic mean, by likelihood.

        What is common in a language that the query may well be in is not made rare by another's.
        """
        shares = {key: self._languages.shares[key] for key in frequencies}
        said = sum(
            share / self._vocabulary.specificity(key, frequencies[key]) for key, share in shares.items()
        )
        return sum(shares.values()) / said if shares else 0.0

    def _pair(self, pair: str) -> list[_Term]:
        """A pair of characters in titles and bodies, or a character that stands alone."""
        if len(pair) == 1:
            return [self._term(SIGNS, pair, 1.0)]
        found = self._stem(PAIRS, pair)
        return self._as_telling(found, self._specific(PAIRS, found))

    def _specific(self, key: str, found: Sequence[_Term]) -> float:
        frequency = max((each.frequency for each in found), default=0)
        return self._vocabulary.specificity(key, frequency)

    def _term(self, field: str, text: str, weight: float) -> _Term:
        return _Term(field, text, weight, self._vocabulary.frequency(field, text), text)

    def _unstemmed(self, word: str) -> list[_Term]:
        """The word as it is, where only its stem is unknown: without accents many words have another stem."""
        found = self._term(WORDS, shared(word), 1.0)
        return [found] if found.frequency else []

    def _possible(self, parsed: ParsedQuery) -> float:
        """What the words tell, summed by their weights; one that nobody used counts as a very rare one."""
        pairs = [self._specific(PAIRS, self._stem(PAIRS, pair)) for pair in parsed.pairs if len(pair) > 1]
        return sum(pairs) + sum(self._languages.weight(word) * self._told(word) for word in parsed.words)

    def _told(self, word: str) -> float:
        return self._telling[word] if self._terms_of(word) else self._vocabulary.idf(0)

    def _used(self, word: str) -> int:
        return max((each.frequency for each in self._found.get(word, ())), default=0)

    def _others(self, word: str, *, complete: bool, respell: bool) -> list[str]:
        """Other words that may be meant: what it is the beginning of, else other spellings of it."""
        others: list[str] = []
        for spelling in spellings(word, self._analysers):
            if complete:
                others += completions(self._vocabulary.searcher, spelling)
            if not others and respell:
                others += self._vocabulary.corrections(spelling)
        return sorted(others, key=self._in_its_language, reverse=True)

    def _in_its_language(self, word: str) -> float:
        """How common a word is in the languages that the query is probably in."""
        common = 0.0
        for key in self._analysers:
            used = max(
                (each.frequency for stem in terms(word, key) for each in self._stem(key, stem)), default=0
            )
            common += self._languages.shares[key] * used / self._vocabulary.sizes[key]
        return common

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
            rare += [each for each in found if 0 < each.frequency <= seldom]
        return self._filtered(_any(rare), []) if rare else None

    def _rarest(self, wanted: Sequence[_Term], phrases: Sequence[Query]) -> Query | None:
        """The rarer words, up to ``_LOOKED_AT`` occurrences together: long lists of common ones cost most."""
        found: dict[str, list[_Term]] = {}
        for each in wanted:
            found.setdefault(each.stem, []).append(each)
        chosen: list[_Term] = []
        left = _LOOKED_AT
        rarest_first = sorted(found.values(), key=lambda some: max(each.frequency for each in some))
        for number, some in enumerate(rarest_first):
            left -= sum(each.frequency for each in some)
            if number >= _AT_LEAST and left < 0:
                return self._filtered(_any(chosen), phrases)
            chosen += some
        return None

    def _phrase(self, phrase: str) -> Query:
        """These words in this order, in a title or a body of any language."""
        pairs = query_pairs(fold(phrase))
        if len(pairs) == 1 and len(pairs[0]) == 1:
            return _in_order(SIGNS, pairs)
        options = []
        for key in (PAIRS,) if pairs else self._analysers:
            stems = [term(key, stem) for stem in (pairs or terms(phrase, key))]
            options += [_in_order(field, stems) for field in (TITLE, BODY)]
        return Query.boolean_query([(Occur.Should, option) for option in options])

    def _stems_of_phrases(self, parsed: ParsedQuery) -> list[str]:
        return [stem for phrase in parsed.phrases for key in self._analysers for stem in terms(phrase, key)]

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
    once = {(each.field, each.text): each for each in sorted(wanted, key=attrgetter("weight"))}
    return Query.boolean_query(
        [
            (
                Occur.Should,
                Query.boost_query(Query.term_query(schema(), each.field, each.text, "freq"), each.weight),
            )
            for each in once.values()
        ]
    )


def _these(entry_ids: Sequence[int]) -> Query:
    """These entries, all alike. A set of terms in one query takes Tantivy three times as long."""
    wanted = [Query.term_query(schema(), ID, entry_id, "basic") for entry_id in entry_ids]
    return Query.const_score_query(Query.boolean_query([(Occur.Should, each) for each in wanted]), 0.0)


def _in_order(field: str, stems: Sequence[str]) -> Query:
    if not stems:
        return Query.empty_query()
    if len(stems) == 1:
        return Query.term_query(schema(), field, stems[0])
    return Query.phrase_query(schema(), field, list(stems))
