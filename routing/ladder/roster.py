"""The employees and what is on their plates, as columns: built once, asked about many questions."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np

from routing.ladder.availability import Calendar, time_zone, working_time
from routing.model.arrays import Floats, Ints, Mask
from routing.model.domain import Employee, EmployeeState, Load, TopicWeight
from routing.model.text import language_code

_NOTHING = Load()
_TOP_LEVEL = 3.0


class Roster:
    """All employees by position, with one column per property.

    Whoever left or was never active is kept out. Somebody with an impossible time zone or shift is kept out
    too, so that one bad row does not stop everybody's questions; ``problems`` says what to mend.
    """

    def __init__(self, employees: Sequence[Employee]) -> None:
        sound, problems = _sorted_out(employees)
        self.employees = tuple(sound)
        self.problems = tuple(problems)
        self.ids: Ints = np.array([employee.id for employee in sound], dtype=np.int64)
        self.calendar = Calendar(sound)
        self.paused_until: Floats = np.array(
            [_paused_until(employee) for employee in sound], dtype=np.float64
        )
        self.joined_at: Floats = np.array(
            [_seconds(employee.joined_at) for employee in sound], dtype=np.float64
        )
        self.daily_cap: Ints = np.array([employee.daily_cap for employee in sound], dtype=np.int64)
        self.open_cap: Ints = np.array([employee.open_cap for employee in sound], dtype=np.int64)
        self.position = {employee.id: position for position, employee in enumerate(sound)}
        self._levels = _levels(sound)
        self.breadth: Ints = np.array(
            [len({e.topic for e in one.expertise}) for one in sound], dtype=np.int64
        )
        self._any_language = np.array([not employee.languages for employee in sound], dtype=np.bool_)
        self._speakers = _speakers(sound, self._any_language)

    def __len__(self) -> int:
        return len(self.employees)

    def speaks(self, language: str | None) -> Mask:
        """Who can answer in this language; everybody when it is unknown (None or ``und``)."""
        if not language or language_code(language) == "und":
            return np.ones(len(self), dtype=np.bool_)
        return self._speakers.get(language_code(language), self._any_language).copy()

    def level(self, topic: str) -> Floats:
        """Each employee's level in a topic: 0 nothing, 1/3, 2/3, 1 the expert."""
        column = np.zeros(len(self))
        if topic in self._levels:
            rows, levels = self._levels[topic]
            column[rows] = levels
        return column

    def coverage(self, topics: Sequence[TopicWeight], ancestors: Mapping[str, Sequence[str]]) -> Floats:
        """How well each employee's expertise covers the topics: 0 nothing, 1 the expert of all of it.

        Who knows only a broader topic covers half of it, and so on upwards. Topics that merely stand above
        another one in the list do not count by themselves.
        """
        above = {up for topic in topics for up in ancestors.get(topic.slug, ())}
        leaves = [topic for topic in topics if topic.slug not in above]
        total = sum(topic.weight for topic in leaves)
        column = np.zeros(len(self))
        for topic in leaves:
            best = self.level(topic.slug)
            for distance, ancestor in enumerate(ancestors.get(topic.slug, ()), start=1):
                best = np.maximum(best, self.level(ancestor) * 0.5**distance)
            column += topic.weight / total * best
        return column

    def available(self, now: datetime) -> Mask:
        """Who is at work and not paused."""
        return np.asarray(self.calendar.on_duty(now) & (self.paused_until <= now.timestamp()), dtype=np.bool_)


