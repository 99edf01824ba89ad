"""Learns the weights of ``routing/dialogue`` from its examples, and says how well that goes.

``python tests/bench/fit_dialogue.py`` writes ``weights.json``; ``--measure`` leaves conversations out in turn
(every fifth) and then whole languages, and prints precision, recall and F1 of each kind on what was left out.
Batch gradient descent with momentum on a convex function: the same examples give the same weights.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Self

import numpy as np

sys.path[:0] = [str(Path(__file__).parents[2])]

from routing.dialogue.classifier import KINDS, Model, Weights, place_of  # noqa: E402
from routing.dialogue.features import features  # noqa: E402
from routing.dialogue.gate import KEPT_FROM, seen_of  # noqa: E402
from routing.dialogue.turns import ASKS, By, TurnKind, Utterance  # noqa: E402
from tests.dialogue_examples import Example, examples  # noqa: E402
from tests.resolution import resolutions  # noqa: E402

WRITTEN = Path(__file__).parents[2] / "routing" / "dialogue" / "weights.json"
WEIGHT_OF_WORDS = 0.35
"""Single words and character pairs are many and say little each: they are held back more than the marks."""
WEIGHT_OF_WHAT_WAS_BEFORE = 0.4
"""Of an employee's turn: the kinds of what was said before are judged too, and may be wrong."""
WEIGHT_OF_A_FIRST_POST = 0.5
"""Praise and anger are the words of irony too: no two marks may make sure that nothing is asked."""
WEIGHT_IN_THE_GATE = 0.5
"""Its examples are few."""
REGULAR = 1.2
STEPS = 150
PARTS = 5
Case = tuple[Model, frozenset[str], TurnKind]
GateCase = tuple[frozenset[str], bool]
"""What is seen of a question and its answer, and whether the archive should show them."""


def cases(from_: Iterable[Example]) -> list[Case]:
    """Every turn with what is seen of it, and some turns a second time as if somebody else had said them."""
    return [case for example in from_ for case in _cases_of(example)]


@cache
def _cases_of(example: Example) -> tuple[Case, ...]:
    found: list[Case] = []
    turns = example.turns
    for n, turn in enumerate(turns):
        before = turns[:n]
        assert turn.kind is not None
        found.append((place_of(turn, before), features(turn, before), turn.kind))
        again = _by_somebody_else(turn, before)
        if again is not None:
            assert again.kind is not None
            found.append((Model.OTHER, features(again, before), again.kind))
    return tuple(found)


def _by_somebody_else(turn: Utterance, before: Sequence[Utterance]) -> Utterance | None:
    if not any(one.kind in ASKS for one in before):
        return None
    if turn.by == By.EMPLOYEE:
        return replace(turn, by=By.OTHER) if turn.kind == TurnKind.ANSWER else None
    if turn.by == By.CUSTOMER:
        kind = TurnKind.QUESTION if turn.kind == TurnKind.NEW_QUESTION else turn.kind
        return replace(turn, by=By.OTHER, kind=kind)
    return None


def fit(learnt_from: Sequence[Case]) -> dict[Model, Weights]:
    """The four models."""
    return {
        place: _fit_one(place, [(seen, kind) for at, seen, kind in learnt_from if at == place])
        for place in Model
    }


def gate_cases(from_: Sequence[Example]) -> list[GateCase]:
    """What the gate learns from: every fifth conversation, as it is taken after what the others teach.

    So the gate knows answers that were none, too, and holds back what looks like them.
    """
    parts = _parts(from_, lambda n, _: n % PARTS)
    return [case for _, part, others in parts for case in as_taken(fit(cases(others)), part)]


def as_taken(learnt: dict[Model, Weights], part: Iterable[Example]) -> list[GateCase]:
    """Each question that is taken for solved, with its answer: what is seen, and whether it is worth it."""
    found = []
    for example in part:
        keeps = {
            outcome.opened_by: keep
            for outcome, keep in zip(resolutions(example.turns), example.keeps, strict=False)
        }
        for outcome in resolutions(judged(learnt, example.turns)):
            if outcome.accepted is not None:
                asked, said = example.turns[outcome.opened_by].text, example.turns[outcome.accepted].text
                found.append((seen_of(asked, said), keeps.get(outcome.opened_by, False)))
    return found


