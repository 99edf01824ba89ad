"""From columns of facts to figures, for all questions or for each group of them.

Shares are of the questions asked; times are seconds. A median of an even number lies in the middle between
two; the ninetieth percentile lies between its neighbours in proportion (Hyndman and Fan's seventh, as
spreadsheets' PERCENTILE and numpy have it).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.figures.columns import Column, FactTable
from routing.figures.selection import Spans
from routing.figures.survey import ENOUGH_ANSWERS, PromoterScore, promoter_score
from routing.figures.tally import BY_CODE, Groups, QuestionTally

COUNTED = (
    Column.CUSTOMER,
    Column.FIRST,
    Column.FIRST_WORKING,
    Column.RESOLUTION,
    Column.OFFERS,
    Column.FLAGS,
    Column.SURVEY,
)
"""The columns that figures are counted from, beside the one that they are grouped by."""


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
    csat_asked: int = 0
    csat_answers: int = 0
    csat_good: int = 0
    nps_asked: int = 0
    nps_answers: int = 0
    promoters: int = 0
    detractors: int = 0

    @property
    def csat_share(self) -> float | None:
        """Of those who said how well they were helped, how many are content; None where too few did."""
        return share(self.csat_good, self.csat_answers) if self.csat_answers >= ENOUGH_ANSWERS else None

    @property
    def csat_response_share(self) -> float | None:
        """Of those who were asked how well they were helped, how many said it."""
        return share(self.csat_answers, self.csat_asked)

    @property
    def promoter_score(self) -> PromoterScore | None:
        """The NPS with its interval; None where too few have said."""
        return promoter_score(self.promoters, self.detractors, self.nps_answers)

    @property
    def nps(self) -> float | None:
        """The Net Promoter Score, -100 to 100."""
        found = self.promoter_score
        return found.score if found is not None else None

    @property
    def nps_low(self) -> float | None:
        """The lower end of its 95 % confidence interval."""
        found = self.promoter_score
        return found.low if found is not None else None

    @property
    def nps_high(self) -> float | None:
        """The upper end of its 95 % confidence interval."""
        found = self.promoter_score
        return found.high if found is not None else None

    @property
    def nps_response_share(self) -> float | None:
        """Of those who were asked whether they would recommend us, how many said it."""
        return share(self.nps_answers, self.nps_asked)

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
    said: Figures
    """What they said when they were asked how it went; no other figure is in it."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of all questions together, and of each group of them."""

    together: Figures
    groups: list[Figures]


def share(part: float, whole: float) -> float | None:
    """One number by another; None by nothing."""
    return part / whole if whole else None


def figures_of(table: FactTable, tally: QuestionTally | None = None) -> Figures:
    """The figures of all questions together; ``tally`` as in ``figures_by``."""
    return figures_by(table, np.zeros(len(table), dtype=np.int64), 1, tally).together


def figures_by(table: FactTable, groups: Groups, number: int, tally: QuestionTally | None = None) -> Summary:
    """The figures of each of ``number`` groups, in their order, empty ones among them, and of all of them.

    ``tally`` is that of the table, where it is there already.
    """
    added = (tally or QuestionTally(table)).by(groups, number)
    people, everybody = _people(table[Column.CUSTOMER], groups, number)
    spans = _spans(table, groups, number)
    times = _times([one.together() for one in spans])
    in_all: dict[str, Any] = {name: sum(values) for name, values in added.items()}
    together = Figures(**in_all, people=everybody, **{name: value for name, (value,) in times.items()})
    if number == 1:
        return Summary(together, [together])
    return Summary(together, _figures({**added, "people": people, **_times(spans)}))


def _figures(columns: dict[str, list[Any]]) -> list[Figures]:
    rows = zip(*columns.values(), strict=True)
    return [Figures(**dict(zip(columns, values, strict=True))) for values in rows]


def _spans(table: FactTable, groups: Groups, number: int) -> list[Spans]:
    """First response by the clock and, where that is not the same, in business hours; then resolution."""
    columns = [Column.FIRST, Column.FIRST_WORKING, Column.RESOLUTION]
    if np.array_equal(table[Column.FIRST], table[Column.FIRST_WORKING]):
        columns.remove(Column.FIRST_WORKING)
    return [Spans(table[column], groups, number) for column in columns]


def _times(spans: Sequence[Spans]) -> dict[str, list[Any]]:
    first, *working, resolution = spans
    first_median, first_p90 = first.at(5, 9)
    working_median, working_p90 = working[0].at(5, 9) if working else (first_median, first_p90)
    (resolution_median,) = resolution.at(5)
    return {
        "first_response_median_s": first_median,
        "first_response_p90_s": first_p90,
        "working_median_s": working_median,
        "working_p90_s": working_p90,
        "resolution_median_s": resolution_median,
    }


def course_by(
    table: FactTable, groups: Groups, number: int, tally: QuestionTally | None = None
) -> list[CoursePoint]:
    """The course of ``number`` spans of time, by the same definitions as ``figures_by``."""
    added = (tally or QuestionTally(table)).by(groups, number)
    medians = Spans(table[Column.FIRST], groups, number).at(5)[0]
    return [
        CoursePoint(*values) for values in zip(added["questions"], added["answered"], medians, strict=True)
    ]


def satisfaction_by(
    table: FactTable, groups: Groups, number: int, tally: QuestionTally | None = None
) -> list[Satisfaction]:
    """How customers took it in each of ``number`` groups, by the same definitions as ``figures_by``."""
    added = (tally or QuestionTally(table)).by(groups, number)
    said = _figures({name: added[name] for name in BY_CODE})
    names = ("questions", "satisfied", "unsatisfied", "upset", "upset_then_thankful")
    return [Satisfaction(*values) for values in zip(*(added[name] for name in names), said, strict=True)]


def _people(customers: NDArray[np.int64], groups: Groups, number: int) -> tuple[list[int], int]:
    """How many different customers each group has, and all of them together.

    The group's number takes the place of the last bits of the customer's, so that one sort is enough: the
    rest tells customers apart as surely.
    """
    if number == 1:
        ordered = np.sort(customers)
        everybody = int(np.count_nonzero(_is_new(ordered)))
        return [everybody], everybody
    bits = number.bit_length()
    lowest = (1 << bits) - 1
    pairs = np.sort((customers & ~lowest) | groups)
    counts: list[int] = np.bincount(pairs[_is_new(pairs)] & lowest, minlength=number).tolist()
    return counts, int(np.count_nonzero(_is_new(pairs >> bits)))


def _is_new(ordered: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which numbers are others than the one before."""
    is_new = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=is_new[1:])
    return is_new
