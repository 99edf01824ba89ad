import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from app.cli.evaluate import routing as module
from app.cli.evaluate.embedding_cache import cache_directory, embed_cached
from app.cli.evaluate.routing import BadHistory, evaluate_routing


def line(number: int, **changes: object) -> dict[str, object]:
    answer = {"by": f"u{number % 3}", "t": number * 10 + 5, "score": 3, "accepted": True}
    return {
        "id": f"q{number}",
        "t": number * 10,
        "title": f"question about topic{number % 3}",
        "body": "",
        "tags": [f"tag{number % 3}"],
        "answers": [answer],
        **changes,
    }


def written(path: Path, rows: list[dict[str, object]]) -> Path:
    text = "".join(json.dumps(row) + "\n" for row in rows)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return path


class CountingModel:
    """Stands in for the embedding model: vectors from the texts' lengths, and a list of what was embedded."""

    version = "counting"

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed(self, texts):
        self.embedded += texts
        rows = np.array([[len(text), 1.0] for text in texts], dtype=np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.parametrize("name", ["history.jsonl", "history.jsonl.gz"])
def test_a_history_gives_figures_and_rankings(tmp_path, name):
    file = written(tmp_path / name, [line(number) for number in range(300)])
    rankings = tmp_path / "out.jsonl"
    figures = evaluate_routing(file, "hidden", False, rankings)
    lines = [json.loads(each) for each in rankings.read_text(encoding="utf-8").splitlines()]
    assert figures["questions"] == 300
    assert figures["scored"] == len(lines) == 20
    assert figures["hit@5"] == 1.0
    assert figures["tail"]["scored"] == 0
    assert lines[0]["id"] == "q280"
    assert set(lines[0]["ranked"]) == {"u0", "u1", "u2"}


def test_scores_and_acceptance_are_not_read(tmp_path):
    plain = [line(number) for number in range(300)]
    loud = [
        line(number, answers=[{"by": f"u{number % 3}", "t": number * 10 + 5, "score": -99, "accepted": "?"}])
        for number in range(300)
    ]
    outputs = []
    for name, rows in (("plain", plain), ("loud", loud)):
        out = tmp_path / f"{name}.out"
        evaluate_routing(written(tmp_path / f"{name}.jsonl", rows), "given", False, out)
        outputs.append(out.read_text(encoding="utf-8"))
    assert outputs[0] == outputs[1]


def test_times_in_iso_form_and_numbers_of_any_size_are_read(tmp_path):
    iso = [
        line(
            number,
            t=f"2024-01-01T{number // 60:02}:{number % 60:02}:00Z",
            answers=[{"by": f"u{number % 3}", "t": f"2024-01-02T{number // 60:02}:{number % 60:02}:00"}],
        )
        for number in range(300)
    ]
    large = [
        line(number, t=number * 10**12, answers=[{"by": "u1", "t": number * 10**12 + 5}])
        for number in range(300)
    ]
    assert evaluate_routing(written(tmp_path / "iso.jsonl", iso), "hidden", False, None)["questions"] == 300
    assert evaluate_routing(written(tmp_path / "large.jsonl", large), "hidden", False, None)["scored"] == 20


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([], "no question"),
        ([line(1), line(0)], "line 2: t is earlier"),
        ([line(0), {"id": 1, "t": 5}], "line 2: title: Field required"),
        ([line(0), line(1, t="2024-01-01T00:00:00Z")], "line 2: t is a number in some lines"),
        ([line(0, answers=[{"by": "", "t": 1}])], "line 1: answers.0.by"),
    ],
)
def test_a_bad_line_is_named_with_its_fault(tmp_path, rows, says):
    with pytest.raises(BadHistory, match=says):
        evaluate_routing(written(tmp_path / "bad.jsonl", rows), "hidden", False, None)


def test_what_is_no_file_or_no_json_is_said_in_words(tmp_path):
    with pytest.raises(BadHistory, match="cannot be read"):
        evaluate_routing(tmp_path / "missing.jsonl", "hidden", False, None)
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"id": 1,\n', encoding="utf-8")
    with pytest.raises(BadHistory, match="line 1: the line"):
        evaluate_routing(broken, "hidden", False, None)
    torn = tmp_path / "torn.jsonl.gz"
    torn.write_bytes(gzip.compress(b"{}" * 500)[:20])
    with pytest.raises(BadHistory, match="cannot be read"):
        evaluate_routing(torn, "hidden", False, None)


def test_texts_are_embedded_once_and_kept(tmp_path, monkeypatch):
    model = CountingModel()
    monkeypatch.setattr(module.EmbeddingModel, "load", lambda: model)
    file = written(tmp_path / "history.jsonl", [line(number) for number in range(300)])
    first = evaluate_routing(file, "hidden", True, None)
    assert first["meaning"] == "on"
    assert len(model.embedded) == len(set(model.embedded)) == 3
    assert evaluate_routing(file, "hidden", True, None) == first
    assert len(model.embedded) == 3


def test_without_the_model_the_replay_goes_by_words_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(module.EmbeddingModel, "load", lambda: None)
    file = written(tmp_path / "history.jsonl", [line(number) for number in range(250)])
    assert evaluate_routing(file, "hidden", True, None)["meaning"] == "off"


def test_the_cache_lies_where_the_user_keeps_caches(tmp_path, monkeypatch):
    assert cache_directory() == tmp_path / "cache" / "chorus"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_directory() == tmp_path / ".cache" / "chorus"


def test_vectors_come_in_the_order_of_the_texts(tmp_path):
    vectors = embed_cached(CountingModel(), ["aa", "b", "aa", "ccc"], tmp_path)
    assert vectors.shape == (4, 2)
    np.testing.assert_array_equal(vectors[0], vectors[2])
    assert vectors[3][0] > vectors[0][0] > vectors[1][0]
