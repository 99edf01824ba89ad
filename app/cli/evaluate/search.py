"""How good the search is that people are served: labelled queries against labelled entries, as figures.

The entries go the way of an import into a house that the product's own composition puts together, and the
queries the way of the API's.
"""

import json
import math
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from app.files.json_lines import first_problem
from app.files.text_files import UnreadableText, numbered_lines
from app.public.reading import look_up, tidy
from app.wiring.composition import Chorus, build
from app.wiring.settings import SearchSettings, Settings
from bot.actions.archive.imports import take_in
from bot.archive.lexical.query import LONGEST_QUERY
from bot.store import migrations
from bot.store.archive.transfer import AnswerLine, EntryLine
from bot.store.engine import Database, open_engine
from bot.store.queries.pages.archive import EntryFilter
from bot.wording.title_sentences import shorten

_DEPTH: Final = 10
_BATCH: Final = 500
_LONGEST_TITLE: Final = 300
_ASKED: Final = datetime(2026, 1, 1, tzinfo=UTC)


class BadDataset(ValueError):
    """A file is not what the evaluation reads; ``str(error)`` names the file, the line and the fault."""


def evaluate_search(
    docs: Path,
    queries: Path,
    meaning: bool,
    rankings: Path | None,
    *,
    search: SearchSettings | None = None,
) -> dict[str, object]:
    """Serve ``docs``, ask ``queries``, and say how well the right entries were ranked.

    Args:
        docs: JSON lines ``{"id", "question", "answer", "language"?}``, gzipped if the name ends in ``.gz``.
        queries: JSON lines ``{"q", "rel": [ids]}``, likewise.
        meaning: Rank with the embedding model too.
        rankings: Where to write one line ``{"ranked": [up to 10 ids]}`` per query, in order.
        search: The search's other settings; by default those of a fresh installation.

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
    settings = (search or SearchSettings()).model_copy(update={"meaning": meaning})
    with tempfile.TemporaryDirectory(prefix="chorus-evaluate-") as directory:
        chorus = _house(Path(directory), settings)
        try:
            if meaning and not chorus.search.has_meaning:
                raise BadDataset(
                    "No embedding model is installed: install chorus-support[meaning], or use --meaning off."
                )
            ids = _archived(chorus, entries)
            ranked = [[ids[entry_id] for entry_id in _found(chorus, text)] for text, _ in asked]
        finally:
            chorus.stop()
    if rankings is not None:
        lines = [json.dumps({"ranked": each}, ensure_ascii=False) for each in ranked]
        rankings.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    figures = [_figures(found, relevant) for found, (_, relevant) in zip(ranked, asked, strict=True)]
    means = {name: round(sum(each[name] for each in figures) / len(figures), 4) for name in figures[0]}
    return {**means, "docs": len(entries), "queries": len(asked), "meaning": meaning}


def _house(directory: Path, search: SearchSettings) -> Chorus:
    """A process that serves pages and does no work, over a database of its own."""
    settings = Settings(
        database_url=f"sqlite:///{directory / 'chorus.db'}",
        data_directory=directory,
        secret_key=secrets.token_hex(),
        search=search,
    )
    database = Database(open_engine(settings.database_url))
    migrations.upgrade(database.engine)
    database.close()
    return build(settings, works=False)


def _archived(chorus: Chorus, entries: Sequence[tuple[Any, EntryLine]]) -> dict[int, Any]:
    """Bring the entries in and wait until all can be found; the ids of the file by those of the archive."""
    ids: dict[int, Any] = {}
    for begin in range(0, len(entries), _BATCH):
        with chorus.database.write() as session:
            now = chorus.database.now(session)
            for name, line in entries[begin : begin + _BATCH]:
                entry_id = take_in(session, line, set(), now)
                if entry_id is not None:
                    ids[entry_id] = name
    while chorus.search.catch_up():
        pass
    if chorus.search.trouble is not None:
        raise BadDataset(chorus.search.trouble)
    return ids


def _found(chorus: Chorus, text: str) -> list[int]:
    found = look_up(chorus, tidy(text)[:LONGEST_QUERY], EntryFilter(), limit=_DEPTH)
    return [item.record.id for item in found.items]


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


def _entry(path: Path, number: int, row: dict[str, Any]) -> tuple[Any, EntryLine]:
    if "id" not in row or not (row.get("question") or row.get("answer")):
        raise BadDataset(f'{path}, line {number}: an entry needs "id" and a "question" or an "answer".')
    question, answer = (str(row.get(name) or "") for name in ("question", "answer"))
    try:
        line = EntryLine(
            title=shorten(question or answer, _LONGEST_TITLE),
            question=question if len(question) > _LONGEST_TITLE else None,
            asked_at=_ASKED,
            answers=[AnswerLine(text=answer or question, at=_ASKED)],
            language=row.get("language"),
        )
    except ValidationError as error:
        raise BadDataset(f"{path}, line {number}: {first_problem(error)}.") from error
    return row["id"], line


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