class Workload(Mapping[int, Load]):
    """Everybody's load as columns, in the order of a roster; grows with the offers made in a batch."""

    def __init__(self, roster: Roster, loads: Mapping[int, Load]) -> None:
        self.roster = roster
        self.open_offers: Ints = np.zeros(len(roster), dtype=np.int64)
        self.offers_today: Ints = np.zeros(len(roster), dtype=np.int64)
        self.last_offered: Floats = np.full(len(roster), np.nan)
        self.usual_minutes: Floats = np.full(len(roster), np.nan)
        for employee_id, load in loads.items():
            position = roster.position.get(employee_id)
            if position is None or load == _NOTHING:
                continue
            self.open_offers[position] = load.open_offers
            self.offers_today[position] = load.offers_today
            self.last_offered[position] = _seconds(load.last_offered_at)
            if load.usual_minutes is not None:
                self.usual_minutes[position] = load.usual_minutes

    @classmethod
    def of(cls, roster: Roster, loads: Mapping[int, Load]) -> "Workload":
        """The loads as columns of this roster; the same object when they are already."""
        if isinstance(loads, Workload) and loads.roster is roster:
            return loads
        return cls(roster, loads)

    def __getitem__(self, employee_id: int) -> Load:
        position = self.roster.position[employee_id]
        last = float(self.last_offered[position])
        usual = float(self.usual_minutes[position])
        return Load(
            open_offers=int(self.open_offers[position]),
            offers_today=int(self.offers_today[position]),
            last_offered_at=None if np.isnan(last) else _moment(last),
            usual_minutes=None if np.isnan(usual) else usual,
        )

    def __iter__(self) -> Iterator[int]:
        return iter(self.roster.position)

    def __len__(self) -> int:
        return len(self.roster)

    def free(self) -> Mask:
        """Who is under both caps."""
        return np.asarray(self.under_daily_cap() & (self.open_offers < self.roster.open_cap), dtype=np.bool_)

    def under_daily_cap(self) -> Mask:
        """Who may be asked once more today."""
        return np.asarray(self.offers_today < self.roster.daily_cap, dtype=np.bool_)

    def add(self, employee_id: int, now: datetime) -> None:
        """Count one more offer."""
        position = self.roster.position[employee_id]
        self.open_offers[position] += 1
        self.offers_today[position] += 1
        self.last_offered[position] = now.timestamp()

    def close(self, employee_id: int) -> None:
        """Count one offer as no longer open."""
        position = self.roster.position.get(employee_id)
        if position is not None and self.open_offers[position] > 0:
            self.open_offers[position] -= 1

    def begin_day(self, positions: Ints) -> None:
        """Forget today's offers of these people: their midnight has passed."""
        self.offers_today[positions] = 0


def _sorted_out(employees: Sequence[Employee]) -> tuple[list[Employee], list[str]]:
    """Who can be asked at all, and what is wrong with others' rows."""
    sound: list[Employee] = []
    problems: list[str] = []
    for employee in employees:
        if employee.state not in (EmployeeState.ACTIVE, EmployeeState.PAUSED):
            continue
        try:
            time_zone(employee)
            working_time(employee)
        except ValueError as error:
            problems.append(str(error))
        else:
            sound.append(employee)
    return sound, problems


def _paused_until(employee: Employee) -> float:
    """Seconds since 1970 until which somebody is paused: minus infinity for not, infinity for no end."""
    if employee.paused_until is not None:
        return employee.paused_until.timestamp()
    return float("inf") if employee.state is EmployeeState.PAUSED else float("-inf")


def _levels(employees: Sequence[Employee]) -> dict[str, tuple[Ints, Floats]]:
    found: dict[str, dict[int, float]] = {}
    for position, employee in enumerate(employees):
        for expertise in employee.expertise:
            levels = found.setdefault(expertise.topic, {})
            level = min(max(expertise.level, 0), int(_TOP_LEVEL)) / _TOP_LEVEL
            levels[position] = max(level, levels.get(position, 0.0))
    return {
        topic: (np.array(list(levels), dtype=np.int64), np.array(list(levels.values()), dtype=np.float64))
        for topic, levels in found.items()
    }


def _speakers(employees: Sequence[Employee], anything: Mask) -> dict[str, Mask]:
    found: dict[str, Mask] = {}
    for position, employee in enumerate(employees):
        for language in employee.languages:
            found.setdefault(language_code(language), anything.copy())[position] = True
    return found


def _seconds(moment: datetime | None) -> float:
    return float("nan") if moment is None else moment.timestamp()


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)
