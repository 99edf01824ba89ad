"""How good the search is: labelled queries against labelled entries, as figures."""

import json
import math
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from app.files.text_files import UnreadableText, numbered_lines
from bot.archive.lexical.index import Index
from bot.archive.lexical.query import LONGEST_QUERY
from bot.archive.memory_source import MemorySource, plain_document
from bot.archive.ranking import Archive
from bot.archive.semantic.embedding_model import EmbeddingModel
from bot.archive.semantic.vector_index import VectorReplica

_DEPTH = 10


class BadDataset(ValueError):
    """A file is not what the evaluation reads; ``str(error)`` names the file, the line and the fault."""


def evaluate_search(docs: Path, queries: Path, meaning: bool, rankings: Path | None) -> dict[str, object]:
    """Index ``docs``, ask ``queries``, and say how well the right entries were ranked.

    Args:
        docs: JSON lines ``{"id", "question", "answer"}``, gzipped if the name ends in ``.gz``.
        queries: JSON lines ``{"q", "rel": [ids]}``, likewise.
        meaning: Rank with the embedding model too.
        rankings: Where to write one line ``{"ranked": [up to 10 ids]}`` per query, in order.

    Returns:
        ``ndcg_at_10``, ``recall_at_10``, ``mrr`` and ``hit_at_1`` (means over the queries, 0 to 1; binary
        relevance, as in Manning et al., Introduction to Information Retrieval, chapter 8), with ``docs``,
        ``queries`` and ``meaning``.

    Raises:
        BadDataset: A file cannot be read as described, or meaning is asked for and not installed.
    """
    entries = [_entry(docs, number, line) for number, line in _lines(docs)]
    asked = [_query(queries, number, line) for number, line in _lines(queries)]
    if not entries or not asked:
        raise BadDataset(f"{docs if not entries else queries} holds nothing to evaluate with.")
    ids = [entry[0] for entry in entries]
    source = MemorySource(plain_document(row, *entry[1:]) for row, entry in enumerate(entries, start=1))
    with tempfile.TemporaryDirectory(prefix="chorus-evaluate-") as directory:
        index = Index(Path(directory), source)
        try:
            archive = _archive(index, meaning)
            ranked = [[ids[hit - 1] for hit in _search(archive, text)] for text, _ in asked]
        finally:
            index.close()
    if rankings is not None:
        lines = [json.dumps({"ranked": each}, ensure_ascii=False) for each in ranked]
        rankings.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    figures = [_figures(found, relevant) for found, (_, relevant) in zip(ranked, asked, strict=True)]
    means = {name: round(sum(each[name] for each in figures) / len(figures), 4) for name in figures[0]}
    return {**means, "docs": len(entries), "queries": len(asked), "meaning": meaning}


def _archive(index: Index, meaning: bool) -> Archive:
    """The archive with every entry indexed and, where meaning counts, embedded."""
    model = EmbeddingModel.load() if meaning else None
    if meaning and model is None:
        raise BadDataset(
            "No embedding model is installed: install chorus-support[meaning], or use --meaning off."
        )
    index.follow()
    archive = Archive(index, None if model is None else VectorReplica(index.source, model))
    while archive.vectors is not None and archive.vectors.follow():
        pass
    return archive


def _search(archive: Archive, text: str) -> list[int]:
    return [hit.entry_id for hit in archive.search(text[:LONGEST_QUERY], limit=_DEPTH).hits]


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        for number, line in numbered_lines(path):
            row = json.loads(line)
            if not isinstance(row, dict):
                raise BadDataset(f"{path}, line {number}: not a JSON object.")
            yield number, row
    except UnreadableText as error:
        raise BadDataset(str(error)) from error
    except json.JSONDecodeError as error:
        raise BadDataset(f"{path} cannot be read as JSON lines: line {number}: {error}.") from error


def _entry(path: Path, number: int, row: dict[str, Any]) -> tuple[Any, str, str]:
    if "id" not in row or not (row.get("question") or row.get("answer")):
        raise BadDataset(f'{path}, line {number}: an entry needs "id" and a "question" or an "answer".')
    return row["id"], str(row.get("question") or ""), str(row.get("answer") or "")


def _query(path: Path, number: int, row: dict[str, Any]) -> tuple[str, list[Any]]:
    relevant = row.get("rel")
    if not isinstance(row.get("q"), str) or not isinstance(relevant, list) or not relevant:
        raise BadDataset(f'{path}, line {number}: a query needs "q" and a list "rel" that is not empty.')
    return row["q"], relevant


def _figures(ranked: Sequence[Any], relevant: Sequence[Any]) -> dict[str, float]:
    found = [rank for rank, each in enumerate(ranked, start=1) if each in relevant]
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(_DEPTH, len(relevant)) + 1))
    return {
        "ndcg_at_10": sum(1 / math.log2(rank + 1) for rank in found) / ideal,
        "recall_at_10": len(found) / len(relevant),
        "mrr": 1 / found[0] if found else 0.0,
        "hit_at_1": float(found[:1] == [1]),
    }
