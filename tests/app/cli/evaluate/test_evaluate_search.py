"""``chorus evaluate search``: files in, figures out."""

import gzip
import json
import os
from pathlib import Path

import pytest

from app.cli.evaluate.search import BadDataset, evaluate_search
from bot.actions.archive.imports import take_in
from bot.archive.semantic.embedding_model import EmbeddingModel
from bot.store.archive.transfer import AnswerLine, EntryLine
from tests.conftest import FakeClock
from tests.house import House

DATA = Path(os.environ.get("CHORUS_TEST_DATA", Path(__file__).parents[5] / "shared" / "data"))

DOCS = (
    {"id": "tv", "question": "No picture", "answer": "Unplug the television."},
    {"id": 7, "question": "Return a parcel", "answer": "Print the label."},
)
QUERIES = (
    {"q": "television", "rel": ["tv"]},
    {"q": "label parcel", "rel": [7, "tv"]},
    {"q": "nothing like it", "rel": [7]},
)


def written(path: Path, rows: object) -> Path:
    text = "".join(json.dumps(row) + "\n" for row in rows)  # type: ignore[attr-defined]
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def test_figures_and_rankings_follow_their_definitions(tmp_path: Path) -> None:
    rankings = tmp_path / "rankings.jsonl"
    docs = written(tmp_path / "docs.jsonl.gz", DOCS)
    figures = evaluate_search(docs, written(tmp_path / "queries.jsonl", QUERIES), False, rankings)
    ranked = [json.loads(line)["ranked"] for line in rankings.read_text().splitlines()]
    assert ranked == [["tv"], [7], []]
    ideal = 1 + 1 / 1.584962500721156
    assert figures == {
        "ndcg_at_10": round((1 + 1 / ideal + 0) / 3, 4),
        "recall_at_10": 0.5,
        "mrr": 0.6667,
        "hit_at_1": 0.6667,
        "docs": 2,
        "queries": 3,
        "meaning": False,
    }


MIXED = (
    ("No picture since the update", "Hold the power button of the television for ten seconds.", "en"),
    ("Picture but no sound on my TV", "Choose the television's own speakers in the sound menu.", "en"),
    ("The router keeps losing the connection", "Update the router and choose another channel.", None),
    ("Router zurücksetzen", "Halten Sie den Knopf zehn Sekunden gedrückt.", "de"),
    ("Fernseher ohne Bild nach dem Update", "Ziehen Sie den Stecker für zwei Minuten.", None),
    ("El televisor no tiene imagen", "Desenchufe el televisor durante dos minutos.", "es"),
    ("テレビが映らない", "電源コードを抜いてください。", "ja"),
)
ASKED = (
    "router update",
    "Fernseher Bild",
    "televisor sin imagen",
    "テレビ 映らない",
    "no picutre",
    "TV update",
)


def test_the_evaluation_ranks_as_the_api_does(tmp_path: Path, database_url: str, clock: FakeClock) -> None:
    """Not only as well: the same entries in the same places, corrections and languages included."""
    rows = [{"id": title, "question": title, "answer": said, "language": tag} for title, said, tag in MIXED]
    docs = written(tmp_path / "docs.jsonl", rows)
    queries = written(tmp_path / "queries.jsonl", [{"q": text, "rel": [MIXED[0][0]]} for text in ASKED])
    evaluate_search(docs, queries, False, tmp_path / "rankings.jsonl")
    evaluated = [json.loads(line)["ranked"] for line in (tmp_path / "rankings.jsonl").open()]
    house = House(database_url, clock)
    with house.database.write() as session:
        for title, said, tag in MIXED:
            answers = [AnswerLine(text=said, at=clock())]
            line = EntryLine(title=title, asked_at=clock(), answers=answers, language=tag)
            take_in(session, line, set(), clock())
    while house.chorus.search.catch_up():
        pass
    served = [house.ask("GET", "/api/v1/answers", params={"q": text, "limit": 10}).json() for text in ASKED]
    assert evaluated == [[item["title"] for item in page["items"]] for page in served]
    assert all(evaluated)


@pytest.mark.parametrize(
    ("docs", "queries", "said"),
    [
        ("[1]", '{"q":"a","rel":[1]}', r"docs\.jsonl, line 1: not a JSON object"),
        ('{"id":1}', '{"q":"a","rel":[1]}', r"docs\.jsonl, line 1: an entry needs"),
        ('{"id":1,"answer":"a"}', '{"q":"a","rel":[]}', r"queries\.jsonl, line 1: a query needs"),
        ('{"id":1,"answer":"a"}', "", r"queries\.jsonl holds nothing"),
        ("{", '{"q":"a","rel":[1]}', r"docs\.jsonl cannot be read"),
    ],
)
def test_a_file_of_another_form_is_refused_with_its_line(
    tmp_path: Path, docs: str, queries: str, said: str
) -> None:
    (tmp_path / "docs.jsonl").write_text(docs)
    (tmp_path / "queries.jsonl").write_text(queries)
    with pytest.raises(BadDataset, match=said):
        evaluate_search(tmp_path / "docs.jsonl", tmp_path / "queries.jsonl", False, None)


def test_a_missing_file_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(BadDataset, match=r"absent\.jsonl"):
        evaluate_search(tmp_path / "absent.jsonl", tmp_path / "absent.jsonl", False, None)


@pytest.mark.skipif(not DATA.is_dir(), reason="the evaluation data is not here")
def test_words_alone_reach_the_promised_quality_on_real_questions() -> None:
    figures = evaluate_search(
        DATA / "faq_stackfaq_docs.jsonl.gz", DATA / "faq_stackfaq_queries.jsonl.gz", False, None
    )
    assert float(str(figures["ndcg_at_10"])) >= 0.84


@pytest.mark.skipif(
    not DATA.is_dir() or EmbeddingModel.load() is None, reason="the data or the model is not here"
)
def test_meaning_reaches_the_promised_quality_on_real_questions(tmp_path: Path) -> None:
    """Every eighth query, to be quick; docs/archive.md has the whole table."""
    with gzip.open(DATA / "faq_stackfaq_queries.jsonl.gz", "rt") as file:
        rows = [json.loads(line) for line in file][::8]
    figures = evaluate_search(
        DATA / "faq_stackfaq_docs.jsonl.gz", written(tmp_path / "queries.jsonl", rows), True, None
    )
    assert float(str(figures["ndcg_at_10"])) >= 0.96
