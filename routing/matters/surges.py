"""Is that more than usual? People per matter in short windows against what the matter's own past predicts.

How many people ask about a matter in an hour is taken as Poisson, with a rate that its past tells only
roughly: a Gamma distribution, so that the number to be expected is negative binomial (Gelman et al.,
"Bayesian Data Analysis", 3rd edition, section 2.6). That is narrow for a steady matter and wide for a young
one, which is what makes small numbers safe. The hours of the week come from the whole house (``rhythm.py``),
for single matters are too small to have a profile of their own. With each new person every window that ends
now is looked at (a scan statistic; Naus, 1965), for a strong surge shows in the short ones and a weak one in
the long ones, and the chance of so many *others* in it is compared with what is allowed.
"""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from math import exp, log1p

from routing.matters.rhythm import HOUR, WeeklyRhythm

MINUTE = 60.0
_PRIOR_SHAPE = 1.0
_PRIOR_HOURS = 20.0
"""A matter without a past: as if one person had asked in twenty mean hours."""
_STEADIEST = 100.0
"""The shape of the Gamma distribution at most: no matter's rate is known better than to a tenth."""
_HALF_LIFE = 14 * 86_400.0
_LEARNED_TIMES = 3.0
_LEARNED_BESIDE = 3.0
"""Of an hour at most three times the usual number of people are learned from, and three more."""
_MOST_PEOPLE = 2000


@dataclass(frozen=True, slots=True)
class SurgePolicy:
    """What counts as a surge.

    Attributes:
        windows: In minutes, ascending.
        fewest: People in a window, below which nothing is a surge.
        false_alarms: How many a month are accepted in the whole house.
        likeliest: The largest chance that is taken for a surge, however small the house.
        calm: A surge is over when the longest window but one has a number of people that is exceeded with at
            least this chance.
    """

    windows: tuple[float, ...] = (5.0, 10.0, 20.0, 60.0, 180.0)
    fewest: int = 4
    false_alarms: float = 1.0
    likeliest: float = 1e-3
    calm: float = 0.05


@dataclass(frozen=True, slots=True)
class Surge:
    """More people than usual.

    Attributes:
        matter: What they ask about.
        at: When it was noticed, in seconds since 1970.
        people: How many different people asked in the window that shows it best.
        minutes: How long that window is.
        usual: How many were to be expected in it.
    """

    matter: int
    at: float
    people: int
    minutes: float
    usual: float

    def __str__(self) -> str:
        length = f"{self.minutes:.0f} minutes" if self.minutes <= 60 else f"{self.minutes / 60:.0f} hours"
        usual = f"{self.usual:.0f}" if self.usual >= 0.95 else "less than one"
        return f"{self.people} people in {length}, usually {usual}"


@dataclass(frozen=True, slots=True)
class SavedMatterCounts:
    """What a watch knows of one matter, as plain values: to be kept in a row.

    Attributes:
        matter: Its number.
        until: Up to here the past is counted, in seconds since 1970.
        people: How many asked until then, faded.
        hours: In how many mean hours, faded.
        hour: The hour (since 1970) that was learned from last.
        room: How many people more of that hour are learned from.
        raised: Whether it surges now.
        lately: Who asked since, and when each did last, the latest at the end.
    """

    matter: int
    until: float
    people: float
    hours: float
    hour: int
    room: float
    raised: bool
    lately: tuple[tuple[Hashable, float], ...]


@dataclass(slots=True)
class _Watched:
    """One matter: who asked lately and when, and what came before that."""

    until: float
    """Up to here the past is counted."""
    people: float = 0.0
    hours: float = 0.0
    lately: dict[Hashable, float] = field(default_factory=dict)
    raised: bool = False
    hour: int = 0
    room: float = 0.0
    """How many people more of that hour are learned from."""


