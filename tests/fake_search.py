"""A search that ranks by common words and knows of what was answered before what a test tells it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from markupsafe import Markup, escape

from bot.archive.lexical.query import Filters, parse
from bot.store.engine import Database
from bot.store.queries.pages import archive as reads
from bot.store.queries.pages.archive import EntryFilter


@dataclass(frozen=True)
class FakeHit:
    entry_id: int
    score: float


@dataclass(frozen=True)
class FakeSuggestion:
    entry_id: int
    probability: float


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


class FakeHighlighter:
    def __init__(self, words: set[str]) -> None:
        self.words = words

    def whole(self, text: str) -> Markup:
        pieces = re.split(r"(\w+)", text)
        return Markup("").join(
            Markup("<mark>{}</mark>").format(one) if one.lower() in self.words else escape(one)
            for one in pieces
        )

    excerpt = whole


@dataclass
class FakeSearch:
    """What ``build`` takes in the place of the product's search. All that is asked is kept in ``asked``."""

    database: Database
    asked: list[tuple[str, Filters]] = field(default_factory=list)
    likely: Callable[[str], Sequence[tuple[int, float, float]]] = lambda _question: ()
    """Which entries may answer a question, with their probability, calibrated and before that."""
    meaning: Callable[[str], Any] = lambda _text: None
    has_meaning = False
    is_complete = True
    taken_in = 0
    trouble = None

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def nudge(self) -> None: ...

    def answered_before(self, question: str) -> Sequence[tuple[int, float, float]]:
        return self.likely(question)

    def vector_of(self, text: str) -> Any:
        return self.meaning(text)

    def search(
        self,
        query: str,
        filters: Filters,
        *,
        limit: int = 20,
        offset: int = 0,
        typing: bool = False,
        exact: bool = False,
    ) -> Any:
        parse(query)  # raises QueryTooLong, as the real one
        self.asked.append((query, filters))
        words = _words(query)
        wanted = EntryFilter(filters.topic, filters.language, filters.platform)
        with self.database.read() as session:
            everything = reads.latest(session, wanted, 10_000)
        scored = [
            FakeHit(one.id, float(len(words & _words(f"{one.title} {one.answer.text}"))))
            for one in everything
        ]
        hits = sorted((hit for hit in scored if hit.score), key=lambda hit: (-hit.score, hit.entry_id))
        following = offset + limit if len(hits) > offset + limit else None
        return SimpleNamespace(
            hits=tuple(hits[offset : offset + limit]),
            total=len(hits),
            total_is_exact=True,
            next_offset=following,
            corrected=(),
            highlighter=FakeHighlighter(words),
            complete=True,
        )

    def answer_among(self, results: Any, titles: Mapping[int, str]) -> int | None:
        best = next(iter(results.hits), None)
        return best.entry_id if best is not None and min(0.99, best.score / 5) >= 0.5 else None

    def suggest(self, query: str, *, limit: int = 5) -> list[FakeSuggestion]:
        hits = self.search(query, Filters(), limit=limit).hits
        return [FakeSuggestion(hit.entry_id, min(0.99, hit.score / 5)) for hit in hits]

    def related(self, entry_id: int, *, limit: int = 5) -> list[int]:
        with self.database.read() as session:
            return [one.id for one in reads.latest(session, EntryFilter(), limit + 1) if one.id != entry_id][
                :limit
            ]
