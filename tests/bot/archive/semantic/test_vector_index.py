"""Vectors in memory: nearness, changes, and making what is missing."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.archive.documents import StoredVector
from bot.archive.memory_source import MemorySource, plain_document
from bot.archive.semantic import vector_index as module
from bot.archive.semantic.vector_index import VectorIndex, VectorReplica, embedded_text, quantised


class TinyMeaning:
    """A stand-in for a model: one number per letter of the alphabet, counted."""

    version = "tiny"
    dimensions = 64

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str], batch: int = 8) -> NDArray[np.float32]:
        self.embedded += texts
        rows = np.full((len(texts), 64), 0.01, dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for sign in text.lower():
                row[ord(sign) % 64] += 1.0
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def random_rows(count: int, seed: int = 1) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).standard_normal((count, 64)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def filled(rows: NDArray[np.float32]) -> VectorIndex:
    table = VectorIndex(64)
    table.put([(number + 1, quantised(row)) for number, row in enumerate(rows)])
    return table


def test_packing_keeps_the_direction() -> None:
    row = random_rows(1)[0]
    packed = np.frombuffer(quantised(row), dtype=np.int8).astype(np.float32)
    assert packed @ row / np.linalg.norm(packed) == pytest.approx(1.0, abs=1e-3)


def test_the_nearest_come_first_with_their_cosines() -> None:
    rows = random_rows(500)
    near = filled(rows).top_k(rows[41], 3)
    assert near[0].entry_id == 42
    assert near[0].cosine == pytest.approx(1.0, abs=1e-3)
    exact = np.argsort(-(rows @ rows[41]))[:3] + 1
    assert [each.entry_id for each in near] == exact.tolist()


def test_among_more_than_are_scored_the_nearest_are_still_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RESCORED", 1_500)
    rows = random_rows(20_000)
    table = filled(rows)
    for row in (3, 777, 19_999):
        query = rows[row] + 0.05 * random_rows(1, seed=row)[0]
        exact = np.argsort(-(rows @ query))[:10] + 1
        found = [each.entry_id for each in table.top_k(query / np.linalg.norm(query), 10)]
        assert found[0] == row + 1
        assert len(set(found) & set(exact.tolist())) >= 8


def test_replaced_and_removed_entries_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_RECENT", 10)
    rows = random_rows(40)
    table = filled(rows)
    table.put([(5, quantised(rows[20]))])
    table.remove([21, 99])
    assert [each.entry_id for each in table.top_k(rows[20], 1)] == [5]
    assert set(table.score(rows[0], [1, 5, 21, 99])) == {1, 5}
    assert table.score(rows[0], [1])[1] == pytest.approx(1.0, abs=1e-3)


def test_a_vector_of_another_length_is_passed_over() -> None:
    table = VectorIndex(64)
    table.put([(1, b"short")])
    assert len(table) == 0
    assert table.top_k(random_rows(1)[0], 5) == []
    with pytest.raises(ValueError, match="multiple of 64"):
        VectorIndex(100)


def test_what_is_missing_is_made_once_and_stored() -> None:
    source = MemorySource(plain_document(number, f"question {number}", "answer") for number in range(1, 21))
    meaning = TinyMeaning()
    vectors = VectorReplica(source, meaning)  # type: ignore[arg-type]
    while vectors.follow():
        pass
    assert len(meaning.embedded) == 20
    assert len(list(source.vectors("tiny"))) == 20
    again = VectorReplica(source, meaning)  # type: ignore[arg-type]
    while again.follow():
        pass
    assert len(meaning.embedded) == 20
    assert again.index is not None
    assert len(again.index) == 20


def test_changes_are_followed() -> None:
    source = MemorySource([plain_document(1, "aaaa", ""), plain_document(2, "bbbb", "")])
    meaning = TinyMeaning()
    vectors = VectorReplica(source, meaning)  # type: ignore[arg-type]
    while vectors.follow():
        pass
    source.remove(1)
    source.put(plain_document(2, "cccc", "", revision=2))
    source.put(plain_document(3, "dddd", "", public=False))
    while vectors.follow():
        pass
    assert vectors.index is not None
    near = vectors.index.top_k(meaning.embed(["cccc"])[0], 5)
    assert [(each.entry_id, round(each.cosine, 2)) for each in near] == [(2, 1.0)]


def test_a_process_that_does_not_embed_takes_over_what_another_made() -> None:
    source = MemorySource([plain_document(1, "aaaa", "")])
    meaning = TinyMeaning()
    reader = VectorReplica(source, meaning, embeds=False)  # type: ignore[arg-type]
    reader.follow()
    assert reader.index is not None
    assert len(reader.index) == 0
    source.save_vectors("tiny", [StoredVector(1, 1, quantised(meaning.embed(["aaaa"])[0]))])
    source.put(plain_document(1, "aaaa", ""))
    reader.follow()
    assert len(reader.index) == 1


def test_the_text_of_an_entry_is_its_title_quotation_and_accepted_answer_without_repeats() -> None:
    document = plain_document(1, "No picture", "Unplug it.")
    document = replace(document, question="No picture", answers=("Unplug it.", "No."))
    assert embedded_text(document) == "No picture Unplug it."
