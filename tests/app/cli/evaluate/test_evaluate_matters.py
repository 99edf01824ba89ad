"""``chorus evaluate matters``: questions in the order of time, figures and assignments out."""

import gzip
import json
import os
import random
from pathlib import Path

import numpy as np
import pytest

from app.cli.evaluate import matters as module
from app.cli.evaluate.matters import BadMatters, evaluate_matters
from bot.archive.semantic.embedding_model import EmbeddingModel

DATA = Path(os.environ.get("CHORUS_TEST_DATA", Path(__file__).parents[5] / "shared" / "data"))
SUBJECTS = ("router blinks red tonight", "invoice charged twice again", "parcel lost near depot")


def written(path: Path, rows: list[dict[str, object]]) -> Path:
    text = "".join(json.dumps(row) + "\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def lines(count: int = 60) -> list[dict[str, object]]:
    return [
        {"id": f"q{number}", "t": number, "text": SUBJECTS[number % 3] + f" n{number}", "matter": number % 3}
        for number in range(count)
    ]


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.parametrize("name", ["questions.jsonl", "questions.jsonl.gz"])
def test_figures_and_assignments(tmp_path: Path, name: str) -> None:
    out = tmp_path / "out.jsonl"
    figures = evaluate_matters(written(tmp_path / name, lines()), False, out)
    assert figures == {
        "file": name,
        "meaning": "off",
        "questions": 60,
        "matters": 3,
        "single": 0,
        "labelled": 60,
        "known": 3,
        "precision": 1.0,
        "recall": 1.0,
        "f1": 1.0,
    }
    found = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [each["id"] for each in found] == [f"q{number}" for number in range(60)]
    assert len({each["matter"] for each in found}) == 3


def test_lines_without_a_matter_are_gathered_but_not_judged(tmp_path: Path) -> None:
    rows = [{**row, "matter": None} if number % 2 else row for number, row in enumerate(lines())]
    figures = evaluate_matters(written(tmp_path / "questions.jsonl", rows), False)
    assert (figures["questions"], figures["labelled"]) == (60, 30)
    rows = [{key: row[key] for key in ("id", "t", "text")} for row in lines()]
    figures = evaluate_matters(written(tmp_path / "questions.jsonl", rows), False)
    assert (figures["labelled"], "f1" in figures) == (0, False)


def test_the_model_is_asked_about_what_was_said_without_handles_and_links(
    tmp_path: Path, monkeypatch
) -> None:
    class Model:
        version = "counting"
        embedded: list[str] = []  # noqa: RUF012

        def embed(self, texts):
            self.embedded += texts
            return np.array([[1.0, len(text)] for text in texts], dtype=np.float32)

    monkeypatch.setattr(module.EmbeddingModel, "load", Model)
    rows = [{"id": 1, "t": "2026-01-01T00:00:00Z", "text": "@brand my box https://example.com/a is dead"}]
    assert evaluate_matters(written(tmp_path / "questions.jsonl", rows), True)["meaning"] == "on"
    assert Model.embedded == ["my box is dead"]


def test_without_a_model_it_goes_by_words_and_says_so(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(module.EmbeddingModel, "load", lambda: None)
    assert evaluate_matters(written(tmp_path / "questions.jsonl", lines()), True)["meaning"] == "off"


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([], "holds no question"),
        ([{"id": 1, "t": 5, "text": "a"}, {"id": 2, "t": 4, "text": "b"}], "line 2: t is earlier"),
        ([{"id": 1, "t": 5}], "line 1: text: Field required"),
    ],
)
def test_a_bad_file_is_named_with_its_fault(tmp_path: Path, rows: list[dict[str, object]], says: str) -> None:
    with pytest.raises(BadMatters, match=says):
        evaluate_matters(written(tmp_path / "bad.jsonl", rows), False)
    with pytest.raises(BadMatters, match="cannot be read"):
        evaluate_matters(tmp_path / "missing.jsonl", False)


@pytest.mark.skipif(
    not DATA.is_dir() or EmbeddingModel.load() is None, reason="needs the data sets and an embedding model"
)
def test_the_questions_of_a_bank_are_gathered_as_well_as_was_measured(tmp_path: Path) -> None:
    """Given half of a real set's intents, then the figure is near the one in docs/matters.md."""
    with gzip.open(DATA / "intent_banking77.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [row for row in map(json.loads, file) if row["split"] == "test"]
    chosen = sorted({row["intent"] for row in rows})[::2]
    rows = [row for row in rows if row["intent"] in chosen]
    random.Random(0).shuffle(rows)
    asked = [
        {"id": number, "t": number, "text": row["text"], "matter": row["intent"]}
        for number, row in enumerate(rows[:800])
    ]
    assert evaluate_matters(written(tmp_path / "bank.jsonl", asked), True)["f1"] >= 0.62
