"""Whether customers have a response as soon, and are as content, as somebody wanted."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from routing.figures.columns import Column, FactTable
from routing.figures.history import Flag
from routing.figures.survey import BAD, ENOUGH_ANSWERS, GOOD, SurveyKind, scored_codes

JUDGED_BY = (
    Column.ASKED,
    Column.FIRST,
    Column.FIRST_WORKING,
    Column.FLAGS,
    Column.SURVEY,
    Column.TOPIC,
)
"""The columns that goals are judged by."""
ENOUGH = 5
"""Of fewer questions nothing is said."""
_MARGIN = 0.01
"""So much above the goal a missed one has to come before it counts as met: it does not flicker."""


class GoalMeasure(StrEnum):
    """What a goal is about."""

    RESPONSE = "response"
    """How soon customers have a response."""
    SATISFIED = "satisfied"
    """Of the customers who said whether an answer helped, those whom it did."""
    CSAT = "csat"
    """Of those who were asked how well they were helped, those who gave 4 or 5."""
    NPS = "nps"
    """The Net Promoter Score, as a share from -1 to 1."""


@dataclass(frozen=True, slots=True)
class GoalTarget:
    """So large a ``share`` of questions is to have a response within so many ``seconds``, 0 to 1.

    ``topic`` is a slug, empty for all; ``in_hours`` says whether only business hours count. Of another
    ``measure`` the share alone is wanted.
    """

    topic: str
    share: float
    seconds: int
    in_hours: bool
    measure: GoalMeasure = GoalMeasure.RESPONSE


@dataclass(frozen=True, slots=True)
class GoalStanding:
    """How many questions had their response in time, and how many had or have not.

    Who still waits and whose time is not over is neither. Of another measure: how many customers are content
    (promoters), how many are not (detractors), and how many are neither.
    """

    in_time: int
    late: int
    neither: int = 0
    measure: GoalMeasure = GoalMeasure.RESPONSE

    @property
    def judged(self) -> int:
        """How many can be told of."""
        return self.in_time + self.late + self.neither

    @property
    def enough(self) -> int:
        """Of so many something is said."""
        return ENOUGH_ANSWERS if self.measure in (GoalMeasure.CSAT, GoalMeasure.NPS) else ENOUGH

    @property
    def share(self) -> float | None:
        """Of those, how many were in time; None where too few can be told of."""
        if self.judged < self.enough:
            return None
        good = self.in_time - self.late if self.measure is GoalMeasure.NPS else self.in_time
        return good / self.judged


def standing(table: FactTable, target: GoalTarget, waited: Callable[[int], int]) -> GoalStanding:
    """How a goal stands by some questions.

    ``waited`` says how many seconds have counted since a moment, given in seconds since 1970.
    """
    if target.topic:
        names = table.names[Column.TOPIC]
        number = names.index(target.topic) if target.topic in names else -1
        table = table.chosen(table[Column.TOPIC] == number)
    if target.measure is not GoalMeasure.RESPONSE:
        return _content(table, target.measure)
    first = table[Column.FIRST_WORKING if target.in_hours else Column.FIRST]
    responded = first >= 0
    in_time = int(np.count_nonzero(responded & (first <= target.seconds)))
    late = int(np.count_nonzero(first > target.seconds))
    waiting = table[Column.ASKED][~responded & table.is_set(Flag.WAITING)].tolist()
    return GoalStanding(in_time, late + sum(waited(asked) > target.seconds for asked in waiting))


def _content(table: FactTable, measure: GoalMeasure) -> GoalStanding:
    """How content customers are."""
    if measure is GoalMeasure.SATISFIED:
        good, bad = (table.is_set(flag) for flag in (Flag.SATISFIED, Flag.UNSATISFIED))
        return GoalStanding(int(np.count_nonzero(good)), int(np.count_nonzero(bad)), measure=measure)
    kind = SurveyKind(measure.value)

    def given(low: int, high: int) -> int:
        codes = sorted(scored_codes(kind, low, high))
        return int(np.count_nonzero(np.isin(table[Column.SURVEY], codes)))

    good_ones, every = given(GOOD[kind], kind.high), given(kind.low, kind.high)
    bad_ones = given(kind.low, BAD[kind]) if kind is SurveyKind.NPS else every - good_ones
    return GoalStanding(good_ones, bad_ones, every - good_ones - bad_ones, measure)


def is_missed(found: GoalStanding, target: GoalTarget, *, was_missed: bool) -> bool:
    """Whether a goal is missed, as it stands and as it stood before."""
    if found.share is None:
        return False
    wanted = min(target.share + _MARGIN, 1.0) if was_missed else target.share
    return found.share < wanted
