"""By what figures are told apart: which group each question belongs to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import numpy as np

from routing.figures.columns import Column, FactTable
from routing.figures.summary import Figures, figures_by
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


def grouped(
    table: FactTable,
    by: GroupBy,
    first: date,
    last: date,
    departments: Mapping[str, str] = NOBODYS,
    tally: QuestionTally | None = None,
) -> Grouping:
    """The figures of each group: spans of time in their order, hours too, others by how much was asked.

    ``table`` is what was asked from ``first`` to ``last``, and ``tally`` its own where it is there already;
    ``departments`` says by a topic's slug who answers for it. Every span of time is there, also where nothing
    was asked.
    """
    if by in NAMED or by is GroupBy.DEPARTMENT:
        names = table.names[COLUMNS[by]]
        is_named = by is not GroupBy.DEPARTMENT
        keys, groups = _named(
            table, COLUMNS[by], [name or NONE if is_named else departments.get(name, NONE) for name in names]
        )
    elif by is GroupBy.PERSON:
        people = np.unique(table[Column.PERSON])
        groups = np.searchsorted(people, table[Column.PERSON])
        keys = [str(person) if person else NONE for person in people.tolist()]
    elif by is GroupBy.HOUR:
        keys, groups = [str(hour) for hour in range(_HOURS)], table[Column.HOUR].astype(np.int64)
    else:
        keys, groups = spans(table, by, first, last)
    if not keys:
        return Grouping(Figures(), [])
    found = figures_by(table, groups, len(keys), tally)
    named = [FigureGroup(key, figures) for key, figures in zip(keys, found.groups, strict=True)]
    if by in COLUMNS and by is not GroupBy.HOUR:
        named.sort(key=lambda one: (-one.figures.questions, one.key))
    return Grouping(found.together, named)


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
