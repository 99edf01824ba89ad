"""Figures as a spreadsheet has them: the columns that others build on."""

from collections.abc import Mapping, Sequence
from operator import attrgetter

from routing.figures.grouping import FigureGroup
from routing.figures.summary import Figures

COLUMNS = (
    "group",
    "questions",
    "people",
    "answered",
    "answered_share",
    "within_10_min_share",
    "within_1_h_share",
    "first_response_median_s",
    "first_response_p90_s",
    "settled",
    "satisfied",
    "unsatisfied",
    "reused",
    "doubled",
    "backlog",
    "csat_share",
    "csat_answers",
    "csat_response_share",
    "nps",
    "nps_low",
    "nps_high",
    "nps_answers",
    "nps_response_share",
    "upset_then_thankful",
)
"""Others' programs rely on these, in this order. What cannot be told is empty."""
_SHARE_DIGITS = 4


def lines(groups: Sequence[FigureGroup], names: Mapping[str, str]) -> list[tuple[object, ...]]:
    """A row for each group; ``names`` are said in the place of keys, where there is one."""
    figures = [one.figures for one in groups]
    called = [names.get(one.key, one.key) for one in groups]
    return list(zip(called, *(_cells(name, figures) for name in COLUMNS[1:]), strict=True))


def _cells(name: str, figures: Sequence[Figures]) -> list[object]:
    """One column: most of it are whole numbers."""
    shown = _share if name.endswith("_share") else _number
    values = map(attrgetter(name), figures)
    return [value if isinstance(value, int) else shown(value) for value in values]


def _share(value: float | None) -> object:
    return "" if value is None else round(value, _SHARE_DIGITS)


def _number(value: float | None) -> object:
    if value is None:
        return ""
    return int(value) if value == int(value) else round(value, 1)
