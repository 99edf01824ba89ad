"""How well questions are gathered into matters: they come one by one, as to the product, and give figures."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from app.cli.evaluate.embedding_cache import embed_cached
from app.files.json_lines import first_problem
from app.files.text_files import UnreadableText, numbered_lines
from bot.archive.semantic.embedding_model import EmbeddingModel
from routing.evaluation.clusters import b_cubed
from routing.matters.clustering import MatterClustering, Regrouping
from routing.matters.features import GatheredQuestion, comparable
from routing.model.text import tokens

_ENGLISH: Final = "en"


class BadMatters(ValueError):
    """The file is not what the evaluation reads; ``str(error)`` names the file, the line and the fault."""


class MatterLine(BaseModel):
    """One line of the file."""

    id: int | str
    t: int | float | datetime
    text: str
    matter: int | str | None = None
    language: str | None = None

    @property
    def seconds(self) -> float:
        """When it was asked; a number is taken as seconds."""
        if isinstance(self.t, datetime):
            return (self.t if self.t.tzinfo else self.t.replace(tzinfo=UTC)).timestamp()
        return float(self.t)


def evaluate_matters(file: Path, meaning: bool, assignments: Path | None = None) -> dict[str, object]:
    """Gather questions one after the other and say how well, where the file tells.

    Args:
        file: JSON lines ``{"id", "t", "text", "matter"?, "language"?}`` sorted by ``t`` (a time or a number
            of seconds), gzipped if the name ends in ``.gz``.
        meaning: Go by the embedding model, if it is installed.
        assignments: Where to write ``{"id", "matter"}`` for each, as it stands at the end.

    Returns:
        ``precision``, ``recall`` and ``f1`` (B-cubed, over the lines with a ``matter``), how many questions
        are ``labelled`` and how many matters they are ``known`` to be of; ``matters`` found among all, and
        how many of them hold a ``single`` question.

    Raises:
        BadMatters: The file cannot be read as described.
    """
    lines = list(_lines(file))
    if not lines:
        raise BadMatters(f"{file} holds no question.")
    model = EmbeddingModel.load() if meaning else None
    found = _gathered(lines, model)
    if assignments is not None:
        written = ({"id": line.id, "matter": matter} for line, matter in zip(lines, found, strict=True))
        text = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in written)
        assignments.write_text(text, encoding="utf-8")
    counts = [found.count(matter) for matter in set(found)]
    return {
        "file": file.name,
        "meaning": "on" if model is not None else "off",
        "questions": len(lines),
        "matters": len(counts),
        "single": counts.count(1),
        **_figures(lines, found),
    }


def _gathered(lines: Sequence[MatterLine], model: EmbeddingModel | None) -> list[int]:
    """The matter of each line at the end."""
    texts = [comparable(line.text) for line in lines]
    vectors = None if model is None else embed_cached(model, texts)
    clustering = MatterClustering(None if vectors is None else vectors.shape[1])
    found: list[int] = []
    for place, line in enumerate(lines):
        question = GatheredQuestion(
            place,
            tokens(texts[place], line.language or _ENGLISH),
            None if vectors is None else vectors[place],
        )
        found.append(clustering.add(question, line.seconds).matter)
        if clustering.is_due:
            _follow(found, clustering.regroup())
    _follow(found, clustering.regroup())
    return found


def _follow(found: list[int], regrouping: Regrouping) -> None:
    if regrouping.merged:
        found[:] = [regrouping.merged.get(matter, matter) for matter in found]
    for place, matter in regrouping.moved.items():
        found[place] = matter


def _figures(lines: Sequence[MatterLine], found: Sequence[int]) -> dict[str, Any]:
    pairs = [(line.matter, it) for line, it in zip(lines, found, strict=True) if line.matter is not None]
    if not pairs:
        return {"labelled": 0}
    known = [matter for matter, _ in pairs]
    figures = b_cubed(known, [it for _, it in pairs])
    return {
        "labelled": len(pairs),
        "known": len(set(known)),
        "precision": round(figures.precision, 4),
        "recall": round(figures.recall, 4),
        "f1": round(figures.f1, 4),
    }


def _lines(path: Path) -> Iterator[MatterLine]:
    before = float("-inf")
    try:
        for number, text in numbered_lines(path):
            try:
                line = MatterLine.model_validate_json(text)
            except ValidationError as error:
                raise BadMatters(f"{path}, line {number}: {first_problem(error)}.") from error
            if line.seconds < before:
                raise BadMatters(
                    f"{path}, line {number}: t is earlier than the line before; sort the file by t."
                )
            before = line.seconds
            yield line
    except UnreadableText as error:
        raise BadMatters(str(error)) from error
