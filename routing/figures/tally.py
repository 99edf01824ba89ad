"""What adds up: how many questions of each group are of which kind, counted in one go for any groups."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from routing.figures.columns import Column, FactTable
from routing.figures.history import NOTHING, Flag
from routing.figures.survey import BAD, CODES, GOOD, SurveyKind, asked_codes, scored_codes

TEN_MINUTES = 600
AN_HOUR = 3_600
Groups = NDArray[np.int64]
"""The number of its group for each question, [question]."""
_BY_FLAG = {
    "questions": NOTHING,
    "answered": Flag.ANSWERED,
    "settled": Flag.SETTLED,
    "satisfied": Flag.SATISFIED,
    "unsatisfied": Flag.UNSATISFIED,
    "reused": Flag.REUSED,
    "doubled": Flag.DOUBLED,
    "contradicted": Flag.CONTRADICTED,
    "retracted": Flag.RETRACTED,
    "backlog": Flag.WAITING,
    "settled_in_public": Flag.SETTLED | Flag.ANSWERED,
    "upset": Flag.UPSET,
    "upset_then_thankful": Flag.UPSET | Flag.SATISFIED,
}
"""What is counted by flags alone: of which questions all of them are true."""
BY_CODE = {
    "csat_asked": asked_codes(SurveyKind.CSAT),
    "csat_answers": scored_codes(SurveyKind.CSAT, SurveyKind.CSAT.low, SurveyKind.CSAT.high),
    "csat_good": scored_codes(SurveyKind.CSAT, GOOD[SurveyKind.CSAT], SurveyKind.CSAT.high),
    "nps_asked": asked_codes(SurveyKind.NPS),
    "nps_answers": scored_codes(SurveyKind.NPS, SurveyKind.NPS.low, SurveyKind.NPS.high),
    "promoters": scored_codes(SurveyKind.NPS, GOOD[SurveyKind.NPS], SurveyKind.NPS.high),
    "detractors": scored_codes(SurveyKind.NPS, SurveyKind.NPS.low, BAD[SurveyKind.NPS]),
}
"""What is counted of what customers say of how it went: which codes count."""
_BY_SPEED = {"within_10_min": 1, "within_1_h": 2, "responses": 3}
"""What is counted of how soon the first response came: up to which class of speed."""
_SURVEYS, _SPEEDS = sum(Flag) + 1, (sum(Flag) + 1) * CODES
_KINDS = _SPEEDS * 4


class QuestionTally:
    """Counts the questions of a table. Each is of a kind: its flags, what its customer said, and how soon.

    Of all kinds that there could be a few dozen are there, so that counts of groups stay small, also where
    there are thousands of groups.
    """

    def __init__(self, table: FactTable) -> None:
        """The columns ``FLAGS``, ``SURVEY``, ``FIRST`` and ``OFFERS`` are needed."""
        first = table[Column.FIRST]
        kinds = (first > TEN_MINUTES).astype(np.int32)
        kinds += first > AN_HOUR
        kinds += 1
        kinds *= first >= 0
        kinds *= CODES
        kinds += table[Column.SURVEY]
        kinds *= _SURVEYS
        kinds += table[Column.FLAGS]
        there = np.bincount(kinds, minlength=_KINDS) > 0
        self._kinds = np.flatnonzero(there)
        self._of_questions = (np.cumsum(there) - 1)[kinds]
        self._offers = table[Column.OFFERS]
        self._weights = {name: is_one.astype(np.int64) for name, is_one in self._meanings().items()}

    def by(self, groups: Groups, number: int) -> Mapping[str, list[int]]:
        """How many questions each of ``number`` groups has of everything, and how many offers, by name."""
        width = len(self._kinds)
        cells = self._of_questions
        if number > 1:
            cells = cells + groups * width
        counts = np.bincount(cells, minlength=number * width).reshape(number, width)
        found = {name: (counts @ weights).tolist() for name, weights in self._weights.items()}
        if number == 1:
            return found | {"offers": [int(self._offers.sum())]}
        offers = np.bincount(groups, weights=self._offers, minlength=number).astype(np.int64).tolist()
        return found | {"offers": offers}

    def _meanings(self) -> Mapping[str, NDArray[np.bool_]]:
        """Which kinds count as what."""
        speeds, rest = np.divmod(self._kinds, _SPEEDS)
        codes, flags = np.divmod(rest, _SURVEYS)
        return {
            **{name: (flags & int(wanted)) == int(wanted) for name, wanted in _BY_FLAG.items()},
            **{name: np.isin(codes, list(wanted)) for name, wanted in BY_CODE.items()},
            **{name: (speeds > 0) & (speeds <= most) for name, most in _BY_SPEED.items()},
        }
