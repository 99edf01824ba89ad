"""Runs a query on one state of the index: exact first, wider only where that finds little."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple

from tantivy import Query

from bot.archive.documents import Candidate
from bot.archive.lexical.build import View
from bot.archive.lexical.highlight import Highlighter
from bot.archive.lexical.query import Filters, ParsedQuery
from bot.archive.lexical.query_plan import QueryPlan, QueryPlanner
from bot.archive.lexical.schema import ID
from bot.text.language import language_odds

DEEPEST: Final = 1_000
"""How far down a ranking can be paged."""

_MOST_NAMED: Final = 100

_SPARE: Final = 20
"""Hits fetched beyond the depth, which costs next to nothing and mostly holds all equals of the last."""

_MARKS: Final = (100, 400, 2 * DEEPEST)
"""How many hits are fetched to put equal ones in order: the first of these that is beyond the depth."""


class Hit(NamedTuple):
    """An entry that was found; a higher ``score`` is better, and means nothing across queries."""

    entry_id: int
    score: float


@dataclass(frozen=True, slots=True)
class Results:
    """One page of what was found.

    ``total`` is how many entries match, exactly if ``total_is_exact``, else at least. ``next_offset`` is
    where the next page begins. ``corrected`` pairs a typed word that the archive does not know with the
    one that was looked up instead. ``loosened`` says that nothing has the quoted phrase, and its words were
    looked for instead. ``complete`` is False while the index is being built. ``best`` has the first few of
    the whole ranking with what speaks for each, and ``parsed`` is the query.
    """

    hits: tuple[Hit, ...]
    total: int
    total_is_exact: bool
    next_offset: int | None
    corrected: tuple[tuple[str, str], ...]
    highlighter: Highlighter
    loosened: bool
    complete: bool
    best: tuple[Candidate, ...] = ()
    parsed: ParsedQuery | None = None


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best entries for a query by its words alone, as far down as was asked for.

    ``possible`` is what a score is to be seen against. ``named`` are entries that carry a rare identifier of
    the query. ``exhausted`` says that there are no further hits; at least ``matched`` entries match.
    """

    hits: tuple[Hit, ...]
    possible: float
    named: frozenset[int]
    exhausted: bool
    matched: int
    corrected: tuple[tuple[str, str], ...]
    highlighter: Highlighter
    loosened: bool = False


NOTHING: Final = Ranking((), 0.0, frozenset(), True, 0, (), Highlighter(frozenset(), frozenset(), ()))
"""What is found where there is nothing to search, or nothing to search for."""


def rank(
    view: View,
    parsed: ParsedQuery,
    filters: Filters,
    depth: int,
    *,
    typing: bool = False,
    exact: bool = False,
    by_rarest: bool = False,
) -> Ranking:
    """The ``depth`` best entries by BM25; of equal ones the lower entry id first.

    Somebody who types a phrase alone means it. Quotation marks within a longer text are often just quotation
    marks: where nothing has the phrase, its words are looked for like any others.

    Args:
        view: The state of the index.
        parsed: The query.
        filters: What entries must be like.
        depth: How many.
        typing: The last word may be unfinished.
        exact: Words are taken as they were typed, also those that the archive does not know.
        by_rarest: In a large archive only entries with one of the rarest words are looked at, and ranked by
            all words: what says nearly the same as a long text is among them.
    """
    planner = QueryPlanner(view.vocabulary, filters, _odds(view, parsed))

    def ranked(query: ParsedQuery) -> Ranking:
        plan = planner.plan(query, typing=typing, exact=exact)
        hits = _hits_by_rarest(view, planner, plan, depth) if by_rarest and plan is not None else ()
        return _ranking(view, query, plan, *((hits, False) if hits else _hits(view, plan, depth)))

    ranking = ranked(parsed)
    if ranking.hits or not (parsed.phrases and parsed.words):
        return ranking
    return replace(ranked(parsed.loosened), loosened=True)


def _odds(view: View, parsed: ParsedQuery) -> dict[str, float]:
    """Which language the query is probably in, where the archive has several."""
    return language_odds(parsed.text) if len(view.vocabulary.analysers) > 1 and parsed.words else {}


def _ranking(
    view: View, parsed: ParsedQuery, plan: QueryPlan | None, hits: tuple[Hit, ...], exhausted: bool
) -> Ranking:
    return Ranking(
        hits=hits,
        possible=0.0 if plan is None else plan.possible,
        named=_named(view, plan),
        exhausted=exhausted,
        matched=len(hits) if exhausted or plan is None else max(len(hits), plan.most),
        corrected=() if plan is None else plan.corrected,
        highlighter=Highlighter(
            frozenset() if plan is None else plan.terms,
            frozenset(parsed.pairs),
            view.vocabulary.analysers,
        ),
    )


