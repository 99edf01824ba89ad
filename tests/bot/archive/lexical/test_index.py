"""The search index: what is found, in which order, and how it repairs itself."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
import regex
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.archive.documents import Document
from bot.archive.lexical.build import BuildError
from bot.archive.lexical.folding import fold
from bot.archive.lexical.highlight import Highlighter
from bot.archive.lexical.index import Index
from bot.archive.lexical.query import Filters, QueryTooLong
from bot.archive.memory_source import MemorySource, plain_document

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

ENTRIES = (
    plain_document(
        1, "No picture after the update", "Unplug the TV for a minute.", topic="tv", topics=("tv",)
    ),
    plain_document(
        2, "Wi-Fi keeps dropping", "Move the router WRT-54G away from the microwave.", topic="wifi"
    ),
    plain_document(3, "How do I return a parcel?", "Print the label. No picture needed.", platform="x"),
    plain_document(4, "Error 0x80070005 on my Xbox", "Restart the console, then sign in again."),
    plain_document(5, "Fernseher zeigt kein Bild", "Ziehen Sie den Stecker des Gerätes.", language="de"),
    plain_document(6, "テレビが映らない", "電源を入れ直してください。", language="ja"),
    plain_document(
        7, "My pictures are blurred", "Clean the lens of the camera.", answered_at=NOW, language="en-GB"
    ),
)


@pytest.fixture
def source() -> MemorySource:
    return MemorySource(ENTRIES)


@pytest.fixture
def index(tmp_path: Path, source: MemorySource) -> Iterator[Index]:
    opened = Index(tmp_path, source)
    opened.follow()
    yield opened
    opened.close()


def found(index: Index, query: str, filters: Filters | None = None, **options: int | bool) -> list[int]:
    return [hit.entry_id for hit in index.search(query, filters, **options).hits]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("no picture", 1),
        ("PICTURES blurred", 7),
        ("there is no picture on my screen since the last update", 1),
        ("the dropping of wifi", 2),
        ("wi fi", 2),
        ("wrt54g", 2),
        ("WRT-54G", 2),
        ("0x80070005", 4),
        ("fernsehern bilder", 5),
        ("gerat", 5),
        ("映らない", 6),
        ("テレビ", 6),
        ("電", 6),
        ("retunr parcel", 3),
        ("microwve", 2),
        ("xicrowave", 2),
        ("icrowave", 2),
        ("micro", 2),
        ("it's blurred", 7),
        ('"no picture" update', 1),
    ],
)
def test_the_right_entry_comes_first(index: Index, query: str, best: int) -> None:
    assert found(index, query)[:1] == [best]


def test_a_word_in_the_title_counts_for_more_than_in_the_answer(index: Index) -> None:
    assert found(index, "picture")[-1] == 3


def test_a_phrase_must_stand_as_it_was_typed(index: Index) -> None:
    assert set(found(index, '"no picture"')) == {1, 3}
    assert found(index, '"picture no"') == []
    assert found(index, "“no picture after”") == [1]
    assert found(index, '"電源"') == [6]


def test_quotation_marks_in_a_longer_text_do_not_keep_it_from_being_found(index: Index) -> None:
    results = index.search('my "camera lens" makes pictures "all blurry"')
    assert (results.hits[0].entry_id, results.loosened) == (7, True)
    assert not index.search('the "no picture" problem').loosened


def test_an_unfinished_word_counts_as_a_beginning_while_typing(index: Index) -> None:
    assert 2 in found(index, "rou", typing=True)
    assert found(index, "camera rou", typing=True) == [7, 2]


def test_a_corrected_word_is_told(index: Index) -> None:
    assert index.search("microwve").corrected == (("microwve", "microwave"),)
    assert index.search("microwave").corrected == ()


def test_filters_are_exact(index: Index) -> None:
    assert found(index, "picture", Filters(topic="tv")) == [1]
    assert found(index, "picture", Filters(topic="t")) == []
    assert found(index, "picture parcel", Filters(platform="x")) == [3]
    assert found(index, "picture", Filters(language="en")) == [7]
    assert found(index, "picture", Filters(language="en-US")) == [7]
    assert found(index, "picture", Filters(since=NOW)) == [7]
    assert found(index, "picture", Filters(since=NOW, until=NOW)) == []
    assert set(found(index, "picture", Filters(until=NOW))) == {1, 3}


@pytest.mark.parametrize(
    "query",
    ['"', "*", "a:b", "😀", "", "   ", "it's", "(", "AND OR NOT", "\ud800", "\x00", "+-~^", '""', "a" * 500],
)
def test_any_text_is_a_query(index: Index, query: str) -> None:
    assert index.search(query).complete


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(query=st.text(max_size=80), typing=st.booleans())
def test_no_text_makes_the_search_fail(index: Index, query: str, typing: bool) -> None:
    index.search(query, Filters(topic=query, language=query), typing=typing)
    results = index.search(query, typing=typing)
    assert "<script" not in results.highlighter.excerpt(f"<script>{query}")


def test_a_text_that_is_too_long_is_refused_with_words_for_its_author(index: Index) -> None:
    with pytest.raises(QueryTooLong, match=r"10,000 characters, and 500 is the most"):
        index.search("x" * 10_000)


def test_pages_follow_each_other_without_gaps_or_repeats_although_all_scores_are_equal(
    tmp_path: Path,
) -> None:
    same = [plain_document(number, "no signal", "wait") for number in range(1, 96)]
    index = Index(tmp_path, MemorySource(reversed(same)))
    index.follow()
    pages, offset = [], 0
    while offset is not None:
        results = index.search("signal", limit=10, offset=offset)
        pages += [hit.entry_id for hit in results.hits]
        offset = results.next_offset  # type: ignore[assignment]
    assert pages == list(range(1, 96))
    assert (results.total, results.total_is_exact) == (95, True)
    assert index.search("signal", offset=5_000).hits == ()
    index.close()


def test_a_new_a_changed_and_a_removed_entry_are_followed(index: Index, source: MemorySource) -> None:
    source.put(plain_document(8, "Remote control lost", "Use the app."))
    source.put(replace(ENTRIES[0], title="Black screen", answers=("Wait.",), revision=2))
    source.remove(3)
    source.put(replace(ENTRIES[3], public=False))
    assert index.follow() == 4
    assert found(index, "remote") == [8]
    assert found(index, "black") == [1]
    assert found(index, "parcel") == []
    assert found(index, "xbox") == []
    assert index.entries == 6
    assert index.follow() == 0


def test_a_view_taken_before_a_change_stays_as_it_was(index: Index, source: MemorySource) -> None:
    before = index.view
    source.remove(1)
    index.follow()
    assert before is not None
    assert (before.entries, index.entries) == (7, 6)


def test_an_index_is_taken_up_where_it_was_left(tmp_path: Path, source: MemorySource) -> None:
    first = Index(tmp_path, source)
    first.follow()
    first.close()
    source.put(plain_document(8, "Remote control lost", "Use the app."))
    second = Index(tmp_path, source)
    assert found(second, "parcel") == [3]
    assert second.follow() == 1
    assert (found(second, "remote"), second.position) == ([8], 1)
    second.close()


def test_two_processes_can_share_a_directory(tmp_path: Path, source: MemorySource) -> None:
    one, other = Index(tmp_path, source), Index(tmp_path, source)
    one.follow()
    other.follow()
    source.put(plain_document(8, "Remote control lost", "Use the app."))
    one.follow()
    other.follow()
    assert found(one, "remote") == found(other, "remote") == [8]
    one.close()
    other.close()


def emptied(build: Path) -> None:
    shutil.rmtree(build)


def without_files(build: Path) -> None:
    for path in build.iterdir():
        path.unlink()


def with_a_flipped_byte(build: Path) -> None:
    path = max(build.glob("*.idx"), key=lambda each: each.stat().st_size)
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 0xFF
    path.write_bytes(bytes(content))


def with_half_a_file(build: Path) -> None:
    path = next(build.glob("*.term"))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def with_garbage_for_meta(build: Path) -> None:
    (build / "meta.json").write_text("{")


def of_another_version(build: Path) -> None:
    build.rename(build.with_name("0" * 12 + build.name[12:]))


@pytest.mark.parametrize(
    "harm",
    [
        emptied,
        without_files,
        with_a_flipped_byte,
        with_half_a_file,
        with_garbage_for_meta,
        of_another_version,
    ],
    ids=lambda harm: harm.__name__,
)
def test_a_harmed_index_is_built_again(tmp_path: Path, source: MemorySource, harm: object) -> None:
    first = Index(tmp_path, source)
    first.follow()
    first.close()
    (build,) = (path for path in (tmp_path / "slot-0").iterdir() if path.is_dir())
    harm(build)  # type: ignore[operator]
    second = Index(tmp_path, source)
    assert found(second, "parcel") == []
    assert second.follow() == 1
    assert found(second, "parcel") == [3]
    assert len([path for path in (tmp_path / "slot-0").iterdir() if path.is_dir()]) == 1
    second.close()


def test_an_index_whose_process_died_while_it_wrote_is_built_again(
    tmp_path: Path, source: MemorySource
) -> None:
    dying = Index(tmp_path / "first", source)
    dying.follow()
    dying.close()
    dying = Index(tmp_path / "first", source)
    source.put(plain_document(8, "Remote control lost", "Use the app."))
    dying.follow()
    shutil.copytree(tmp_path / "first", tmp_path / "second")  # what a kill leaves behind
    dying.close()
    again = Index(tmp_path / "second", source)
    assert found(again, "parcel") == []
    assert again.follow() == 1
    assert found(again, "remote") == [8]
    again.close()


def test_an_index_that_is_deleted_under_a_running_process_is_built_again(
    tmp_path: Path, source: MemorySource
) -> None:
    index = Index(tmp_path, source)
    index.follow()
    shutil.rmtree(tmp_path)
    assert found(index, "parcel") == [3]
    source.put(plain_document(8, "Remote control lost", "Use the app."))
    with suppress(BuildError):
        index.follow()
    index.follow()
    assert found(index, "remote") == [8]
    index.close()


def test_an_empty_archive_answers_every_query_with_nothing(tmp_path: Path) -> None:
    source = MemorySource()
    index = Index(tmp_path, source)
    index.follow()
    assert index.is_complete
    for query in ("picture", '"no picture"', "映らない", "wi-fi 0x80070005"):
        assert found(index, query, Filters(topic="tv", since=NOW), typing=True) == []
    source.put(ENTRIES[0])
    index.follow()
    assert found(index, '"no picture"') == [1]
    index.close()


class Interrupted(MemorySource):
    """A source whose connection breaks in the middle of the stream."""

    def stream(self) -> Iterator[Document]:
        yield from list(super().stream())[:3]
        raise ConnectionError("the database went away")


def test_a_half_written_index_is_not_taken_for_a_whole_one(tmp_path: Path, source: MemorySource) -> None:
    broken = Index(tmp_path, Interrupted(ENTRIES))
    with pytest.raises((ConnectionError, BuildError)):
        broken.follow()
    assert not broken.is_complete
    broken.close()
    again = Index(tmp_path, source)
    assert not again.is_complete
    again.follow()
    assert again.entries == 7
    again.close()


def test_an_index_of_another_database_is_not_used(tmp_path: Path, source: MemorySource) -> None:
    first = Index(tmp_path, source)
    first.follow()
    first.close()
    second = Index(tmp_path, MemorySource(ENTRIES[:2], identity="other"))
    second.follow()
    assert second.entries == 2
    second.close()


def test_a_database_set_back_to_an_earlier_state_is_noticed(tmp_path: Path, source: MemorySource) -> None:
    source.remove(1)
    first = Index(tmp_path, source)
    first.follow()
    first.close()
    second = Index(tmp_path, MemorySource(ENTRIES))
    second.follow()
    assert second.entries == 7
    second.close()


class Watched(MemorySource):
    """A source that looks into the index while it is being built."""

    index: Index
    seen: list[tuple[bool, int]]

    def stream(self) -> Iterator[Document]:
        for number, document in enumerate(super().stream()):
            if number == 1_500:
                results = self.index.search("signal", limit=5)
                self.seen.append((results.complete, len(results.hits)))
            yield document


def test_searches_are_answered_while_the_index_is_built_and_built_again(tmp_path: Path) -> None:
    source = Watched(plain_document(number, f"signal {number}", "wait") for number in range(1, 2_001))
    source.index, source.seen = Index(tmp_path, source), []
    source.index.follow()
    source.index.rebuild()
    assert source.seen == [(False, 5), (True, 5)]
    source.index.close()


def test_searches_and_changes_at_the_same_time_do_not_disturb_each_other(
    index: Index, source: MemorySource
) -> None:
    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(found, index, "parcel") for _ in range(300)]
        for number in range(20):
            source.put(plain_document(100 + number, "another entry", "text"))
            index.follow()
    assert {tuple(each.result()) for each in asked} == {(3,)}
    assert index.entries == 27


def test_matches_are_marked_and_everything_else_is_escaped(index: Index) -> None:
    highlighter = index.search('pictures "after the"').highlighter
    assert highlighter.whole("No picture <after the> update & more") == (
        "No <mark>picture</mark> &lt;<mark>after</mark> <mark>the</mark>&gt; update &amp; more"
    )
    text = "Nothing here. " * 40 + "Then the pictures came back. " + "Nothing there. " * 40
    excerpt = highlighter.excerpt(text, 80)
    assert "<mark>pictures</mark>" in excerpt
    assert excerpt.startswith("… ")
    assert excerpt.endswith(" …")
    assert len(excerpt) < 140
    assert index.search("映らない").highlighter.whole("映らない <b>") == "<mark>映らない</mark> &lt;b&gt;"


def test_whole_words_alone_are_marked_wherever_they_stand() -> None:
    highlighter = Highlighter(frozenset({"light"}), frozenset(), ("en",))

    assert highlighter.whole("light relight lighthouse lights-light") == (
        "<mark>light</mark> relight lighthouse <mark>lights</mark>-<mark>light</mark>"
    )
    assert highlighter.whole("élight light") == "élight <mark>light</mark>"
    assert highlighter.whole("light灯light") == "<mark>light</mark>灯<mark>light</mark>"


@given(st.lists(st.sampled_from(["ab", "abab", "b", "é", "灯", " ", "-", "_", "'", "\u0301"]), max_size=12))
def test_marks_stand_where_reading_word_by_word_finds_them(pieces: list[str]) -> None:
    text = "".join(pieces)
    highlighter = Highlighter(frozenset({"ab"}), frozenset(), ())

    word = regex.compile(r"[\p{L}\p{N}\p{M}\u00ad\u200b-\u200f\u2060]+")
    readable = text.replace("灯", " ")
    wanted = word.sub(
        lambda found: f"<mark>{found[0]}</mark>" if fold(found[0]) == "ab" else found[0], readable
    )

    assert unescape(highlighter.whole(text)).replace("灯", " ") == wanted


def test_times_before_1970_and_far_ahead_can_be_indexed(index: Index, source: MemorySource) -> None:
    source.put(plain_document(9, "antique radio", "valves", answered_at=NOW - timedelta(days=40_000)))
    index.follow()
    assert found(index, "radio", Filters(until=NOW - timedelta(days=30_000))) == [9]


def test_pages_agree_also_where_very_many_entries_are_equal(tmp_path: Path) -> None:
    same = [plain_document(number, "no signal", "wait") for number in range(1, 1_300)]
    index = Index(tmp_path, MemorySource(same))
    index.follow()
    whole = found(index, "signal", limit=1_000)
    parts = [
        each for offset in range(0, 1_000, 50) for each in found(index, "signal", limit=50, offset=offset)
    ]
    assert parts == whole
    assert len(set(whole)) == 1_000
    index.close()


ENGLISH = tuple(
    plain_document(
        100 + number, f"{what} {how}", "Restart it and update the app of your TV, phone or router."
    )
    for number, (what, how) in enumerate(
        (what, how)
        for what in (
            "My TV screen",
            "The router",
            "My phone image",
            "The printer",
            "The tell-tale light",
            "Music",
        )
        for how in ("is black after the update", "does not respond", "stays off", "is wrong", "needs a reset")
    )
)
FEW_OTHERS = (
    plain_document(1, "Fernseher ohne Bild nach Update", "Ziehen Sie den Stecker.", language="de"),
    plain_document(2, "Kopfhörer zurückgeben", "Ohne Karton geht das auch.", language="de"),
    plain_document(3, "TV sem imagem", "Tire o cabo da tomada, a tela preta passa.", language="pt"),
    plain_document(4, "テレビの画面が映らない", "電源コードを抜いてください。", language="ja"),
    plain_document(5, "Jak zwrócić słuchawki bez paragonu?", "Wystarczy numer zamówienia.", language="pl"),
)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    opened = Index(tmp_path_factory.mktemp("mixed"), MemorySource((*ENGLISH, *FEW_OTHERS)))
    opened.follow()
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("Update Fernseher Bild", 1),
        ("ohne Karton", 2),
        ("TV sem imagem", 3),
        ("tela preta", 3),
        ("TV 画面", 4),
        ("zwrot słuchawek", 5),
    ],
)
def test_a_language_with_few_entries_is_not_drowned_by_one_with_many(
    mixed: Index, query: str, best: int
) -> None:
    assert found(mixed, query)[0] == best


def test_a_word_that_any_language_knows_is_not_respelt(mixed: Index) -> None:
    """``tela`` is one slip away from ``tell``, which six times as many entries have."""
    results = mixed.search("tela")
    assert ([hit.entry_id for hit in results.hits], results.corrected) == ([3], ())


def test_of_two_corrections_the_one_in_the_querys_language_is_told(tmp_path: Path) -> None:
    english = [plain_document(number, "The build is broken", "Wait for it.") for number in range(10, 30)]
    german = [plain_document(number, "Kein Bild im Fernseher", "Warten.", language="de") for number in (1, 2)]
    index = Index(tmp_path, MemorySource((*english, *german)))
    index.follow()
    assert index.search("mein Fernseher zeigt kein Biuld").corrected[-1] == ("biuld", "bild")
    assert index.search("my release shows a broken biuld").corrected[-1] == ("biuld", "build")
    index.close()


def test_an_exact_query_is_neither_completed_nor_corrected(index: Index) -> None:
    assert found(index, "microwve", exact=True) == []
    assert found(index, "micro", exact=True) == []
    assert found(index, "microwave", exact=True) == [2]
