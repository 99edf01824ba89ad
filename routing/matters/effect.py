"""What a fix has changed: people a week before it and after, in whole weeks alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

_WEEK = timedelta(days=7)
_MOST_WEEKS = 4
"""So many weeks on either side are compared at the most: the nearest before, the latest after."""

Weeks = tuple[tuple[datetime, datetime], ...]
"""The beginning and the end of each of some weeks."""


@dataclass(frozen=True, slots=True)
class FixEffect:
    """People a week on average, before and after; None where no whole week tells."""

    before: float | None
    after: float | None
    weeks_before: int
    weeks_after: int
    first_over: datetime
    """When the first whole week after the fix is over."""

    @property
    def is_less(self) -> bool:
        """Whether fewer people ask than before; False also where nobody can tell yet."""
        return self.before is not None and self.after is not None and self.after < self.before


def weeks_before(fixed_at: datetime, first_at: datetime) -> Weeks:
    """The whole weeks before a fix in which people asked already, the latest first."""
    count = min(max((fixed_at - first_at) // _WEEK, 0), _MOST_WEEKS)
    return tuple((fixed_at - _WEEK * (back + 1), fixed_at - _WEEK * back) for back in range(count))


def weeks_after(fixed_at: datetime, now: datetime) -> Weeks:
    """The whole weeks that have passed since a fix, the latest ones, the earliest of them first."""
    over = max((now - fixed_at) // _WEEK, 0)
    first = max(over - _MOST_WEEKS, 0)
    return tuple((fixed_at + _WEEK * week, fixed_at + _WEEK * (week + 1)) for week in range(first, over))


def effect_of(fixed_at: datetime, before: Sequence[int], after: Sequence[int]) -> FixEffect:
    """The effect of a fix, of the people in each of the weeks before it and after."""
    return FixEffect(_mean(before), _mean(after), len(before), len(after), fixed_at + _WEEK)


def _mean(people: Sequence[int]) -> float | None:
    return sum(people) / len(people) if people else None
