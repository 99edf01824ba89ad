"""Logistic regression in a few lines: fitting the weights of evidence, and fitting them to an organisation.

Newton's method on the penalised log likelihood (Bishop, Pattern Recognition and Machine Learning, 4.3.3).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_STEPS: Final = 30
_SURE: Final = 1e-6
_SCALE_SPREAD: Final = 0.35
_SHIFT_SPREAD: Final = 0.8


@dataclass(frozen=True, slots=True)
class Calibration:
    """How an organisation's experience bends a probability: ``scale`` and ``shift`` of its log odds.

    The default leaves probabilities as they are.
    """

    scale: float = 1.0
    shift: float = 0.0

    def applied(self, probability: float) -> float:
        """The probability as this organisation's feedback has it."""
        return sigmoid(self.scale * log_odds(probability) + self.shift)


@dataclass(frozen=True, slots=True)
class Feedback:
    """A suggestion that was shown with ``probability`` (before calibration), and whether it answered."""

    probability: float
    answered: bool


def calibrated(feedback: Sequence[Feedback]) -> Calibration:
    """The calibration that explains the feedback best (Platt scaling), held near the default by a prior.

    Little feedback moves little: ten cases shift a probability somewhat, a hundred decide.
    """
    import numpy as np

    if not feedback:
        return Calibration()
    rows = np.array([[log_odds(each.probability), 1.0] for each in feedback])
    labels = np.array([float(each.answered) for each in feedback])
    precision = np.array([_SCALE_SPREAD**-2, _SHIFT_SPREAD**-2])
    scale, shift = fit(rows, labels, prior=np.array([1.0, 0.0]), precision=precision)
    return Calibration(max(0.05, float(scale)), float(shift))


def fit(
    rows: "NDArray[np.float64]",
    labels: "NDArray[np.float64]",
    *,
    prior: "NDArray[np.float64]",
    precision: "NDArray[np.float64]",
) -> "NDArray[np.float64]":
    """The weights that maximise the labels' likelihood times a normal prior.

    Args:
        rows: One row of features per case; a column of ones serves as the intercept.
        labels: 1 or 0 per case.
        prior: The mean of the weights before anything is seen.
        precision: One over the prior's variance, per weight.
    """
    import numpy as np

    weights = prior.astype(np.float64)
    for _ in range(_STEPS):
        expected = 1.0 / (1.0 + np.exp(-np.clip(rows @ weights, -30.0, 30.0)))
        slope = rows.T @ (labels - expected) - precision * (weights - prior)
        curvature = (rows * (expected * (1.0 - expected))[:, None]).T @ rows + np.diag(precision)
        step = np.linalg.solve(curvature, slope)
        weights = weights + step
        if float(np.abs(step).max()) < _SURE:
            break
    return weights


def sigmoid(value: float) -> float:
    """The probability of these log odds."""
    return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, value))))


def log_odds(probability: float) -> float:
    """ln(p / (1 - p)), kept finite."""
    inside = min(1.0 - _SURE, max(_SURE, probability))
    return log(inside / (1.0 - inside))
