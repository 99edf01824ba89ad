"""Questions as vectors: by meaning, by words, and with the entry that answers them."""

import numpy as np
import pytest

from routing.matters.features import Features, GatheredQuestion, comparable


def test_handles_and_links_do_not_count() -> None:
    assert comparable("@brand my box https://example.com/x is  dead") == "my box is dead"


def test_by_meaning_the_likeness_is_that_of_the_embeddings() -> None:
    features = Features(2)
    one = features.vector(GatheredQuestion(1, vector=np.array([1, 0], np.float32)))
    other = features.vector(GatheredQuestion(2, vector=np.array([0.6, 0.8], np.float32)))
    assert float(one @ other) == pytest.approx(0.6)


@pytest.mark.parametrize("vector", [None, np.ones(3, np.float32)])
def test_without_a_fitting_embedding_there_is_no_meaning(vector: np.ndarray | None) -> None:
    with pytest.raises(ValueError, match="question 7 has no embedding of 2 dimensions"):
        Features(2).vector(GatheredQuestion(7, vector=vector))


def test_rare_words_weigh_more_than_common_ones() -> None:
    features = Features(None)
    for number in range(50):
        features.count(GatheredQuestion(number, ["router", f"word{number}"]))
    base = features.vector(GatheredQuestion(1, ["router", "blinking"]))
    common = features.vector(GatheredQuestion(2, ["router", "invoice"]))
    rare = features.vector(GatheredQuestion(3, ["blinking", "invoice"]))
    assert float(base @ rare) > float(base @ common) + 0.2


def test_the_order_of_words_and_their_repetition_do_not_count() -> None:
    features = Features(None)
    one = features.vector(GatheredQuestion(1, ["a", "b", "b"]))
    assert np.allclose(one, features.vector(GatheredQuestion(2, ["b", "a"])))


def test_the_same_entry_speaks_for_the_same_matter_and_another_against_it() -> None:
    features = Features(2)
    vectors = np.array([[1, 0], [0.6, 0.8]], np.float32)

    def likeness(first: int | None, second: int | None) -> float:
        one = features.vector(GatheredQuestion(1, vector=vectors[0], entry=first))
        other = features.vector(GatheredQuestion(2, vector=vectors[1], entry=second))
        return float(one @ other)

    assert likeness(5, 5) == pytest.approx((0.6 + 0.25) / 1.25, abs=1e-5)
    assert likeness(5, 6) < likeness(5, None) < likeness(None, None)


def test_a_question_without_words_is_like_no_other() -> None:
    assert not Features(None).vector(GatheredQuestion(1)).any()
