"""Fits the weights of ``bot/archive/answered.py`` and says how well they do on questions they never saw.

``python tests/bench/fit_answered.py`` prints the weights and, for the questions kept apart, how often a
stated probability comes true. Every second question is robbed of its right entries, so half of what is
asked has no answer, as in life. Questions go to one side or the other by their right entries: no entry is
the answer to questions on both sides.
"""

import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))


from bot.archive.answered import evidence, typed_question
from bot.archive.calibration import Calibration, Feedback, calibrated
from bot.archive.lexical.index import Index
from bot.archive.lexical.query import Filters
from bot.archive.memory_source import MemorySource, plain_document
from bot.archive.ranking import Archive
from bot.archive.semantic.embedding_model import EmbeddingModel
from bot.archive.semantic.vector_index import VectorReplica
from tests.bench.retrieval_sets import SETS, RetrievalSet

USED = ("faq", "intents", "tweets", "numbers")
TAKEN = 600


@dataclass(frozen=True)
class Cases:
    """Evidence for candidates, whether they are right, and which case is a question's best candidate."""

    rows: np.ndarray
    labels: np.ndarray
    best: np.ndarray
    kept_apart: np.ndarray


def cases(chosen: RetrievalSet, meaning: EmbeddingModel | None) -> Cases:
    source = MemorySource(plain_document(n, *entry) for n, entry in enumerate(chosen.entries, start=1))
    rows, labels, best, apart = [], [], [], []
    with tempfile.TemporaryDirectory() as directory:
        index = Index(Path(directory), source)
        index.follow()
        archive = Archive(index, None if meaning is None else VectorReplica(source, meaning))
        while archive.vectors is not None and archive.vectors.follow():
            pass
        for number, (query, right) in enumerate(chosen.queries[:: max(1, len(chosen.queries) // TAKEN)]):
            typed = typed_question(query)
            robbed = [each + 1 for each in right] if number % 2 else []
            for place, (candidate, row) in enumerate(evidence(archive, typed, Filters(), robbed)[:3]):
                rows.append(row)
                labels.append(float(candidate.entry_id - 1 in right))
                best.append(place == 0)
                apart.append((right[0] // 10) % 2 == 0)
        index.close()
    width = max(map(len, rows))
    keep = [number for number, row in enumerate(rows) if len(row) == width]
    return Cases(
        np.array([rows[n] for n in keep]),
        np.array([labels[n] for n in keep]),
        np.array([best[n] for n in keep]),
        np.array([apart[n] for n in keep]),
    )


def judged(weights: np.ndarray, tried: Cases, calibration: Calibration | None = None) -> dict[str, Any]:
    """On the best candidates of the questions kept apart."""
    chosen = tried.best & tried.kept_apart
    expected = 1 / (1 + np.exp(-(tried.rows[chosen] @ weights)))
    if calibration is not None:
        expected = np.array([calibration.applied(float(each)) for each in expected])
    labels = tried.labels[chosen]
    bins = np.minimum(9, (expected * 10).astype(int))
    off = sum(
        abs(expected[bins == each].mean() - labels[bins == each].mean()) * (bins == each).mean()
        for each in set(bins.tolist())
    )
    order = np.argsort(-expected)
    precise = np.cumsum(labels[order]) / np.arange(1, len(order) + 1)
    covered = np.flatnonzero(precise >= 0.95)
    share = labels[order][: covered[-1] + 1].sum() / labels.sum() if len(covered) else 0.0
    above = expected >= 0.95
    positive, negative = expected[labels == 1], expected[labels == 0]
    area = (positive[:, None] > negative[None, :]).mean() if len(positive) and len(negative) else float("nan")
    return {
        "questions": int(chosen.sum()),
        "auc": round(float(area), 3),
        "calibration_error": round(float(off), 3),
        "covered_at_95_precision": round(float(share), 3),
        "said_95_or_more": int(above.sum()),
        "of_these_right": round(float(labels[above].mean()), 3) if above.any() else None,
    }


def taught(weights: np.ndarray, tried: Cases) -> Calibration:
    """What a hundred cases of feedback, none of them kept apart, teach."""
    chosen = np.flatnonzero(tried.best & ~tried.kept_apart)[:100]
    said = 1 / (1 + np.exp(-(tried.rows[chosen] @ weights)))
    labels = tried.labels[chosen]
    return calibrated([Feedback(float(p), bool(right)) for p, right in zip(said, labels, strict=True)])


def weights_for(sets: dict[str, Cases]) -> np.ndarray:
    """Every set counts alike, however many cases it has."""
    parts = [(each.rows[~each.kept_apart], each.labels[~each.kept_apart]) for each in sets.values()]
    least = min(len(labels) for _, labels in parts)
    rng = np.random.default_rng(7)
    picked = [rng.choice(len(labels), least, replace=False) for _, labels in parts]
    rows = np.concatenate([each[0][chosen] for each, chosen in zip(parts, picked, strict=True)])
    labels = np.concatenate([each[1][chosen] for each, chosen in zip(parts, picked, strict=True)])
    return fit(rows, labels, prior=np.zeros(rows.shape[1]), precision=np.full(rows.shape[1], 0.1))


def fit(rows: np.ndarray, labels: np.ndarray, *, prior: np.ndarray, precision: np.ndarray) -> np.ndarray:
    """The weights that maximise the labels' likelihood times a normal prior, by Newton's method.

    ``rows`` has a case's features each, a column of ones as the intercept; ``precision`` is one over the
    prior's variance, per weight.
    """
    weights = prior.astype(np.float64)
    for _ in range(30):
        expected = 1.0 / (1.0 + np.exp(-np.clip(rows @ weights, -30.0, 30.0)))
        slope = rows.T @ (labels - expected) - precision * (weights - prior)
        curvature = (rows * (expected * (1.0 - expected))[:, None]).T @ rows + np.diag(precision)
        step = np.linalg.solve(curvature, slope)
        weights = weights + step
        if float(np.abs(step).max()) < 1e-6:
            break
    return weights


def main() -> None:
    report: dict[str, dict[str, Any]] = {}
    for label, meaning in (("with_words", None), ("with_meaning", EmbeddingModel.load())):
        sets = {name: cases(SETS[name](), meaning) for name in USED}
        weights = weights_for(sets)
        report[label] = {"weights": [round(float(each), 2) for each in weights]} | {
            name: judged(weights, tried) for name, tried in sets.items()
        }
        for name, tried in sets.items():
            learnt = judged(weights, tried, taught(weights, tried))
            report[label][f"{name}, after 100 cases of feedback"] = learnt
        for left_out in USED:
            rest = weights_for({name: tried for name, tried in sets.items() if name != left_out})
            report[label][f"{left_out}, fitted without it"] = judged(rest, sets[left_out])
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
