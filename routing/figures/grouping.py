"""By what figures are told apart: which group each question belongs to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import numpy as np

from routing.figures.columns import Column, FactTable, joined
from routing.figures.summary import Figures, Groups, figures_by

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


Days = Sequence[tuple[date, FactTable]]
"""The facts of each day that has any, the earliest first."""
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
    days: Days,
    table: FactTable,
    by: GroupBy,
    first: date,
    last: date,
    departments: Mapping[str, str] = NOBODYS,
) -> Grouping:
    """The figures of each group: spans of time in their order, hours too, others by how much was asked.

    ``table`` is what ``days`` hold, joined; ``departments`` says by a topic's slug who answers for it. Every
    span between ``first`` and ``last`` is there, also where nothing was asked.
    """
    if by is GroupBy.HOUR:
        return _figures(table, table[Column.HOUR].astype(np.int64), [str(hour) for hour in range(_HOURS)])
    if by is GroupBy.PERSON:
        people, groups = np.unique(table[Column.PERSON], return_inverse=True)
        found = _figures(table, groups, [str(person) if person else NONE for person in people.tolist()])
    elif by is GroupBy.DEPARTMENT:
        owners = [departments.get(topic, NONE) for topic in table.names[Column.TOPIC]]
        found = _named(table, Column.TOPIC, owners)
    elif by in NAMED:
        found = _named(table, NAMED[by], [name or NONE for name in table.names[NAMED[by]]])
    else:
        keys, groups = spans(days, by, first, last)
        return _figures(table, groups, keys)
    ordered = sorted(found.groups, key=lambda one: (-one.figures.questions, one.key))
    return Grouping(found.together, ordered)


def _named(table: FactTable, column: Column, keys: Sequence[str]) -> Grouping:
    """By what each name of a column is called here; several may be one."""
    known: dict[str, int] = {}
    position = np.array([known.setdefault(key, len(known)) for key in keys], dtype=np.int64)
    return _figures(table, position[table[column]] if keys else position, list(known))


def span_of(day: date, by: GroupBy) -> str:
    """The day, ISO week or month that a day lies in."""
    if by is GroupBy.WEEK:
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02}"
    return day.isoformat()[:7] if by is GroupBy.MONTH else day.isoformat()


def together(days: Days, columns: Sequence[Column]) -> FactTable:
    """All days' facts in one table."""
    return joined([table for _, table in days], columns)


def spans(days: Days, by: GroupBy, first: date, last: date) -> tuple[list[str], Groups]:
    """The days, weeks or months from ``first`` to ``last``, and in which of them each question was asked."""
    every = (first + timedelta(days=number) for number in range((last - first).days + 1))
    position: dict[str, int] = {}
    for day in every:
        position.setdefault(span_of(day, by), len(position))
    of_days = np.array([position[span_of(day, by)] for day, _ in days], dtype=np.int64)
    groups = np.repeat(of_days, [len(one) for _, one in days]) if days else of_days
    return list(position), groups


def _figures(table: FactTable, groups: Groups, keys: Sequence[str]) -> Grouping:
    if not keys:
        return Grouping(Figures(), [])
    found = figures_by(table, groups, len(keys))
    named = [FigureGroup(key, figures) for key, figures in zip(keys, found.groups, strict=True)]
    return Grouping(found.together, named)