def _parts(
    of: Iterable[Example], by: Callable[[int, Example], object]
) -> list[tuple[object, list[Example], list[Example]]]:
    """Each part of the examples by its name, and all the others."""
    parts: dict[object, list[Example]] = {}
    for n, example in enumerate(of):
        parts.setdefault(by(n, example), []).append(example)
    return [
        (name, part, [one for key, ones in parts.items() if key != name for one in ones])
        for name, part in parts.items()
    ]


def fit_gate(learnt_from: Sequence[GateCase]) -> dict[str, tuple[float, ...]]:
    """The gate's weights: as a model of two kinds, of which the difference is kept."""
    scales = [(seen, int(not keep)) for seen, keep in learnt_from]
    names, weights = _descend(scales, 2, lambda _: WEIGHT_IN_THE_GATE)
    return {
        name: (round(float(row[0] - row[1]), 2),)
        for name, row in zip(names, weights, strict=True)
        if not name or abs(row[0] - row[1]) >= 0.03
    }


def _scale(place: Model, name: str) -> float:
    """How freely a feature's weight may grow."""
    if name.startswith("w:"):
        return WEIGHT_OF_WORDS
    if place is Model.OPENING:
        return WEIGHT_OF_A_FIRST_POST
    return WEIGHT_OF_WHAT_WAS_BEFORE if place is Model.REPLY and name.startswith(("after", "nobody")) else 1.0


def _fit_one(place: Model, rows: Sequence[tuple[frozenset[str], TurnKind]]) -> Weights:
    kinds = KINDS[place]
    names, final = _descend(
        [(seen, kinds.index(kind)) for seen, kind in rows], len(kinds), lambda name: _scale(place, name)
    )
    kept = {name: tuple(np.round(row, 2)) for name, row in zip(names, final, strict=True)}
    return Weights(kinds, {name: row for name, row in kept.items() if not name or np.ptp(row) >= 0.04})


def _descend(
    rows: Sequence[tuple[frozenset[str], int]], kinds: int, scale_of: Callable[[str], float]
) -> tuple[list[str], np.ndarray]:
    """Multinomial logistic regression with ridge; rare kinds count a little more (root of how rare)."""
    often = Counter(name for seen, _ in rows for name in seen)
    names = ["", *sorted(name for name, count in often.items() if count >= (3 if "w:" in name else 2))]
    place_of_name = {name: n for n, name in enumerate(names)}
    scale = np.array([scale_of(name) if name else 1.0 for name in names])
    wanted = np.zeros((len(rows), kinds))
    wanted[np.arange(len(rows)), [kind for _, kind in rows]] = 1
    table = _Table.of(
        [[0, *sorted(place_of_name[name] for name in seen if name in place_of_name)] for seen, _ in rows],
        scale,
    )
    counts = np.maximum(wanted.sum(axis=0), 1)
    share = (wanted * np.sqrt(counts.max() / counts)).sum(axis=1)
    share /= share.mean()
    weights = np.zeros((len(names), kinds))
    ahead, momentum = weights.copy(), 1.0
    step = 1.0 / (0.5 * table.largest_eigenvalue(np.sqrt(share)) + REGULAR)
    for _ in range(STEPS):
        scores = table.times(ahead)
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        scores /= scores.sum(axis=1, keepdims=True)
        gradient = table.turned_times((scores - wanted) * share[:, None]) + REGULAR * ahead
        following = ahead - step * gradient
        next_momentum = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = following + (momentum - 1) / next_momentum * (following - weights)
        weights, momentum = following, next_momentum
    return names, weights * scale[:, None]


@dataclass(frozen=True)
class _Table:
    """What is seen of each row: its features' columns, row after row, and how much each counts."""

    columns: np.ndarray
    begins: np.ndarray
    rows: np.ndarray
    scale: np.ndarray

    @classmethod
    def of(cls, columns_of_rows: Sequence[Sequence[int]], scale: np.ndarray) -> Self:
        """Rows with at least one column each."""
        sizes = [len(one) for one in columns_of_rows]
        begins = np.cumsum([0, *sizes[:-1]])
        return cls(np.concatenate(columns_of_rows), begins, np.repeat(np.arange(len(sizes)), sizes), scale)

    def times(self, right: np.ndarray) -> np.ndarray:
        """The table times a matrix with a row for each feature."""
        scaled = np.ascontiguousarray((right * self.scale[:, None]).T)
        return np.stack([np.add.reduceat(one[self.columns], self.begins) for one in scaled], axis=1)

    def turned_times(self, right: np.ndarray) -> np.ndarray:
        """The transposed table times a matrix with a row for each row."""
        each = np.ascontiguousarray(right.T)
        sums = [np.bincount(self.columns, one[self.rows], len(self.scale)) for one in each]
        turned: np.ndarray = np.stack(sums, axis=1) * self.scale[:, None]
        return turned

    def largest_eigenvalue(self, share: np.ndarray) -> float:
        """Of its square, each row weighed, by power iteration: as far as the gradient can be trusted."""
        vector = np.ones((len(self.scale), 1))
        for _ in range(30):
            vector = self.turned_times(self.times(vector) * share[:, None] ** 2)
            vector /= np.linalg.norm(vector)
        return 1.05 * float(np.linalg.norm(self.times(vector) * share[:, None])) ** 2


