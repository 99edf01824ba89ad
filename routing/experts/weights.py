"""How much each feature counts: good defaults, and weights fitted listwise on one's own history."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from routing.experts.features import FEATURES, Feature
from routing.model.arrays import Floats, Ints

LARGEST = 3.0
"""No feature counts more than this, whatever the history says."""

_SAMPLE_BEST = 256
_SAMPLE_REST = 128
_CAUTION = 200.0
"""The weights one starts from count like this many questions."""
_ROUNDS = 25
_ENOUGH = 1e-6
_EXAMPLES_NEEDED = 30


@dataclass(frozen=True, slots=True)
class Regime:
    """What is known of a query besides its words: weights are fitted for each case on its own."""

    filed: bool
    """Its topics are given."""
    vector: bool
    """It has an embedding."""


REGIMES = tuple(Regime(filed, vector) for filed in (False, True) for vector in (False, True))

_USUAL = {
    Feature.ACTIVE_NOW: 0.08,
    Feature.ACTIVE_TODAY: 0.08,
    Feature.ACTIVE_RECENTLY: 0.2,
    Feature.ACTIVE: 0.35,
    Feature.ACTIVE_EVER: 0.03,
    Feature.WAITING: 0.1,
    Feature.OUTCOMES: 0.5,
    Feature.DECLARED: 1.0,
    Feature.NEIGHBOURS: 0.06,
    Feature.NEIGHBOURS_RECENT: 0.08,
    Feature.TERMS: 0.15,
    Feature.TOPICS: 0.2,
    Feature.TOPICS_RECENT: 0.2,
    Feature.TOPICS_GAIN: 0.3,
}
_WITH_VECTOR = {
    Feature.NEIGHBOURS: 0.03,
    Feature.NEIGHBOURS_RECENT: 0.03,
    Feature.MEANING: 0.08,
    Feature.MEANING_RECENT: 0.1,
    Feature.MEANING_WIDE: 0.2,
    Feature.TERMS: 0.08,
}
_WITH_TOPICS = {
    Feature.TOPICS: 0.1,
    Feature.TOPICS_RECENT: 0.1,
    Feature.TOPICS_GAIN: 0.1,
    Feature.FILED: 0.05,
    Feature.FILED_RECENT: 0.1,
    Feature.FILED_GAIN: 0.5,
}


@dataclass(frozen=True, slots=True)
class FeatureWeights:
    """One weight in [0, ``LARGEST``] per regime and feature; ``values`` has the shape (regimes, features)."""

    values: NDArray[np.float64]

    @classmethod
    def default(cls) -> Self:
        """What served well on several organisations' histories, before there is one's own."""
        table = np.zeros((len(REGIMES), FEATURES))
        for row, regime in zip(table, REGIMES, strict=True):
            chosen = _USUAL | (_WITH_VECTOR if regime.vector else {}) | (_WITH_TOPICS if regime.filed else {})
            for feature, weight in chosen.items():
                row[feature] = weight
        return cls(table)

    @classmethod
    def of_values(cls, values: NDArray[Any]) -> Self:
        """The weights of a flat table, as they were saved.

        Raises:
            ValueError: The table has another size, or a weight is out of bounds.
        """
        table = np.array(values, dtype=np.float64).reshape(len(REGIMES), FEATURES)
        if not ((table >= 0) & (table <= LARGEST)).all():
            raise ValueError("a weight is out of bounds")
        return cls(table)

    def of(self, regime: Regime) -> Floats:
        """The weights of one regime, by feature."""
        row: Floats = self.values[REGIMES.index(regime)]
        return row

    def replaced(self, regime: Regime, weights: Floats) -> "FeatureWeights":
        """The same with other weights in one regime."""
        values = self.values.copy()
        values[REGIMES.index(regime)] = weights
        return FeatureWeights(values)

    def fitted(self, examples: Sequence["TrainingExample"]) -> "FeatureWeights":
        """The same with the weights of each regime fitted that has enough answered examples."""
        weights = self
        for regime in REGIMES:
            answered = [one for one in examples if one.regime == regime and one.answered.any()]
            if len(answered) >= _EXAMPLES_NEEDED:
                weights = weights.replaced(regime, fit(answered, FeatureWeights.default().of(regime)))
        return weights


@dataclass(slots=True)
class TrainingExample:
    """A question of the past as the model saw it when it came, and who then answered.

    Of many candidates a sample is kept: the best ones, and every n-th of the rest, which then stands for n
    (``log_stands_for``).
    """

    regime: Regime
    features: NDArray[np.float16]
    employees: Ints
    log_stands_for: NDArray[np.float32]
    answered: NDArray[np.bool_]

    @classmethod
    def of(cls, regime: Regime, features: NDArray[np.float32], employees: Ints, total: Floats) -> Self:
        """Keep what is needed of a ranking: features x candidates, and the candidates' scores."""
        kept = np.arange(len(employees))
        stands_for = np.ones(len(employees), dtype=np.float32)
        if len(employees) > _SAMPLE_BEST + _SAMPLE_REST:
            order = np.argsort(-total)
            rest = order[_SAMPLE_BEST:]
            step = -(-len(rest) // _SAMPLE_REST)
            kept = np.concatenate((order[:_SAMPLE_BEST], rest[::step]))
            stands_for = np.ones(len(kept), dtype=np.float32)
            stands_for[_SAMPLE_BEST:] = step
        answered = np.zeros(len(kept), dtype=np.bool_)
        return cls(
            regime, features[:, kept].astype(np.float16), employees[kept], np.log(stands_for), answered
        )

    def mark(self, employee_id: int, answered: bool = True) -> None:
        """Note who answered, or that it counts no more; somebody outside of the sample is left out."""
        self.answered[self.employees == employee_id] = answered


def fit(examples: Sequence[TrainingExample], start: Floats) -> Floats:
    """Weights under which those who answered come first, for examples of one regime.

    Maximises the listwise softmax likelihood (Cao et al., "Learning to rank", ICML 2007) of the answerers,
    with a Gaussian prior around ``start``, within [0, ``LARGEST``], by projected Newton steps: the function
    is concave, so this ends at the only best point.
    """
    usable = [example for example in examples if example.answered.any()]
    if not usable:
        return start
    problem = _Listwise(usable, start)
    weights = start.copy()
    value, slope, curvature = problem.at(weights)
    for _ in range(_ROUNDS):
        step = _within_bounds(curvature, slope, weights) - weights
        length = 1.0
        while True:
            tried = weights + length * step
            new_value, new_slope, new_curvature = problem.at(tried)
            if new_value <= value or length < 1e-3:
                break
            length /= 2
        gained = value - new_value
        weights, value, slope, curvature = tried, new_value, new_slope, new_curvature
        if gained < _ENOUGH:
            break
    return np.clip(weights, 0.0, LARGEST)


class _Listwise:
    """The negative log likelihood per question, with its slope and curvature."""

    def __init__(self, examples: Sequence[TrainingExample], prior: Floats) -> None:
        sizes = [len(example.employees) for example in examples]
        self._features = np.concatenate([example.features for example in examples], axis=1).astype(np.float32)
        self._offset = np.concatenate([example.log_stands_for for example in examples])
        answered = np.concatenate([example.answered for example in examples]).astype(np.float64)
        self._starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
        self._of = np.repeat(np.arange(len(examples)), sizes)
        answered *= np.exp(self._offset)
        answered /= np.add.reduceat(answered, self._starts)[self._of]
        self._count = len(examples)
        self._target = self._features @ answered / self._count
        self._answered = answered
        self._prior = prior
        self._pull = _CAUTION / self._count

    def at(self, weights: Floats) -> tuple[float, Floats, Floats]:
        """The value, its gradient (features,) and its Hessian (features, features) at these weights."""
        scores = (weights.astype(np.float32) @ self._features).astype(np.float64) + self._offset
        scores -= np.maximum.reduceat(scores, self._starts)[self._of]
        chances = np.exp(scores)
        totals = np.add.reduceat(chances, self._starts)
        chances /= totals[self._of]
        away = weights - self._prior
        fit_value = (np.log(totals).sum() - self._answered @ scores) / self._count
        value = fit_value + 0.5 * self._pull * (away @ away)
        weighted = self._features * chances.astype(np.float32)
        means = np.add.reduceat(weighted, self._starts, axis=1).astype(np.float64)
        slope = means.sum(axis=1) / self._count - self._target + self._pull * away
        spread = (weighted @ self._features.T).astype(np.float64) - means @ means.T
        return float(value), slope, spread / self._count + self._pull * np.eye(len(weights))


def _within_bounds(curvature: Floats, slope: Floats, weights: Floats) -> Floats:
    """The minimum of the local parabola within the bounds, by coordinate descent."""
    best = weights.copy()
    gradient = slope.copy()
    for _ in range(200):
        moved = 0.0
        for at in range(len(best)):
            target = min(max(best[at] - gradient[at] / curvature[at, at], 0.0), LARGEST)
            change = target - best[at]
            if change:
                gradient += curvature[:, at] * change
                best[at] = target
                moved = max(moved, abs(change))
        if moved < 1e-7:
            break
    return best
