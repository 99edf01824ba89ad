"""What became of suggestions, and the calibration that it teaches: a replica that follows the database.

Looked at once a minute: feedback comes from people, one case at a time, and a single case moves little.
"""

from collections.abc import Callable, Sequence
from time import monotonic
from typing import Final, Protocol

from bot.archive.calibration import Calibration, Feedback, calibrated

MOST: Final = 2_000
"""So many outcomes, the newest, are learned from; fitting them takes a tenth of a second of one core."""

_EVERY_SECONDS: Final = 60.0
_ANEW_SECONDS: Final = 86_400.0
"""Outcomes grow too old to count even while no new ones come in."""


class FeedbackSource(Protocol):
    """What became of suggestions that people saw, as it stands in the database."""

    def head(self) -> int:
        """The number of the latest outcome; 0 before the first."""

    def newest(self, limit: int) -> Sequence[Feedback]:
        """The newest outcomes that are not too old to count; at most ``limit``."""


class Calibrator:
    """Keeps the calibration that fits an organisation's feedback. ``timer`` tells seconds."""

    def __init__(self, outcomes: FeedbackSource, timer: Callable[[], float] = monotonic) -> None:
        self.calibration = Calibration()
        self._outcomes = outcomes
        self._timer = timer
        self._head = 0
        self._looked_at: float | None = None
        self._fitted_at = timer()

    def follow(self) -> int:
        """Fit anew where there is something new; returns 1 then, else 0."""
        now = self._timer()
        if self._looked_at is not None and now - self._looked_at < _EVERY_SECONDS:
            return 0
        head = self._outcomes.head()
        is_due = head != self._head or now - self._fitted_at >= _ANEW_SECONDS
        if is_due:
            self.calibration = calibrated(self._outcomes.newest(MOST))
            self._head, self._fitted_at = head, now
        self._looked_at = now
        return int(is_due)
