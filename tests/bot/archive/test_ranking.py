"""Words and meaning as one ranking."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.archive.lexical.index import Index
from bot.archive.lexical.query import Filters, QueryTooLong
from bot.archive.memory_source import MemorySource, plain_document
from bot.archive.ranking import Archive
from bot.archive.semantic.embedding_model import EmbeddingError, EmbeddingModel
from bot.archive.semantic.vector_index import VectorReplica

SAID = ("no picture on the screen", "keeps losing the connection", "makes a loud noise", "will not charge")
ENTRIES = [
    plain_document(1, "The screen of my television stays black", "Unplug it for a minute.", topic="tv"),
    plain_document(2, "How do I send a parcel back?", "Print the label and hand it in.", topic="orders"),
    plain_document(
        3, "Cannot sign in to my account", "Reset your password on the web site.", topic="account"
    ),
    plain_document(4, "Fernseher zeigt kein Bild", "Ziehen Sie den Stecker.", language="de", topic="tv"),
    *(
        plain_document(number, f"My KX-{number}B {SAID[number % 4]}", "Please restart it.", topic="devices")
        for number in range(100, 140)
    ),
]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    meaning = EmbeddingModel.load()
    if meaning is None:
        pytest.skip("the meaning extra is not installed")
    index = Index(tmp_path_factory.mktemp("index"), MemorySource(ENTRIES))
    index.follow()
    vectors = VectorReplica(index.source, meaning)
    while vectors.follow():
        pass
    yield Archive(index, vectors)
    index.close()


def found(archive: Archive, query: str, filters: Filters | None = None) -> list[int]:
    return [hit.entry_id for hit in archive.search(query, filters).hits]


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("I would like to return what I ordered", 2),
        ("forgot my login", 3),
        ("TV shows nothing at all", 1),
        ("Mein Fernseher hat kein Bild mehr", 4),
    ],
)
def test_the_same_thing_in_other_words_is_found(archive: Archive, query: str, best: int) -> None:
    assert found(archive, query)[0] == best


@pytest.mark.parametrize(
    "query", ["KX-117B makes a noise", "help with kx117b please", "KX-117B", "my screen kx-117b"]
)
def test_a_rare_model_number_wins_over_every_likeness(archive: Archive, query: str) -> None:
    assert found(archive, query)[0] == 117


def test_filters_hold_for_what_meaning_finds_too(archive: Archive) -> None:
    assert found(archive, "I would like to return what I ordered", Filters(topic="tv"))[:1] != [2]
    assert set(found(archive, "black display", Filters(topic="tv"))) <= {1, 4}
    assert found(archive, "I forgot my login", Filters(topic="account")) == [3]
    assert found(archive, "forgot my login", Filters(topic="nothing")) == []


def test_a_phrase_is_not_watered_down_by_meaning(archive: Archive) -> None:
    assert found(archive, '"screen of my television"') == [1]


def test_gibberish_finds_nothing(archive: Archive) -> None:
    assert found(archive, "qxzvbn wrtplk") == []


def test_pages_follow_each_other_without_gaps_or_repeats(archive: Archive) -> None:
    whole = [hit.entry_id for hit in archive.search("my device makes a noise", limit=30).hits]
    parts = [
        hit.entry_id
        for offset in range(0, 30, 10)
        for hit in archive.search("my device makes a noise", limit=10, offset=offset).hits
    ]
    assert parts == whole
    assert len(set(whole)) == 30


def test_an_entry_that_left_the_index_is_not_found_by_its_vector(archive: Archive) -> None:
    source = archive.index.source
    assert isinstance(source, MemorySource)
    source.put(plain_document(50, "The dishwasher leaks water", "Check the seal."))
    archive.index.follow()
    assert archive.vectors is not None
    archive.vectors.follow()
    assert found(archive, "water on the kitchen floor")[0] == 50
    source.remove(50)
    archive.index.follow()
    assert 50 not in found(archive, "water on the kitchen floor")


def test_too_long_and_empty_queries_are_treated_as_without_meaning(archive: Archive) -> None:
    assert found(archive, "") == found(archive, '"*"') == []
    with pytest.raises(QueryTooLong):
        archive.search("x" * 501)


class BrokenMeaning:
    """A model whose files turn out to be unusable."""

    version = "broken"
    dimensions = 64

    def embed(self, texts: Sequence[str], batch: int = 8) -> NDArray[np.float32]:
        raise EmbeddingError("the model is broken")


def test_with_a_broken_model_words_alone_are_searched(tmp_path: Path) -> None:
    index = Index(tmp_path, MemorySource(ENTRIES))
    index.follow()
    vectors = VectorReplica(index.source, BrokenMeaning())  # type: ignore[arg-type]
    with pytest.raises(EmbeddingError):
        vectors.follow()
    assert found(Archive(index, vectors), "parcel") == [2]
    assert found(Archive(index), "parcel") == [2]
    index.close()


class Noting(BrokenMeaning):
    """A model that makes every text the same vector, and notes which texts it was given."""

    version = "noting"

    def __init__(self) -> None:
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str], batch: int = 8) -> NDArray[np.float32]:
        self.texts += texts
        row = np.ones(self.dimensions, dtype=np.float32) / 8
        return np.tile(row, (len(texts), 1))

    def count_subwords(self, words: Sequence[str]) -> int:
        return len(words)


def test_a_corrected_query_is_looked_for_by_the_meaning_of_what_was_meant(tmp_path: Path) -> None:
    index = Index(tmp_path, MemorySource(ENTRIES))
    index.follow()
    model = Noting()
    vectors = VectorReplica(index.source, model)  # type: ignore[arg-type]
    vectors.follow()
    archive = Archive(index, vectors)
    archive.search("send the pacrel")
    archive.search("send the pacrel", exact=True)
    assert model.texts[-2:] == ["send the parcel", "send the pacrel"]
    index.close()


def test_an_entry_without_a_vector_keeps_the_place_that_the_words_give_it(tmp_path: Path) -> None:
    source = MemorySource(
        plain_document(number, f"No picture on the screen of set {number}", "Restart it.")
        for number in range(1, 20)
    )
    index = Index(tmp_path, source)
    index.follow()
    vectors = VectorReplica(source, Noting())  # type: ignore[arg-type]
    while vectors.follow():
        pass
    source.put(plain_document(50, "No picture on the screen after the update", "Restart it."))
    index.follow()
    ranked = found(Archive(index, vectors), "no picture on the screen after the update")
    assert ranked[0] == 50
    index.close()


class Everywhere(Noting):
    """A model of all languages that knows two things: pictures and parcels."""

    version = "everywhere"
    abroad = ("picture", "bild", "fernseher")

    def embed(self, texts: Sequence[str], batch: int = 8) -> NDArray[np.float32]:
        self.texts += texts
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for number, text in enumerate(texts):
            rows[number, int(not any(word in text.lower() for word in self.abroad))] = 1.0
        return rows

    embed_queries = embed


class Nothing(Noting):
    """A model of English to which nothing is like anything."""

    version = "nothing"

    def embed(self, texts: Sequence[str], batch: int = 8) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        rows[np.arange(len(texts)), [sum(map(ord, text)) % self.dimensions for text in texts]] = 1.0
        return rows


def searched_everywhere(directory: Path, source: MemorySource) -> tuple[Archive, Everywhere]:
    index = Index(directory, source)
    index.follow()
    everywhere = Everywhere()
    archive = Archive(
        index,
        VectorReplica(source, Nothing()),  # type: ignore[type-var,arg-type]
        VectorReplica(source, everywhere),  # type: ignore[type-var,arg-type]
    )
    for replica in (archive.vectors, archive.multilingual):
        while replica is not None and replica.follow():  # type: ignore[attr-defined]
            pass
    return archive, everywhere


def test_an_entry_is_found_from_another_language(tmp_path: Path) -> None:
    archive, _ = searched_everywhere(tmp_path, MemorySource(ENTRIES[:4]))
    assert 4 in found(archive, "no picture")
    archive.multilingual = None
    assert 4 not in found(archive, "no picture")
    archive.index.close()


def test_where_all_is_english_the_model_of_all_languages_is_not_asked(tmp_path: Path) -> None:
    archive, everywhere = searched_everywhere(tmp_path, MemorySource(ENTRIES[:3]))
    everywhere.texts.clear()
    archive.search("no picture")
    assert everywhere.texts == []
    archive.index.close()
