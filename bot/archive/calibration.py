"""What an organisation's feedback makes of a probability: logistic regression on its log odds.

Newton's method on the penalised log likelihood (Bishop, Pattern Recognition and Machine Learning, 4.3.3),
each step halved until it is an improvement. Two numbers are fitted, so plain arithmetic does: a process that
searches by words alone gets by without NumPy, which would double its memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, log1p
from typing import Final, NamedTuple

_STEPS: Final = 30
_HALVINGS: Final = 20
_SURE: Final = 1e-6
_SCALE_SPREAD: Final = 0.35
_SHIFT_SPREAD: Final = 0.8
_LEAST_SCALE: Final = 0.05
"""What is likelier before calibration stays likelier, whatever the feedback says."""
_HELD_SPREAD: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Calibration:
    """How an organisation's feedback bends a probability: ``scale`` and ``shift`` of its log odds.

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
    if not feedback:
        return Calibration()
    cases = [(log_odds(each.probability), float(each.answered)) for each in feedback]
    found = _likeliest(cases, Calibration(), _SCALE_SPREAD)
    if found.scale < _LEAST_SCALE:
        found = _likeliest(cases, Calibration(scale=_LEAST_SCALE), _HELD_SPREAD)
    return Calibration(max(_LEAST_SCALE, found.scale), found.shift)


def _likeliest(cases: Sequence[tuple[float, float]], prior: Calibration, scale_spread: float) -> Calibration:
    """The calibration under which the cases (log odds, and 1 or 0) and the prior are likeliest together."""
    tightness = (scale_spread**-2, _SHIFT_SPREAD**-2)
    here = prior
    seen = _look(cases, here, prior, tightness)
    for _ in range(_STEPS):
        scale, shift = seen.step()
        for _ in range(_HALVINGS):
            there = Calibration(here.scale + scale, here.shift + shift)
            new = _look(cases, there, prior, tightness)
            if new.likelihood >= seen.likelihood:
                break
            # Sure and wrong, a case is nearly flat, and a whole step would end far beyond the top.
            scale, shift = scale / 2, shift / 2
        else:
            break
        here, seen = there, new
        if max(abs(scale), abs(shift)) < _SURE:
            break
    return here


class _Look(NamedTuple):
    """The penalised log likelihood at one calibration, its slope, and its curvature with the sign turned."""

    likelihood: float
    slope: tuple[float, float]
    curvature: tuple[float, float, float]

    def step(self) -> tuple[float, float]:
        """Where a parabola with this slope and curvature has its top, seen from here."""
        (of_scale, of_shift), (first, mixed, second) = self.slope, self.curvature
        determinant = first * second - mixed * mixed
        return (
            (second * of_scale - mixed * of_shift) / determinant,
            (first * of_shift - mixed * of_scale) / determinant,
        )


def _look(
    cases: Sequence[tuple[float, float]],
    calibration: Calibration,
    prior: Calibration,
    tightness: tuple[float, float],
) -> _Look:
    scale, shift = calibration.scale, calibration.shift
    off_scale, off_shift = scale - prior.scale, shift - prior.shift
    likelihood = -0.5 * (tightness[0] * off_scale**2 + tightness[1] * off_shift**2)
    of_scale, of_shift = -tightness[0] * off_scale, -tightness[1] * off_shift
    first, mixed, second = tightness[0], 0.0, tightness[1]
    for odds, label in cases:
        value = scale * odds + shift
        expected = sigmoid(value)
        likelihood += label * value - max(value, 0.0) - log1p(exp(-abs(value)))
        of_scale += (label - expected) * odds
        of_shift += label - expected
        weight = expected * (1.0 - expected)
        first += weight * odds * odds
        mixed += weight * odds
        second += weight
    return _Look(likelihood, (of_scale, of_shift), (first, mixed, second))


def sigmoid(value: float) -> float:
    """The probability of these log odds."""
    return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, value))))


def log_odds(probability: float) -> float:
    """ln(p / (1 - p)), kept finite."""
    inside = min(1.0 - _SURE, max(_SURE, probability))
    return log(inside / (1.0 - inside))