def measure(left_out: Callable[[int, Example], object]) -> None:
    """Learn without one part of the examples after the other, and judge that part turn by turn."""
    counted: Counter[tuple[TurnKind, TurnKind]] = Counter()
    taken: dict[object, list[GateCase]] = {}
    for name, part, others in _parts(examples(), left_out):
        learnt = fit(cases(others))
        for example in part:
            for turn, said in zip(example.turns, judged(learnt, example.turns), strict=True):
                assert turn.kind is not None
                assert said.kind is not None
                counted[turn.kind, said.kind] += 1
        taken[name] = as_taken(learnt, part)
    report(counted)
    sides: Counter[tuple[bool, bool]] = Counter()
    for name, part_taken in taken.items():
        gate = fit_gate([case for key, ones in taken.items() if key != name for case in ones])
        for seen, keep in part_taken:
            score = gate[""][0] + sum(gate[one][0] for one in seen if one in gate)
            sides[keep, 1 / (1 + np.exp(-score)) >= KEPT_FROM] += 1
    good, poor = sides[True, False] + sides[True, True], sides[False, False] + sides[False, True]
    lost, rightly = sides[True, False] / max(1, good), sides[False, False] / max(1, poor)
    print(f"gate, of {good + poor} taken for solved: good held back {lost:.3f}, the rest {rightly:.3f}")


def judged(learnt: dict[Model, Weights], turns: Sequence[Utterance]) -> list[Utterance]:
    """A conversation's turns with the kinds they are taken for; what was said before is judged, too."""
    before: list[Utterance] = []
    for turn in turns:
        judgement = learnt[place_of(turn, before)].judge(features(turn, before))
        before.append(replace(turn, kind=judgement.kind, leans=judgement.leans))
    return before


def report(judged: Counter[tuple[TurnKind, TurnKind]]) -> None:
    for kind in TurnKind:
        right = judged[kind, kind]
        there = sum(count for (gold, _), count in judged.items() if gold == kind)
        said = sum(count for (_, guess), count in judged.items() if guess == kind)
        precision, recall = right / max(said, 1), right / max(there, 1)
        f1 = 2 * precision * recall / max(precision + recall, 1e-9)
        print(f"{kind:14} {there:4}  precision {precision:.3f}  recall {recall:.3f}  F1 {f1:.3f}")
    total = sum(judged.values())
    print(f"accuracy {sum(c for (g, k), c in judged.items() if g == k) / total:.3f} of {total}")


def written(learnt: dict[Model, Weights], gate: dict[str, tuple[float, ...]]) -> str:
    """``weights.json``: one feature on a line, so that a change can be read."""
    stored: dict[str, dict[str, tuple[float, ...]]] = {
        **{place.value: dict(weights.of_features) for place, weights in learnt.items()},
        "gate": gate,
    }
    models = []
    for name, rows in stored.items():
        lines = [
            f"{json.dumps(feature, ensure_ascii=False)}: {json.dumps([float(one) for one in row])}"
            for feature, row in sorted(rows.items())
        ]
        models.append(f"{json.dumps(name)}: {{\n" + ",\n".join(lines) + "\n}")
    return "{\n" + ",\n".join(models) + "\n}\n"


if __name__ == "__main__":
    if "--measure" in sys.argv:
        print("conversations left out")
        measure(lambda n, _: n % 5)
        print("languages left out")
        measure(lambda _, example: example.language)
    else:
        models = written(fit(cases(examples())), fit_gate(gate_cases(examples())))
        WRITTEN.write_text(models, encoding="utf-8")
