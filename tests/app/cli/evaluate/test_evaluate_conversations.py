"""``chorus evaluate conversations``: figures, judgements, and what is wrong with a file."""

import json
import os
from pathlib import Path

import pytest

from app.cli.evaluate.conversations import BadConversations, evaluate_conversations

TEST_DATA = Path(os.environ.get("CHORUS_TEST_DATA", Path(__file__).parents[5] / "shared" / "data"))

TURNS = [
    {"by": "customer", "text": "@brand the lamp stays dark", "to": None, "kind": "question"},
    {"by": "employee", "text": "Which model is it?", "to": 0, "kind": "question_back"},
    {"by": "customer", "text": "LX 200", "to": 1, "kind": "details"},
    {"by": "employee", "text": "Press and hold the ring for ten seconds.", "to": 2, "kind": "answer"},
    {"by": "customer", "text": "works, thanks!", "to": 3, "kind": "thanks"},
]


def written(path: Path, *lines: object) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_a_conversation_is_judged_and_measured(tmp_path: Path) -> None:
    line = {
        "id": "one",
        "language": "en",
        "turns": TURNS,
        "questions": [{"opened_by": 0, "accepted": 3, "keep": True}],
    }
    out = tmp_path / "judgements.jsonl"

    figures = evaluate_conversations(written(tmp_path / "talks.jsonl", line), out)

    judged = json.loads(out.read_text(encoding="utf-8"))
    assert judged["id"] == "one"
    assert [turn["kind"] for turn in judged["turns"]] == [turn["kind"] for turn in TURNS]
    assert judged["questions"] == [
        {"opened_by": 0, "accepted": 3, "keep": True, "title": "The lamp stays dark"}
    ]
    assert figures["right_acceptance"] == 1.0
    assert figures["gate"] == {
        "worth_keeping": 1,
        "good_held_back": 0.0,
        "not_worth_keeping": 0,
        "poor_held_back": None,
        "poor_kept": None,
    }


def test_without_labels_it_only_judges(tmp_path: Path) -> None:
    bare = [{key: turn[key] for key in ("by", "text", "to")} for turn in TURNS]
    figures = evaluate_conversations(written(tmp_path / "talks.jsonl", {"id": "one", "turns": bare}))
    assert figures["conversations"] == 1
    assert figures["turns"] == 0


@pytest.mark.parametrize(
    "line",
    [{"id": "one"}, {"id": "one", "turns": [{"by": "nobody", "text": "", "to": None}]},
     {"id": "one", "turns": [{"by": "customer", "text": "", "to": 4}]}],
)  # fmt: skip
def test_a_line_that_is_none_is_named(tmp_path: Path, line: object) -> None:
    with pytest.raises(BadConversations, match="line 1"):
        evaluate_conversations(written(tmp_path / "talks.jsonl", line))


@pytest.mark.skipif(
    not (TEST_DATA / "talks_written.jsonl.gz").exists(), reason="no labelled conversations here"
)
def test_conversations_in_ten_languages() -> None:
    figures = evaluate_conversations(TEST_DATA / "talks_written.jsonl.gz")
    kinds = figures["kinds"]
    assert kinds["question_back"]["precision"] >= 0.75
    assert kinds["question_back"]["recall"] >= 0.8
    assert kinds["thanks"]["precision"] >= 0.95
    assert kinds["thanks"]["recall"] >= 0.85
    assert kinds["new_question"]["f1"] >= 0.8
    assert kinds["redirect"]["f1"] >= 0.85
    assert kinds["courtesy"]["f1"] >= 0.65
    assert figures["right_acceptance"] >= 0.8
    assert figures["gate"]["good_held_back"] <= 0.15
    assert figures["gate"]["poor_held_back"] >= 0.65
