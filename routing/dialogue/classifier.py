"""Of which kind a turn is: multinomial logistic regression over named features, with its reasons.

Four small models, by who speaks and whether anything was asked before. ``tests/bench/fit_dialogue.py`` learns
their weights (``weights.json``) from the conversations in ``examples``.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from routing.dialogue.features import features
from routing.dialogue.turns import ASKS, FOLLOWING, FROM_OTHERS, OPENING, REPLIES, By, TurnKind, Utterance


class Model(StrEnum):
    """Which of the models judges a turn."""

    OPENING = "opening"
    FOLLOWING = "following"
    OTHER = "other"
    REPLY = "reply"


KINDS: Mapping[Model, tuple[TurnKind, ...]] = {
    Model.OPENING: OPENING,
    Model.FOLLOWING: FOLLOWING,
    Model.OTHER: FROM_OTHERS,
    Model.REPLY: REPLIES,
}
SURELY_ASIDE = 0.85
"""A missed question is the worst error: in doubt, whoever addresses the brand asks."""
_TO_A_QUESTION = (TurnKind.ANSWER, TurnKind.QUESTION_BACK, TurnKind.REDIRECT)
"""Who is answered so has asked, however it was taken when it came in."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A turn's kind, how likely it is (0 to 1), and what spoke for it most, in words."""

    kind: TurnKind
    probability: float
    reasons: tuple[str, ...] = ()
    leans: TurnKind | None = None
    """The likeliest kind, where it is not likely enough to be said."""


@dataclass(frozen=True, slots=True)
class Weights:
    """One model: for each feature a weight for each kind, in the order of ``kinds``."""

    kinds: tuple[TurnKind, ...]
    of_features: Mapping[str, tuple[float, ...]]

    def judge(self, seen: frozenset[str]) -> Judgement:
        """The likeliest kind of a turn with these features; an opening aside must be likely enough."""
        known = [(name, self.of_features[name]) for name in sorted(seen) if name in self.of_features]
        scores = list(self.of_features[""])
        for _, weights in known:
            for place, weight in enumerate(weights):
                scores[place] += weight
        most = max(scores)
        shares = [math.exp(score - most) for score in scores]
        best, leans = scores.index(most), None
        if self.kinds == OPENING and self.kinds[best] == TurnKind.ASIDE:
            leans = TurnKind.ASIDE if shares[best] / sum(shares) < SURELY_ASIDE else None
            best = best if leans is None else OPENING.index(TurnKind.QUESTION)
        ranked = sorted(known, key=lambda one: _speaks_for(one[1], best), reverse=True)
        reasons = tuple(name for name, weights in ranked[:3] if _speaks_for(weights, best) > 0)
        return Judgement(self.kinds[best], shares[best] / sum(shares), reasons, leans)


def _speaks_for(weights: Sequence[float], kind: int) -> float:
    """How much more a feature speaks for a kind than for the kinds on average."""
    return weights[kind] - sum(weights) / len(weights)


def place_of(turn: Utterance, before: Sequence[Utterance]) -> Model:
    """Which model a turn is for."""
    if turn.by == By.EMPLOYEE:
        return Model.REPLY
    if not any(
        one.taken_for in ASKS or (one.by == By.EMPLOYEE and one.kind in _TO_A_QUESTION) for one in before
    ):
        return Model.OPENING
    return Model.FOLLOWING if turn.by == By.CUSTOMER else Model.OTHER


def judge(turn: Utterance, before: Sequence[Utterance] = ()) -> Judgement:
    """Of which kind a turn is, after those that were said (and judged) before it in its thread."""
    return weights()[place_of(turn, before)].judge(features(turn, before))


@cache
def weights() -> Mapping[Model, Weights]:
    """The models as they were learnt."""
    return {place: Weights(KINDS[place], stored_weights()[place]) for place in Model}


@cache
def stored_weights() -> Mapping[str, Mapping[str, tuple[float, ...]]]:
    """What ``weights.json`` holds, read once: for each model its features, each with its weights."""
    read = json.loads(files(__package__).joinpath("weights.json").read_text(encoding="utf-8"))
    return {model: {name: tuple(one) for name, one in rows.items()} for model, rows in read.items()}