class SurgeWatch:
    """Counts people per matter and says once when a surge begins, and when it is over."""

    def __init__(self, policy: SurgePolicy | None = None, rhythm: WeeklyRhythm | None = None) -> None:
        self.policy = policy or SurgePolicy()
        self.rhythm = rhythm or WeeklyRhythm()
        self._longest = self.policy.windows[-1] * MINUTE
        self._matters: dict[int, _Watched] = {}

    @property
    def raised(self) -> tuple[int, ...]:
        """The matters that surge now."""
        return tuple(sorted(matter for matter, watched in self._matters.items() if watched.raised))

    def count(self, matter: int, person: Hashable, now: float) -> Surge | None:
        """Count a person who asked about a matter; a surge, if this is what shows it.

        Args:
            matter: The matter's number.
            person: Whoever asked: the same person counts once in a window.
            now: When, in seconds since 1970; not before the call before.
        """
        watched = self._matters.setdefault(matter, _Watched(now - self._longest))
        self._catch_up(watched, now - self._longest)
        is_new = person not in watched.lately
        watched.lately.pop(person, None)
        watched.lately[person] = now
        if len(watched.lately) > _MOST_PEOPLE:
            del watched.lately[next(iter(watched.lately))]
        if watched.raised or not is_new:
            return None
        found = self._best(matter, watched, now)
        if found is not None:
            watched.raised = True
        return found

    def calmed(self, now: float) -> tuple[int, ...]:
        """The matters whose surge is over, each told once; ask every minute or so."""
        over = []
        for matter in self.raised:
            watched = self._matters[matter]
            self._catch_up(watched, now - self._longest)
            window = self.policy.windows[-2] * MINUTE
            people = sum(at > now - window for at in watched.lately.values())
            usual, shape = self._usual(watched, now, window)
            if tail(people, usual, shape) >= self.policy.calm:
                self._catch_up(watched, now)
                watched.raised = False
                over.append(matter)
        return tuple(over)

    def saved(self) -> tuple[SavedMatterCounts, ...]:
        """What is known of each matter; the rhythm is saved by its own attributes."""
        return tuple(
            SavedMatterCounts(
                matter,
                one.until,
                one.people,
                one.hours,
                one.hour,
                one.room,
                one.raised,
                (*one.lately.items(),),
            )
            for matter, one in sorted(self._matters.items())
        )

    def restore(self, saved: Iterable[SavedMatterCounts]) -> None:
        """Go on from what was saved."""
        for one in saved:
            self._matters[one.matter] = _Watched(
                one.until, one.people, one.hours, dict(one.lately), one.raised, one.hour, one.room
            )

    def merge(self, kept: int, gone: int) -> None:
        """Two matters are one from now on."""
        other = self._matters.pop(gone, None)
        if other is None:
            return
        mine = self._matters.setdefault(kept, _Watched(other.until))
        mine.people += other.people
        mine.hours = max(mine.hours, other.hours)
        mine.raised |= other.raised
        latest = sorted([*mine.lately.items(), *other.lately.items()], key=lambda pair: pair[1])
        mine.lately = {}
        for person, at in latest:
            mine.lately.pop(person, None)
            mine.lately[person] = at

    def forget(self, matter: int) -> None:
        """The matter is gone."""
        self._matters.pop(matter, None)

    def _best(self, matter: int, watched: _Watched, now: float) -> Surge | None:
        """The window least to be expected, if that is a surge."""
        best, least = None, self._allowed()
        for minutes, people in self._counted(watched, now):
            usual, shape = self._usual(watched, now, minutes * MINUTE)
            chance = tail(people - 1, usual, shape) if people >= self.policy.fewest else 1.0
            if chance <= least:
                best, least = Surge(matter, now, people, minutes, usual), chance
        return best

    def _allowed(self) -> float:
        """The chance up to which a window is a surge, one test for each question of a month."""
        return min(self.policy.false_alarms / max(self.rhythm.a_month, 1.0), self.policy.likeliest)

    def _counted(self, watched: _Watched, now: float) -> Iterator[tuple[float, int]]:
        times = list(watched.lately.values())
        place = len(times)
        for minutes in self.policy.windows:
            while place and times[place - 1] > now - minutes * MINUTE:
                place -= 1
            yield minutes, len(times) - place

    def _usual(self, watched: _Watched, now: float, window: float) -> tuple[float, float]:
        """How many people are to be expected in the window that ends now, and how surely (the shape)."""
        shape = _PRIOR_SHAPE + watched.people
        rate = shape / (_PRIOR_HOURS + watched.hours)
        return rate * self.rhythm.exposure(now - window, now), min(shape, _STEADIEST)

    def _catch_up(self, watched: _Watched, until: float) -> None:
        """Let who asked up to ``until`` be past.

        Of an hour with far more people than usual only part is learned: enough to follow a matter that has
        become larger, too little for one great day to hide the next.
        """
        if until <= watched.until:
            return
        fade = 2.0 ** (-(until - watched.until) / _HALF_LIFE)
        watched.people *= fade
        for person, at in [pair for pair in watched.lately.items() if pair[1] <= until]:
            del watched.lately[person]
            self._learn(watched, at)
        watched.hours = watched.hours * fade + self.rhythm.exposure(watched.until, until)
        watched.until = until

    def _learn(self, watched: _Watched, at: float) -> None:
        hour = int(at // HOUR)
        if hour != watched.hour:
            usual, _ = self._usual(watched, (hour + 1) * HOUR, HOUR)
            watched.hour, watched.room = hour, _LEARNED_TIMES * usual + _LEARNED_BESIDE
        if watched.room >= 1.0:
            watched.room -= 1.0
            watched.people += 1.0
            self.rhythm.count(at)


def tail(people: int, usual: float, shape: float) -> float:
    """The chance of at least so many people: the negative binomial distribution of that mean and shape."""
    if people <= 0:
        return 1.0
    share = usual / (usual + shape)
    term = exp(-shape * log1p(usual / shape))
    below = term
    for number in range(1, people):
        term *= (shape + number - 1) / number * share
        below += term
    return max(1.0 - below, 0.0)
