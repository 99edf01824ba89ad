"""Policies compared over a record."""

import gzip
import json
import os
from pathlib import Path

import pytest

from app.cli.evaluate.ladder import BadRecord, evaluate_ladder

DATA = Path(os.environ.get("CHORUS_TEST_DATA", Path(__file__).parents[5] / "shared" / "data"))


def record(path, count=80, clock=True):
    def at(hour):
        return f"2026-01-{1 + hour // 24:02d}T{hour % 24:02d}:00:00Z" if clock else hour

    rows = [
        {
            "id": n,
            "t": at(n * 6),
            "title": ["router is slow", "no picture on my tv"][n % 2],
            "body": "",
            "tags": [["router"], ["tv"]][n % 2],
            "answers": [
                {"by": f"u{n % 2}{k}", "t": at(n * 6 + k + 1), "score": 1, "accepted": False}
                for k in range(3)
            ],
        }
        for n in range(count)
    ]
    text = "\n".join(json.dumps(row) for row in rows)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("name", "clock"), [("a.jsonl", True), ("a.jsonl.gz", False)])
def test_policies_stand_side_by_side(tmp_path, name, clock):
    result = evaluate_ladder(record(tmp_path / name, clock=clock), rungs=("1:5", "3:5,6:10"))
    assert json.loads(json.dumps(result)) == result
    assert result["simulated"] == 32
    assert (result["answer_minutes"]["measured_median"] is not None) == clock
    one, more = result["policies"]
    assert (one["rungs"], more["rungs"]) == ("1:5", "3:5,6:10")
    for figures in (one, more):
        assert figures["questions"] == 32
        assert 0 <= figures["within_10_minutes"] <= figures["answered"] <= 1
    assert more["offers_per_question"] >= one["offers_per_question"]


def test_the_record_s_own_delays_can_be_used(tmp_path):
    result = evaluate_ladder(record(tmp_path / "a.jsonl"), rungs=("1:5",), answer_minutes=None)
    assert result["answer_minutes"]["used_median"] == pytest.approx(120, abs=30)


@pytest.mark.parametrize("ladder", ["", "3", "3:x", "0:5", "3:0", "3:5;6:10"])
def test_a_ladder_that_does_not_work_is_named(tmp_path, ladder):
    with pytest.raises(BadRecord, match="ladder"):
        evaluate_ladder(record(tmp_path / "a.jsonl"), rungs=(ladder,))


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"title": "x"}', '{"title": "x", "t": "soon", "answers": []}', "7"]
)
def test_a_line_that_is_no_question_is_named(tmp_path, line):
    file = tmp_path / "bad.jsonl"
    file.write_text(f"\n{line}\n", encoding="utf-8")
    with pytest.raises(BadRecord, match="line 2"):
        evaluate_ladder(file)


def test_a_record_without_a_past_or_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(BadRecord, match="too short"):
        evaluate_ladder(record(tmp_path / "a.jsonl", count=1))
    with pytest.raises(BadRecord, match="cannot be read"):
        evaluate_ladder(tmp_path / "none.jsonl")
    broken = tmp_path / "broken.jsonl.gz"
    broken.write_bytes(b"not gzip")
    with pytest.raises(BadRecord, match="cannot be read"):
        evaluate_ladder(broken)


def test_settings_out_of_range_are_refused(tmp_path):
    for settings in ({"per_day": 0.0}, {"answer_minutes": -1.0}, {"limit": 0}, {"explore": 2.0}):
        with pytest.raises(BadRecord):
            evaluate_ladder(record(tmp_path / "a.jsonl"), **settings)


def test_a_real_forum_is_simulated():
    file = DATA / "routing_redash.jsonl.gz"
    if not file.exists():
        pytest.skip(f"{file} is not here")
    (figures,) = evaluate_ladder(file, rungs=("3:5,6:10,25:15",), limit=60)["policies"]
    assert figures["questions"] == 60
    assert figures["answered"] > 0.4


GUIDE = (Path(__file__).parents[4] / "docs" / "ladder.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["se_dba", "redash"])
def test_the_guide_has_the_figures_of_the_command(name):
    file = DATA / f"routing_{name}.jsonl.gz"
    if not file.exists():
        pytest.skip("no records here")
    rows = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in GUIDE.splitlines()]
    told = next(row for row in rows if row[:2] == [name, "3:5,6:10,50:15"])
    [found] = evaluate_ladder(file, rungs=("3:5,6:10,50:15",), limit=400)["policies"]
    assert told[2:] == [
        f"{found['answered']:.1%}",
        f"{found['within_10_minutes']:.1%}",
        f"{found['median_minutes']:.1f}",
        f"{found['offers_per_question']:.1f}",
        f"{found['load_max_over_mean']:.1f}",
        f"{found['newcomer_hours']:.1f}",
    ]
