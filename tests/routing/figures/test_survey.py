"""What scores count as, and how sure the NPS is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.figures.survey import (
    CODES,
    NOT_ASKED,
    SurveyKind,
    asked_codes,
    needs_look,
    promoter_score,
    survey_code,
)


def test_every_outcome_has_a_code_of_its_own() -> None:
    every = [survey_code(kind, score) for kind in SurveyKind for score in (None, *kind.scale)]
    assert len({NOT_ASKED, *every}) == len(every) + 1
    assert max(every) < CODES
    assert asked_codes(SurveyKind.CSAT).isdisjoint(asked_codes(SurveyKind.NPS))


def test_the_score_and_its_interval_are_those_of_the_adjusted_wald_method() -> None:
    found = promoter_score(promoters=20, detractors=5, answers=40)
    assert found is not None
    # (20.75 - 5.75) / 43 = 0.348837; sqrt((26.5 / 43 - 0.348837 ** 2) / 43) = 0.107248
    assert found.score == pytest.approx(37.5)
    assert (found.low, found.high) == (pytest.approx(13.8635, abs=1e-3), pytest.approx(55.9039, abs=1e-3))


def test_of_few_answers_nothing_is_said() -> None:
    assert promoter_score(9, 0, 9) is None
    assert promoter_score(9, 0, 10) is not None


@given(st.integers(0, 200), st.integers(0, 200), st.integers(0, 200))
def test_an_interval_lies_within_the_scale_and_turns_with_the_answers(
    above: int, below: int, rest: int
) -> None:
    found = promoter_score(above, below, above + below + rest)
    turned = promoter_score(below, above, above + below + rest)
    if found is None or turned is None:
        return
    assert -100 <= found.low < found.high <= 100
    assert found.score == pytest.approx(-turned.score)
    assert found.low == pytest.approx(-turned.high)


@pytest.mark.parametrize(
    ("kind", "score", "has_words", "looked_at"),
    [
        (SurveyKind.CSAT, 2, False, True),
        (SurveyKind.CSAT, 3, True, False),
        (SurveyKind.NPS, 6, True, True),
        (SurveyKind.NPS, 6, False, False),
        (SurveyKind.NPS, 7, True, False),
    ],
)
def test_who_is_not_content_is_looked_at(
    kind: SurveyKind, score: int, *, has_words: bool, looked_at: bool
) -> None:
    assert needs_look(kind, score, has_words=has_words) is looked_at
