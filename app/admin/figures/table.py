"""Figures as a spreadsheet has them: the columns that others build on."""

from collections.abc import Mapping, Sequence

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


def lines(groups: Sequence[FigureGroup], names: Mapping[str, str]) -> list[list[object]]:
    """A row for each group; ``names`` are said in the place of keys, where there is one."""
    return [[names.get(one.key, one.key), *_cells(one.figures)] for one in groups]


def _cells(figures: Figures) -> list[object]:
    return [_cell(name, getattr(figures, name)) for name in COLUMNS[1:]]


def _cell(name: str, value: float | None) -> object:
    if value is None:
        return ""
    if name.endswith("_share"):
        return round(value, _SHARE_DIGITS)
    return int(value) if value == int(value) else round(value, 1)
