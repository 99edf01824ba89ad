"""When in the week a house is asked: the profile that its single matters, which are too small, borrow."""

import numpy as np

from routing.model.arrays import Floats

HOUR = 3600.0
_HOURS = 168
_DAY = 24
_HALF_LIFE = 28 * 86_400.0
_FLAT_WEIGHT = 240.0
"""So many questions, spread evenly over the day, are believed before there are any."""
_DAILY_WEIGHT = 10.0
"""So many for each hour of the week are believed to be as the same hour of any day."""
_MONTH = 30 * _DAY


class WeeklyRhythm:
    """How busy each hour of the week (UTC, from Thursday 0:00 on, as 1970 began) is; 1 is the mean.

    Each hour's share is drawn towards that of the same hour on all days, and this towards all hours alike, as
    far as there is little to go by. Older questions fade, half of their weight in four weeks.
    """

    def __init__(
        self,
        counts: Floats | None = None,
        profile: Floats | None = None,
        begun: float = 0.0,
        until: float = 0.0,
    ) -> None:
        """Start anew, or from the attributes of the same names."""
        self.counts = np.zeros(_HOURS) if counts is None else counts.copy()
        self.begun = begun
        self.until = until
        self.profile = np.ones(_HOURS) if profile is None else profile.copy()
        self._before = np.concatenate([[0.0], np.cumsum(self.profile)])

    def count(self, at: float, people: float = 1.0) -> None:
        """Count one more question asked at ``at`` (seconds since 1970)."""
        if not self.begun:
            self.begun = self.until = at
        hour = int(at // HOUR)
        if hour > int(self.until // HOUR):
            self.counts *= 2.0 ** (-(at - self.until) / _HALF_LIFE)
            self.until = at
            self._refresh()
        self.counts[hour % _HOURS] += people

    def exposure(self, start: float, end: float) -> float:
        """How many mean hours lie between two moments: eight busy hours are more than eight quiet ones."""
        return self._integral(end) - self._integral(start)

    @property
    def a_month(self) -> float:
        """How many questions the house gets in thirty days, as far as it is known."""
        passed = max(self.until - self.begun, HOUR)
        remembered = _HALF_LIFE / np.log(2.0) * (1.0 - 2.0 ** (-passed / _HALF_LIFE)) / HOUR
        return float(self.counts.sum() / remembered * _MONTH)

    def _integral(self, at: float) -> float:
        weeks, rest = divmod(at / HOUR, _HOURS)
        hour = int(rest)
        return float(weeks * _HOURS + self._before[hour] + (rest - hour) * self.profile[hour])

    def _refresh(self) -> None:
        total = self.counts.sum()
        by_day = self.counts.reshape(-1, _DAY).sum(axis=0)
        daily = (by_day + _FLAT_WEIGHT / _DAY) / (total + _FLAT_WEIGHT)
        shares = self.counts + _DAILY_WEIGHT * _DAY * np.tile(daily, _HOURS // _DAY)
        self.profile = shares / shares.mean()
        self._before = np.concatenate([[0.0], np.cumsum(self.profile)])
