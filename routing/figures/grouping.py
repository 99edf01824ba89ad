"""By what figures are told apart: which group each question belongs to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import numpy as np

from routing.figures.columns import Column, FactTable
from routing.figures.summary import Figures, figures_by, figures_of
from routing.figures.tally import Groups, QuestionTally

NONE = "none"
"""What a group is called of which a question has no name: no topic, no language, nobody."""
NOBODYS: Mapping[str, str] = {}
_HOURS = 7 * 24


class GroupBy(StrEnum):
    """What makes the groups."""

    TOPIC = "topic"
    DEPARTMENT = "department"
    """The one that answers for the question's topic now."""
    PLATFORM = "platform"
    LANGUAGE = "language"
    WEEK = "week"
    DAY = "day"
    MONTH = "month"
    PERSON = "person"
    """The employee who responded first."""
    HOUR = "hour"
    """The hour of the week in which the question was asked."""


NAMED = {
    GroupBy.TOPIC: Column.TOPIC,
    GroupBy.PLATFORM: Column.PLATFORM,
    GroupBy.LANGUAGE: Column.LANGUAGE,
}
COLUMNS = {
    **NAMED,
    GroupBy.DEPARTMENT: Column.TOPIC,
    GroupBy.PERSON: Column.PERSON,
    GroupBy.HOUR: Column.HOUR,
}
"""The column that says to which group a question belongs, where that is not its day."""


@dataclass(frozen=True, slots=True)
class FigureGroup:
    """The figures of one group; ``key`` is a slug, a code, an ISO day (week, month), an id, or ``NONE``."""

    key: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Grouping:
    """The figures of all questions together, and of each group."""

    together: Figures
    groups: list[FigureGroup]
    more: int = 0
    """How many groups there are beside these."""


def grouped(
    table: FactTable,
    by: GroupBy,
    first: date,
    last: date,
    departments: Mapping[str, str] = NOBODYS,
    tally: QuestionTally | None = None,
    most: int | None = None,
) -> Grouping:
    """The figures of each group: spans of time in their order, hours too, others by how much was asked.

    ``table`` is what was asked from ``first`` to ``last``, and ``tally`` its own where it is there already;
    ``departments`` says by a topic's slug who answers for it; no more than the first ``most`` groups are
    returned. Every span of time is there, also where nothing was asked.
    """
    if by in NAMED or by is GroupBy.DEPARTMENT:
        names = table.names[COLUMNS[by]]
        is_named = by is not GroupBy.DEPARTMENT
        keys, groups = _named(
            table, COLUMNS[by], [name or NONE if is_named else departments.get(name, NONE) for name in names]
        )
    elif by is GroupBy.PERSON:
        people = np.flatnonzero(asked_of := np.bincount(table[Column.PERSON]))
        groups = (np.cumsum(asked_of > 0) - 1)[table[Column.PERSON]]
        keys = [str(person) if person else NONE for person in people.tolist()]
    elif by is GroupBy.HOUR:
        keys, groups = [str(hour) for hour in range(_HOURS)], table[Column.HOUR].astype(np.int64)
    else:
        keys, groups = spans(table, by, first, last)
    if not keys:
        return Grouping(Figures(), [])
    order: Sequence[int] = range(len(keys))
    if by in COLUMNS and by is not GroupBy.HOUR:
        asked = np.bincount(groups, minlength=len(keys)).tolist()
        order = sorted(order, key=lambda number: (-asked[number], keys[number]))
    chosen = order[:most]
    if len(chosen) < len(keys):
        together, found = figures_of(table, tally), _of_some(table, groups, len(keys), chosen)
    else:
        summary = figures_by(table, groups, len(keys), tally)
        together, found = summary.together, [summary.groups[number] for number in chosen]
    named = [FigureGroup(keys[number], figures) for number, figures in zip(chosen, found, strict=True)]
    return Grouping(together, named, len(keys) - len(chosen))


def _of_some(table: FactTable, groups: Groups, number: int, chosen: Sequence[int]) -> list[Figures]:
    """The figures of some of ``number`` groups, in their order, without a look at the others."""
    place = np.full(number, -1)
    place[chosen] = np.arange(len(chosen))
    places = place[groups]
    is_chosen = places >= 0
    return figures_by(table.chosen(is_chosen), places[is_chosen], len(chosen)).groups


def _named(table: FactTable, column: Column, keys: Sequence[str]) -> tuple[list[str], Groups]:
    """By what each name of a column is called here; several may be one."""
    known: dict[str, int] = {}
    position = np.array([known.setdefault(key, len(known)) for key in keys], dtype=np.int64)
    return list(known), position[table[column]] if keys else position


def span_of(day: date, by: GroupBy) -> str:
    """The day, ISO week or month that a day lies in."""
    if by is GroupBy.WEEK:
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02}"
    return day.isoformat()[:7] if by is GroupBy.MONTH else day.isoformat()


def spans(table: FactTable, by: GroupBy, first: date, last: date) -> tuple[list[str], Groups]:
    """The days, weeks or months from ``first`` to ``last``, and in which of them each question was asked."""
    every = (first + timedelta(days=number) for number in range((last - first).days + 1))
    known: dict[str, int] = {}
    of_days = np.array([known.setdefault(span_of(day, by), len(known)) for day in every], dtype=np.int64)
    return list(known), of_days[table[Column.DAY] - first.toordinal()]
