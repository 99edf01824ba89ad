"""How well the router would have found who answered: history replayed, as figures."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field, ValidationError

from app.cli.evaluate.embedding_cache import embed_cached
from app.files.json_lines import first_problem
from app.files.text_files import UnreadableText, numbered_lines
from bot.archive.semantic.embedding_model import EmbeddingModel

if TYPE_CHECKING:
    from routing.evaluation.replay import HistoryQuestion, RankFigures, Report

_LONGEST_COUNT = timedelta(days=36_500).total_seconds()


class BadHistory(ValueError):
    """A file is not what the evaluation reads; ``str(error)`` names the file, the line and the fault."""


class HistoryAnswerLine(BaseModel):
    """One answer. ``score`` and ``accepted`` are not read: they carry no time, and would tell the future."""

    by: str = Field(min_length=1)
    t: int | datetime


class HistoryLine(BaseModel):
    """One line of the file."""

    id: int | str
    t: int | datetime
    title: str
    body: str = ""
    tags: list[str] = []
    answers: list[HistoryAnswerLine] = []


def evaluate_routing(
    file: Path, tags: Literal["hidden", "given"], meaning: bool, rankings: Path | None
) -> dict[str, object]:
    """Replay a history strictly prequentially and say how high those who answered were ranked.

    Args:
        file: JSON lines ``{"id", "t", "title", "body", "tags", "answers": [{"by", "t"}]}`` sorted by ``t``,
            gzipped if the name ends in ``.gz``; ``t`` is an ISO 8601 time or an integer that rises with time.
        tags: Whether a question's own tags are known when it is ranked.
        meaning: Use the embedding model too, if it is installed.
        rankings: Where to write one line ``{"id", "ranked": [up to 50 people]}`` per scored question.

    Returns:
        ``questions`` in all, ``scored`` of them, ``coverage`` (the share of those after training and warm-up
        that could be scored), ``hit@1``, ``hit@5``, ``hit@10`` and ``mrr``; the same under ``tail``, without
        the ten who answered most; and how it was measured.

    Raises:
        BadHistory: The file cannot be read as described.
    """
    from routing.evaluation.replay import replay

    lines = list(_lines(file))
    if not lines:
        raise BadHistory(f"{file} holds no question.")
    model = EmbeddingModel.load() if meaning else None
    report = replay(_rows(file, lines, model), topics_given=tags == "given")
    if rankings is not None:
        written = [{"id": each.id, "ranked": list(each.ranked)} for each in report.rankings]
        rankings.write_text(
            "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in written), encoding="utf-8"
        )
    return {
        "file": file.name,
        "tags": tags,
        "meaning": "on" if model is not None else "off",
        "questions": report.questions,
        **_figures(report.overall, report),
        "tail": _figures(report.tail, report),
    }


def _figures(figures: "RankFigures", report: "Report") -> dict[str, float]:
    return {
        "scored": len(figures.ranks),
        "coverage": round(len(figures.ranks) / max(report.tested, 1), 4),
        "hit@1": round(figures.hit(1), 4),
        "hit@5": round(figures.hit(5), 4),
        "hit@10": round(figures.hit(10), 4),
        "mrr": round(figures.mrr, 4),
    }


def _lines(path: Path) -> Iterator[tuple[int, HistoryLine]]:
    try:
        for number, line in numbered_lines(path):
            yield number, _line(path, number, line)
    except UnreadableText as error:
        raise BadHistory(str(error)) from error


def _line(path: Path, number: int, line: str) -> HistoryLine:
    try:
        return HistoryLine.model_validate_json(line)
    except ValidationError as error:
        raise BadHistory(f"{path}, line {number}: {first_problem(error)}.") from error


def _rows(
    path: Path, lines: Sequence[tuple[int, HistoryLine]], model: EmbeddingModel | None
) -> "list[HistoryQuestion]":
    from routing.evaluation.replay import GivenAnswer, HistoryQuestion

    clock = _Clock([line for _, line in lines])
    titles = [line.title for _, line in lines]
    texts = [f"{line.title}. {line.body}" if line.body else line.title for _, line in lines]
    vectors = None if model is None else embed_cached(model, titles + texts)
    rows: list[HistoryQuestion] = []
    for index, (number, line) in enumerate(lines):
        at = clock.moment(path, number, line.t)
        if rows and at < rows[-1].at:
            raise BadHistory(f"{path}, line {number}: t is earlier than the line before; sort the file by t.")
        answers = tuple(GivenAnswer(each.by, clock.moment(path, number, each.t)) for each in line.answers)
        rows.append(
            HistoryQuestion(
                id=line.id,
                at=at,
                title=line.title,
                body=line.body,
                topics=tuple(dict.fromkeys(line.tags)),
                answers=answers,
                query_vector=None if vectors is None else vectors[index],
                vector=None if vectors is None else vectors[len(lines) + index],
            )
        )
    return rows


class _Clock:
    """Turns either kind of ``t`` into a moment; numbers count seconds, or less to keep within a century."""

    def __init__(self, lines: Sequence[HistoryLine]) -> None:
        moments = [*(line.t for line in lines), *(each.t for line in lines for each in line.answers)]
        self._counts = isinstance(moments[0], int)
        numbers = [moment for moment in moments if isinstance(moment, int)]
        self._first = min(numbers, default=0)
        span = max(numbers, default=0) - self._first
        self._unit = min(1.0, _LONGEST_COUNT / max(span, 1))

    def moment(self, path: Path, number: int, t: int | datetime) -> datetime:
        if isinstance(t, int) is not self._counts:
            raise BadHistory(f"{path}, line {number}: t is a number in some lines and a time in others.")
        if isinstance(t, int):
            return datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=(t - self._first) * self._unit)
        return t.replace(tzinfo=UTC) if t.tzinfo is None else t.astimezone(UTC)
