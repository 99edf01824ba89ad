"""What customers say of how it went when they are asked: scores, what they count as, and how sure that is."""

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

ENOUGH_ANSWERS = 10
"""Of fewer answers no share and no NPS is told: one customer would move it by more than ten points."""
_Z = 1.959964
"""The standard normal's 97.5th percentile: 95 in 100 such intervals hold the true value."""
_ADDED, _ADDED_AT_AN_END = 3.0, 0.75
_SCORED = {"csat": 10, "nps": 20}
"""Where the codes of scores begin."""
NOT_ASKED = 0
CODES = 32
"""Every code is below."""


class SurveyKind(StrEnum):
    """Which question is asked, and from which number to which it is answered."""

    CSAT = "csat"
    """How well did we help you?"""
    NPS = "nps"
    """How likely would you recommend us?"""

    @property
    def low(self) -> int:
        """The lowest number that it can be answered with."""
        return _SCALES[self][0]

    @property
    def high(self) -> int:
        """The highest."""
        return _SCALES[self][1]

    @property
    def scale(self) -> range:
        """The numbers that it can be answered with."""
        return range(self.low, self.high + 1)


_SCALES = {SurveyKind.CSAT: (1, 5), SurveyKind.NPS: (0, 10)}
GOOD = {SurveyKind.CSAT: 4, SurveyKind.NPS: 9}
"""The lowest score of who is content (CSAT), or a promoter (NPS)."""
BAD = {SurveyKind.CSAT: 2, SurveyKind.NPS: 6}
"""The highest score of who is not, or a detractor."""


def survey_code(kind: SurveyKind | None, score: int | None) -> int:
    """One number for what came of asking: ``NOT_ASKED``, asked (1 or 2), or the score itself."""
    if kind is None:
        return NOT_ASKED
    return 1 + list(SurveyKind).index(kind) if score is None else _SCORED[kind] + score


def asked_codes(kind: SurveyKind) -> frozenset[int]:
    """The codes of everybody who was asked this."""
    return frozenset({survey_code(kind, None), *scored_codes(kind, kind.low, kind.high)})


def scored_codes(kind: SurveyKind, low: int, high: int) -> frozenset[int]:
    """The codes of the scores from ``low`` to ``high``."""
    return frozenset(survey_code(kind, score) for score in range(low, high + 1))


def needs_look(kind: SurveyKind, score: int, *, has_words: bool) -> bool:
    """Whether somebody should look: a customer is not content, or a detractor says why."""
    return score <= BAD[kind] and (kind is SurveyKind.CSAT or has_words)


@dataclass(frozen=True, slots=True)
class PromoterScore:
    """The Net Promoter Score, -100 to 100, and the ends of its 95 % confidence interval."""

    score: float
    low: float
    high: float


def promoter_score(promoters: int, detractors: int, answers: int) -> PromoterScore | None:
    """Promoters less detractors, of 100 answers; None where there are too few to tell.

    The interval is the adjusted Wald one: three answers are added, of which three quarters of one stand at
    either end. B. Rocks, "Interval Estimation for the 'Net Promoter Score'", The American Statistician 70
    (2016), 365-372, found it near its nominal coverage also for small samples, where the plain one is not.
    """
    if answers < ENOUGH_ANSWERS:
        return None
    number = answers + _ADDED
    above = (promoters + _ADDED_AT_AN_END) / number
    below = (detractors + _ADDED_AT_AN_END) / number
    middle = above - below
    half = _Z * sqrt((above + below - middle**2) / number)
    return PromoterScore(
        100 * (promoters - detractors) / answers,
        100 * max(middle - half, -1.0),
        100 * min(middle + half, 1.0),
    )
