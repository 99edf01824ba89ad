"""What drives the questions: people by week, counted once each, and whether that is more than usual."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from routing.matters.surges import tail
from routing.model.text import SaidText, language_code, stems

WEEK = timedelta(days=7)
WEEKS_BEFORE = 4
"""So many weeks before this one tell what is usual."""
RAREST = 200
"""More than usual is what comes by chance once in so many weeks at the most."""
_FEWEST = 4
"""People in a week below which nothing is more than usual."""
_PRIOR = 0.5
_STEADIEST = 25.0
"""The shape of the Gamma distribution at most: what is usual is known no better than to a fifth."""


@dataclass(frozen=True, slots=True)
class DriverPeriod:
    """A week that ends at ``end``, and the weeks before it, each of seven days.

    ``since`` is when the house was first asked something; None: never.
    """

    end: datetime
    since: datetime | None

    @property
    def start(self) -> datetime:
        """When the earliest of the weeks begins."""
        return self.end - WEEK * (WEEKS_BEFORE + 1)

    @property
    def weeks(self) -> tuple[tuple[datetime, datetime], ...]:
        """The beginning and the end of each week, the latest first."""
        return tuple(
            (self.end - WEEK * (back + 1), self.end - WEEK * back) for back in range(WEEKS_BEFORE + 1)
        )

    @property
    def known(self) -> int:
        """How many of the weeks before lie within the house's life from end to end."""
        if self.since is None:
            return 0
        return max(min((self.end - self.since) // WEEK - 1, WEEKS_BEFORE), 0)


@dataclass(frozen=True, slots=True)
class Driver:
    """Something that people ask about: how many in this week and in each of those before, the latest first.

    ``people`` are those of all these weeks, each counted once; ``known`` is how many of the weeks before tell
    what is usual.
    """

    key: str | int | None
    weeks: tuple[int, ...]
    people: int
    waiting: int
    known: int

    @property
    def now(self) -> int:
        """People in this week."""
        return self.weeks[0]

    @property
    def usual(self) -> float | None:
        """People in a week before this one, on average; None where the house is too young to tell."""
        return sum(self.weeks[1 : self.known + 1]) / self.known if self.known else None

    @property
    def is_new(self) -> bool:
        """Whether nobody asked about it in the weeks before."""
        return self.usual == 0.0 and self.now > 0

    @property
    def is_more(self) -> bool:
        """Whether that is more than usual.

        The weeks before tell a rate only roughly (Gamma), and chance adds to it (Poisson): together a
        negative binomial distribution, of which so many have to be rarer than once in ``RAREST`` weeks.
        """
        if not self.known or self.now < _FEWEST:
            return False
        seen = sum(self.weeks[1 : self.known + 1]) + _PRIOR
        return tail(self.now, seen / self.known, min(seen, _STEADIEST)) < 1 / RAREST

    @property
    def change(self) -> float:
        """By how many standard deviations of chance this week differs from the usual; 0: nobody can tell."""
        return 0.0 if self.usual is None else (self.now - self.usual) / (self.usual + 1.0) ** 0.5


def movers(drivers: Iterable[Driver], most: int) -> list[Driver]:
    """What has changed most against the weeks before, up or down."""
    changed = [one for one in drivers if abs(one.change) >= 1.0]
    return sorted(changed, key=lambda one: -abs(one.change))[:most]


@dataclass(frozen=True, slots=True)
class AskedText:
    """What a customer wrote, when, and whether they still wait for an answer."""

    said: SaidText
    at: datetime
    waits: bool


def by_product_word(asked: Iterable[AskedText], words: Sequence[str], period: DriverPeriod) -> list[Driver]:
    """The people who used each of these words or phrases, in any inflection, the most in front."""
    known: dict[str, dict[tuple[str, ...], str]] = {}
    weeks: dict[str, list[set[object]]] = defaultdict(lambda: [set() for _ in period.weeks])
    waiting: dict[str, int] = defaultdict(int)
    for one in asked:
        week = (period.end - one.at) // WEEK
        if not 0 <= week <= WEEKS_BEFORE:
            continue
        code = language_code(one.said.language)
        if code not in known:
            known[code] = {tuple(stems(word, code)): word for word in reversed(words)}
        for word in _named(stems(one.said.text, code), known[code]):
            weeks[word][week].add(one.said.person)
            waiting[word] += one.waits
    drivers = [
        Driver(word, tuple(map(len, found)), len(set().union(*found)), waiting[word], period.known)
        for word, found in weeks.items()
    ]
    return sorted(drivers, key=lambda one: (-one.now, -one.people, str(one.key)))


def _named(text: Sequence[str], phrases: dict[tuple[str, ...], str]) -> set[str]:
    longest = max(map(len, phrases), default=0)
    return {
        phrases[part]
        for length in range(1, longest + 1)
        for start in range(len(text) - length + 1)
        if (part := tuple(text[start : start + length])) in phrases
    }