def _hits_by_rarest(view: View, planner: QueryPlanner, plan: QueryPlan, depth: int) -> tuple[Hit, ...]:
    """The best ``depth`` of what the rarest words find, by all words; none where all are to be asked anyway.

    Which of many equals are among them is left to Tantivy.
    """
    if plan.rarest is None:
        return ()
    found = [hit.entry_id for hit in _found(view, plan.rarest, depth + _SPARE)]
    if len(found) < depth:
        return ()
    return tuple(_equals_in_order(_found(view, planner.among(found, plan), depth)))


def _hits(view: View, plan: QueryPlan | None, depth: int) -> tuple[tuple[Hit, ...], bool]:
    """The best ``depth`` hits and whether there are no others.

    Tantivy orders equals by where they happen to lie. So more are fetched where the last one's equals are
    not all there, and equals are ordered by entry id; all but those of a group so large that it reaches one
    of ``_MARKS``, which every depth leaves as it is, so that pages agree.
    """
    if plan is None:
        return (), True
    hits = _found(view, plan.query, depth + _SPARE)
    if len(hits) == depth + _SPARE and hits[depth - 1].score == hits[-1].score:
        mark = next((mark for mark in _MARKS if mark > depth), depth + _SPARE)
        hits = _found(view, plan.query, max(mark, depth + _SPARE))
    return tuple(_equals_in_order(hits)[:depth]), len(hits) <= depth


def _found(view: View, query: Query, most: int) -> list[Hit]:
    """The best entries, the best first."""
    found = view.searcher.search(query, most, count=False).hits
    ids = view.searcher.fast_field_values(ID, [address for _, address in found])
    return [
        Hit(int(entry_id), float(score))
        for (score, _), entry_id in zip(found, ids, strict=True)
        if entry_id is not None
    ]


def _equals_in_order(hits: list[Hit]) -> list[Hit]:
    """Hits of equal score by entry id, unless they reach one of ``_MARKS``."""
    ordered: list[Hit] = []
    for _, equals in groupby(hits, key=attrgetter("score")):
        group = list(equals)
        end = len(ordered) + len(group)
        if len(group) > 1 and not any(len(ordered) < mark <= end for mark in _MARKS):
            group.sort(key=attrgetter("entry_id"))
        ordered += group
    return ordered


def _named(view: View, plan: QueryPlan | None) -> frozenset[int]:
    if plan is None or plan.identifiers is None:
        return frozenset()
    found = view.searcher.search(plan.identifiers, _MOST_NAMED, count=False).hits
    ids = view.searcher.fast_field_values(ID, [address for _, address in found])
    return frozenset(int(entry_id) for entry_id in ids if entry_id is not None)


def matching(view: View, filters: Filters, entry_ids: list[int]) -> set[int]:
    """Those of ``entry_ids`` that are in the index and pass the filters."""
    if not entry_ids:
        return set()
    planner = QueryPlanner(view.vocabulary, filters)
    return _ids(view, planner.only(entry_ids), len(entry_ids))


def _ids(view: View, query: Query, most: int) -> set[int]:
    found = view.searcher.search(query, most, count=False).hits
    ids = view.searcher.fast_field_values(ID, [address for _, address in found])
    return {int(entry_id) for entry_id in ids if entry_id is not None}


def in_language(view: View, key: str, entry_ids: Sequence[int]) -> set[int]:
    """Those of ``entry_ids`` whose words went through this analyser."""
    planner = QueryPlanner(view.vocabulary, Filters())
    return _ids(view, planner.only(entry_ids, key), len(entry_ids)) if entry_ids else set()


def passing(view: View, filters: Filters, most: int) -> list[int] | None:
    """Every entry that passes the filters; None where these are more than ``most``."""
    query = QueryPlanner(view.vocabulary, filters).passing()
    found = view.searcher.search(query, most + 1, count=False).hits
    if len(found) > most:
        return None
    ids = view.searcher.fast_field_values(ID, [address for _, address in found])
    return [int(entry_id) for entry_id in ids if entry_id is not None]


def page(ranking: Ranking, offset: int, limit: int, *, complete: bool) -> Results:
    """The stretch of a ranking that a page shows."""
    hits = ranking.hits[offset : offset + limit]
    following = offset + len(hits)
    further = len(ranking.hits) > following or (not ranking.exhausted and following < DEEPEST)
    return Results(
        hits=hits,
        total=ranking.matched,
        total_is_exact=ranking.exhausted,
        next_offset=following if hits and further else None,
        corrected=ranking.corrected,
        highlighter=ranking.highlighter,
        loosened=ranking.loosened,
        complete=complete,
    )
