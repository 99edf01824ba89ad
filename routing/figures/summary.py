"""From columns of facts to figures, for all questions or for each group of them.

Shares are of the questions asked; times are seconds. A median of an even number lies in the middle between
two; the ninetieth percentile lies between its neighbours in proportion (Hyndman and Fan's seventh, as
spreadsheets' PERCENTILE and numpy have it).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.figures.columns import Column, FactTable
from routing.figures.history import NOTHING, Flag

COUNTED = (
    Column.CUSTOMER,
    Column.FIRST,
    Column.FIRST_WORKING,
    Column.RESOLUTION,
    Column.OFFERS,
    Column.FLAGS,
)
"""The columns that figures are counted from, beside the one that they are grouped by."""
TEN_MINUTES = 600
AN_HOUR = 3_600
_BITS = 32
_SECONDS = (1 << _BITS) - 1
Groups = NDArray[np.int64]
"""The number of its group for each question, [question]."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What is said of some questions; ``routing.figures.measures`` says what each figure means.

    None: there is nothing that it could be taken from.
    """

    questions: int = 0
    people: int = 0
    answered: int = 0
    within_10_min: int = 0
    within_1_h: int = 0
    first_response_median_s: float | None = None
    first_response_p90_s: float | None = None
    working_median_s: float | None = None
    working_p90_s: float | None = None
    resolution_median_s: float | None = None
    settled: int = 0
    satisfied: int = 0
    unsatisfied: int = 0
    reused: int = 0
    doubled: int = 0
    contradicted: int = 0
    retracted: int = 0
    backlog: int = 0
    offers: int = 0
    responses: int = 0
    settled_in_public: int = 0
    upset: int = 0
    upset_then_thankful: int = 0

    @property
    def answered_share(self) -> float | None:
        """Of the questions, how many were answered."""
        return share(self.answered, self.questions)

    @property
    def within_10_min_share(self) -> float | None:
        """Of the questions, how many had a response within ten minutes."""
        return share(self.within_10_min, self.questions)

    @property
    def within_1_h_share(self) -> float | None:
        """Of the questions, how many had a response within an hour."""
        return share(self.within_1_h, self.questions)

    @property
    def offers_per_answer(self) -> float | None:
        """How often somebody was asked until one question was answered."""
        return share(self.offers, self.answered)


@dataclass(frozen=True, slots=True)
class CoursePoint:
    """How it went in one span of time."""

    questions: int
    answered: int
    first_response_median_s: float | None


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """How customers took it."""

    questions: int
    satisfied: int
    unsatisfied: int
    upset: int
    upset_then_thankful: int


def share(part: float, whole: float) -> float | None:
    """One number by another; None by nothing."""
    return part / whole if whole else None


def figures_of(table: FactTable) -> Figures:
    """The figures of all questions together."""
    return figures_by(table, np.zeros(len(table), dtype=np.int64), 1)[0]


def figures_by(table: FactTable, groups: Groups, number: int) -> list[Figures]:
    """The figures of each of ``number`` groups, in their order; empty ones among them."""
    first, working, resolution = (
        _Spans(table[column], groups, number)
        for column in (Column.FIRST, Column.FIRST_WORKING, Column.RESOLUTION)
    )
    flags = _flagged(table[Column.FLAGS], groups, number)
    counted = {
        "questions": flags(),
        "people": _people(table[Column.CUSTOMER], groups, number),
        "answered": flags(Flag.ANSWERED),
        "within_10_min": first.up_to(TEN_MINUTES),
        "within_1_h": first.up_to(AN_HOUR),
        "first_response_median_s": first.at(5),
        "first_response_p90_s": first.at(9),
        "working_median_s": working.at(5),
        "working_p90_s": working.at(9),
        "resolution_median_s": resolution.at(5),
        "settled": flags(Flag.SETTLED),
        "satisfied": flags(Flag.SATISFIED),
        "unsatisfied": flags(Flag.UNSATISFIED),
        "reused": flags(Flag.REUSED),
        "doubled": flags(Flag.DOUBLED),
        "contradicted": flags(Flag.CONTRADICTED),
        "retracted": flags(Flag.RETRACTED),
        "backlog": flags(Flag.WAITING),
        "offers": np.bincount(groups, weights=table[Column.OFFERS], minlength=number).astype(int).tolist(),
        "responses": first.sizes.tolist(),
        "settled_in_public": flags(Flag.SETTLED | Flag.ANSWERED),
        "upset": flags(Flag.UPSET),
        "upset_then_thankful": flags(Flag.UPSET | Flag.SATISFIED),
    }
    names = tuple(counted)
    return [
        Figures(**dict(zip(names, values, strict=True))) for values in zip(*counted.values(), strict=True)
    ]


def course_by(table: FactTable, groups: Groups, number: int) -> list[CoursePoint]:
    """The course of ``number`` spans of time, by the same definitions as ``figures_by``."""
    flags = _flagged(table[Column.FLAGS], groups, number)
    medians = _Spans(table[Column.FIRST], groups, number).at(5)
    return [CoursePoint(*values) for values in zip(flags(), flags(Flag.ANSWERED), medians, strict=True)]


def satisfaction_by(table: FactTable, groups: Groups, number: int) -> list[Satisfaction]:
    """How customers took it in each of ``number`` groups, by the same definitions as ``figures_by``."""
    flags = _flagged(table[Column.FLAGS], groups, number)
    wanted = (NOTHING, Flag.SATISFIED, Flag.UNSATISFIED, Flag.UPSET, Flag.UPSET | Flag.SATISFIED)
    return [Satisfaction(*values) for values in zip(*map(flags, wanted), strict=True)]


def _flagged(flags: NDArray[np.uint16], groups: Groups, number: int) -> Callable[..., list[int]]:
    """Counts, for each group, the questions of which every one of some flags is true; of none: all."""
    every = sum(Flag) + 1
    counts = np.bincount(groups * every + flags, minlength=number * every).reshape(number, every)
    kinds = np.arange(every)

    def count(wanted: Flag = NOTHING) -> list[int]:
        chosen: list[int] = counts[:, (kinds & int(wanted)) == int(wanted)].sum(axis=1).tolist()
        return chosen

    return count


def _people(customers: NDArray[np.int64], groups: Groups, number: int) -> list[int]:
    """How many different customers each group has.

    The group's number takes the place of the last bits of the customer's, so that one sort is enough: within
    a group the rest tells customers apart as surely as all of it.
    """
    lowest = (1 << number.bit_length()) - 1
    pairs = np.sort((customers & ~lowest) | groups)
    is_first = np.ones(len(pairs), dtype=np.bool_)
    np.not_equal(pairs[1:], pairs[:-1], out=is_first[1:])
    counts: list[int] = np.bincount(pairs[is_first] & lowest, minlength=number).tolist()
    return counts


class _Spans:
    """The times of the questions that have one, in order within each group."""

    def __init__(self, seconds: NDArray[np.int32], groups: Groups, number: int) -> None:
        has_time = seconds >= 0
        self._ordered = np.sort((groups[has_time] << _BITS) | seconds[has_time])
        self._begins = np.arange(number, dtype=np.int64) << _BITS
        self._starts = np.searchsorted(self._ordered, self._begins)
        self.sizes = np.diff(self._starts, append=len(self._ordered))

    def up_to(self, seconds: int) -> list[int]:
        """How many took no longer, by group."""
        found: list[int] = (
            np.searchsorted(self._ordered, self._begins + seconds, side="right") - self._starts
        ).tolist()
        return found

    def at(self, tenths: int) -> list[float | None]:
        """The time below which so many tenths lie, between its neighbours in proportion, by group."""
        whole, rest = np.divmod((self.sizes - 1) * tenths, 10)
        found: list[float | None] = []
        for start, size, position, part in zip(
            self._starts.tolist(), self.sizes.tolist(), whole.tolist(), rest.tolist(), strict=True
        ):
            if not size:
                found.append(None)
                continue
            low = self._seconds(start + position)
            high = self._seconds(start + position + 1) if part else low
            found.append((low * (10 - part) + high * part) / 10)
        return found

    def _seconds(self, position: int) -> int:
        return int(self._ordered[position]) & _SECONDS
