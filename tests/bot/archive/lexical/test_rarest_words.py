"""A long text that is looked for in a large archive: its rarest words first, then all of them."""

from collections.abc import Iterator

import pytest

from bot.archive.answered import typed_question
from bot.archive.lexical.index import Index
from bot.archive.lexical.query import Filters, ParsedQuery
from bot.archive.lexical.query_plan import QueryPlan, QueryPlanner
from bot.archive.lexical.search import rank
from bot.archive.memory_source import MemorySource, plain_document
from bot.archive.ranking import Archive

ENTRIES = 600
OWN = {"part": 26, "colour": 25, "size": 23, "shade": 21}
COMMON = "My device shows nothing since this morning and support never called"
ASKED = f"{COMMON} about partx, colourn or sizew with shadeo"


def own_words(number: int) -> list[str]:
    """Four words that few other entries have."""
    return [f"{name}{chr(97 + number % size)}" for name, size in OWN.items()]


@pytest.fixture(autouse=True)
def little_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.archive.lexical.query_plan._LOOKED_AT", 500)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    entries = (
        plain_document(
            number,
            f"{COMMON} about {' '.join(own_words(number))}",
            f"Please send serial{number} and hold the button of your device until support called.",
        )
        for number in range(ENTRIES)
    )
    index = Index(tmp_path_factory.mktemp("index"), MemorySource(entries))
    index.follow()
    yield index
    index.close()


def plan(index: Index, parsed: ParsedQuery) -> QueryPlan:
    assert index.view is not None
    found = QueryPlanner(index.view.vocabulary, Filters()).plan(parsed)
    assert found is not None
    return found


def test_only_a_part_of_a_large_archive_is_gone_along(index: Index) -> None:
    assert index.view is not None
    asked = plan(index, typed_question(ASKED))
    assert asked.rarest is not None
    few, all_ = (
        index.view.searcher.search(query, 1, count=True).count for query in (asked.rarest, asked.query)
    )
    assert all_ == ENTRIES
    assert few is not None
    assert 0 < few < ENTRIES / 4


def test_what_is_found_has_the_place_and_the_score_that_all_words_give_it(index: Index) -> None:
    assert index.view is not None
    parsed = typed_question(ASKED)
    some, every = (rank(index.view, parsed, Filters(), 4, by_rarest=rarest) for rarest in (True, False))
    assert some.hits[0].entry_id == every.hits[0].entry_id == 413
    assert [hit.score for hit in some.hits] == pytest.approx([hit.score for hit in every.hits])
    assert some.possible == every.possible
    best = Archive(index).candidates(parsed, Filters(), 5)
    assert best[0].entry_id == 413
    assert best[0].words == pytest.approx(every.hits[0].score / every.possible)


def test_where_the_rarest_words_find_too_little_all_are_asked(index: Index) -> None:
    parsed = typed_question(f"{COMMON} serial4 serial5 serial6 serial7")
    assert plan(index, parsed).rarest is not None
    assert len(Archive(index).candidates(parsed, Filters(), 5)) == 5


def test_a_text_of_few_words_is_looked_for_by_all_of_them(index: Index) -> None:
    assert plan(index, typed_question("my device shows nothing")).rarest is None


def test_people_who_search_are_shown_whatever_matches(index: Index) -> None:
    assert index.search(f"{COMMON} serial4 serial5 serial6 serial7 serial8", limit=20).total >= ENTRIES


def test_filters_hold_for_what_the_rarest_words_find(index: Index) -> None:
    assert Archive(index).candidates(typed_question(ASKED), Filters(topic="nothing"), 5) == []
