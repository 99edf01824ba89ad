"""Days on which the brand is closed, or has other hours than in the week (pure values)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b

OpenMinutes = tuple[tuple[int, int], ...]
"""Stretches of a day, each from and to so many minutes after midnight, in order."""


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """A day of the calendar, of every year where ``year`` is None; ``spans`` are its hours, none: closed."""

    month: int
    day: int
    year: int | None = None
    spans: OpenMinutes = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class ClosedDays:
    """The days that are not as the week says; a date of one year counts before that of every year."""

    days: tuple[ClosedDay, ...] = ()
    _known: dict[tuple[int | None, int, int], ClosedDay] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        known = {(one.year, one.month, one.day): one for one in self.days}
        object.__setattr__(self, "_known", known)

    def __bool__(self) -> bool:
        return bool(self.days)

    def on(self, day: date) -> ClosedDay | None:
        """What is said of a day; None: it is as the week says."""
        own = self._known.get((day.year, day.month, day.day))
        return own or self._known.get((None, day.month, day.day))

    @property
    def fingerprint(self) -> str:
        """Another where other hours count on any day, whatever the days are called; empty for no days."""
        if not self.days:
            return ""
        said = sorted((one.year or 0, one.month, one.day, one.spans) for one in self.days)
        return blake2b(repr(said).encode(), digest_size=8).hexdigest()


NO_CLOSED_DAYS = ClosedDays()


def seconds_within(spans: Iterable[tuple[int, int]], first: int, last: int) -> int:
    """How many of the seconds of a day from ``first`` to ``last`` lie within these stretches."""
    return sum(max(min(end * 60, last) - max(start * 60, first), 0) for start, end in spans)
