"""B-cubed by its definition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.evaluation.clusters import b_cubed

LABELS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=12)


def test_a_known_example() -> None:
    figures = b_cubed("aaabb", [1, 1, 2, 2, 2])
    assert figures.precision == pytest.approx((1 + 1 + 1 / 3 + 2 / 3 + 2 / 3) / 5)
    assert figures.recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5)
    assert figures.f1 == pytest.approx(
        2 * figures.precision * figures.recall / (figures.precision + figures.recall)
    )


@given(LABELS)
def test_it_is_what_its_definition_says(pairs: list[tuple[int, int]]) -> None:
    precision = recall = 0.0
    for known, found in pairs:
        cluster = [each for each in pairs if each[1] == found]
        of_class = [each for each in pairs if each[0] == known]
        both = [each for each in pairs if each == (known, found)]
        precision += len(both) / len(cluster) / len(pairs)
        recall += len(both) / len(of_class) / len(pairs)
    figures = b_cubed([known for known, _ in pairs], [found for _, found in pairs])
    assert (figures.precision, figures.recall) == (pytest.approx(precision), pytest.approx(recall))


@given(LABELS)
def test_names_do_not_count(pairs: list[tuple[int, int]]) -> None:
    known, found = [one for one, _ in pairs], [two for _, two in pairs]
    assert b_cubed(known, found) == b_cubed([f"k{one}" for one in known], [f"f{two}" for two in found])
