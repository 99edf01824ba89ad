"""Whether customers have a response as soon as somebody wanted it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from routing.figures.columns import Column, FactTable
from routing.figures.history import Flag

JUDGED_BY = (Column.ASKED, Column.FIRST, Column.FIRST_WORKING, Column.FLAGS, Column.TOPIC)
"""The columns that goals are judged by."""
ENOUGH = 5
"""Of fewer questions nothing is said."""
_MARGIN = 0.01
"""So much above the goal a missed one has to come before it counts as met: it does not flicker."""


@dataclass(frozen=True, slots=True)
class GoalTarget:
    """So large a ``share`` of questions is to have a response within so many ``seconds``, 0 to 1.

    ``topic`` is a slug, empty for all; ``in_hours`` says whether only business hours count.
    """

    topic: str
    share: float
    seconds: int
    in_hours: bool


@dataclass(frozen=True, slots=True)
class GoalStanding:
    """How many questions had their response in time, and how many had or have not.

    Who still waits and whose time is not over is neither.
    """

    in_time: int
    late: int

    @property
    def share(self) -> float | None:
        """Of those, how many were in time; None where too few can be told of."""
        judged = self.in_time + self.late
        return self.in_time / judged if judged >= ENOUGH else None


def standing(table: FactTable, target: GoalTarget, waited: Callable[[int], int]) -> GoalStanding:
    """How a goal stands by some questions.

    ``waited`` says how many seconds have counted since a moment, given in seconds since 1970.
    """
    if target.topic:
        names = table.names[Column.TOPIC]
        number = names.index(target.topic) if target.topic in names else -1
        table = table.chosen(table[Column.TOPIC] == number)
    first = table[Column.FIRST_WORKING if target.in_hours else Column.FIRST]
    responded = first >= 0
    in_time = int(np.count_nonzero(responded & (first <= target.seconds)))
    late = int(np.count_nonzero(first > target.seconds))
    waiting = table[Column.ASKED][~responded & table.is_set(Flag.WAITING)].tolist()
    return GoalStanding(in_time, late + sum(waited(asked) > target.seconds for asked in waiting))


def is_missed(found: GoalStanding, target: GoalTarget, *, was_missed: bool) -> bool:
    """Whether a goal is missed, as it stands and as it stood before."""
    if found.share is None:
        return False
    wanted = min(target.share + _MARGIN, 1.0) if was_missed else target.share
    return found.share < wanted
