"""The embedding model: what it gives back, and what it refuses."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.archive.semantic import embedding_model as module
from bot.archive.semantic.embedding_model import EmbeddingError, EmbeddingModel, runtime_installed

ROOT = Path(__file__).resolve().parents[4]
pytestmark = pytest.mark.skipif(not runtime_installed(), reason="the meaning extra is not installed")


@pytest.fixture(scope="module")
def model() -> EmbeddingModel:
    loaded = EmbeddingModel.load()
    if loaded is None:
        pytest.skip("the packaged model is not installed")
    return loaded


def test_vectors_have_length_one_and_keep_the_order_of_the_texts(model: EmbeddingModel) -> None:
    import numpy as np

    texts = [
        "a much longer text about a router that keeps losing its connection",
        "tv",
        "",
        "no picture " * 300,
    ]
    together = model.embed(texts, batch=2)
    alone = np.vstack([model.embed([text]) for text in texts])
    assert together.dtype == np.float32
    assert together.shape == (4, model.dimensions) == (4, 384)
    assert np.allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-5)
    assert np.allclose(together, alone, atol=1e-3)


def test_the_same_meaning_in_other_words_is_nearer_than_another_meaning(model: EmbeddingModel) -> None:
    rows = model.embed(["My screen stays black", "no picture on my TV", "How do I return a parcel?"])
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.1


def test_no_texts_give_no_rows_and_lone_surrogates_do_no_harm(model: EmbeddingModel) -> None:
    assert model.embed([]).shape == (0, 384)
    assert model.embed(["\ud800 tv \x00"]).shape == (1, 384)


def test_a_changed_model_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"not a model")
    (tmp_path / "tokenizer.json").write_text("{}")
    (tmp_path / "SHA256SUMS").write_text("0" * 64 + "  model.onnx\n")
    with pytest.raises(EmbeddingError, match=r"sha256 is .* expected 0000"):
        EmbeddingModel.load(tmp_path)


def test_files_that_are_no_model_say_so_when_first_used(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"not a model")
    (tmp_path / "tokenizer.json").write_text("{}")
    loaded = EmbeddingModel.load(tmp_path)
    assert loaded is not None
    with pytest.raises(EmbeddingError, match="not a tokenizer"):
        loaded.embed(["tv"])


def test_an_empty_directory_is_refused_with_the_missing_file_in_the_message(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingError, match=r"model\.onnx"):
        EmbeddingModel.load(tmp_path)


def test_without_the_extra_there_is_no_model_but_a_named_directory_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "runtime_installed", lambda: False)
    assert EmbeddingModel.load() is None
    with pytest.raises(EmbeddingError, match=r"chorus-support\[meaning\]"):
        EmbeddingModel.load(tmp_path)


def test_the_runtime_keeps_nothing_about_this_machine_to_report(tmp_path: Path) -> None:
    script = (
        "from bot.archive.semantic.embedding_model import EmbeddingModel as Model\n"
        "assert Model.load().embed(['no picture']).size"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.rglob("*")) == []
