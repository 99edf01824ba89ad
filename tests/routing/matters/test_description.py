"""A matter is told by its most representative question and the words that set it apart."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.matters.description import describe, distinguishing_words, medoid, most_of, shared_words
from routing.matters.frame import unit
from routing.model.text import SaidText


def test_the_question_in_the_middle_represents_the_matter() -> None:
    angles = np.radians([0, 40, 20, 90])
    assert medoid(np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)) == 1


def test_of_equal_questions_the_first_does() -> None:
    assert medoid(np.ones((3, 2), np.float32)) == 0


@given(st.integers(0, 1000), st.integers(1, 12))
def test_it_is_the_one_with_the_largest_mean_likeness(seed: int, count: int) -> None:
    vectors = unit(np.random.default_rng(seed).normal(size=(count, 4)).astype(np.float32))
    likeness = vectors @ vectors.T
    np.fill_diagonal(likeness, 0)
    assert likeness.sum(axis=1)[medoid(vectors)] == pytest.approx(likeness.sum(axis=1).max(), abs=1e-4)


def test_without_questions_there_is_none() -> None:
    with pytest.raises(ValueError, match="without questions"):
        medoid(np.zeros((0, 2), np.float32))


ELSEWHERE = Counter({"card": 900, "account": 800, "app": 500, "transfer": 60, "zebra": 1})
QUESTIONS = [["card", "transfer", "late"], ["transfer", "late", "card"], ["late", "transfer", "typo"]] * 4


def test_words_that_are_frequent_here_and_rare_elsewhere_come_first() -> None:
    words = [one.word for one in distinguishing_words(QUESTIONS, ELSEWHERE)]
    assert words[:2] == ["late", "transfer"]
    assert "card" not in words


def test_a_word_counts_once_in_a_question() -> None:
    """Given one who repeats a word, then it is no more of the matter's than said once."""
    loud = [["late", "now"] + ["now"] * 50, *QUESTIONS]
    assert distinguishing_words(loud, ELSEWHERE) == distinguishing_words(
        [["late", "now"], *QUESTIONS], ELSEWHERE
    )


def test_a_rare_word_of_one_question_is_not_what_the_matter_is_about() -> None:
    words = {one.word: one.score for one in distinguishing_words(QUESTIONS, ELSEWHERE, count=10)}
    once = {one.word: one.score for one in distinguishing_words([*QUESTIONS, ["slip"]], ELSEWHERE, count=10)}
    assert once.get("slip", 0.0) < words["late"] / 2


def test_the_order_of_questions_does_not_count_and_few_are_named() -> None:
    assert distinguishing_words(QUESTIONS, ELSEWHERE, 1) == distinguishing_words(
        QUESTIONS[::-1], ELSEWHERE, 1
    )
    assert distinguishing_words([], ELSEWHERE) == ()


def said(*texts: str, who: str = "") -> list[SaidText]:
    return [SaidText(text, "en", who or number) for number, text in enumerate(texts)]


HERE = said(
    "@brand the streaming is down again",
    "Streaming down since noon, my account is jane",
    "is the streaming service down?",
    "why is streaming down",
)
BESIDE = said(*["my account shows the wrong card", "where is the app for my card"] * 40)


def test_a_matter_is_described_in_words_as_its_customers_spell_them() -> None:
    found = describe(HERE, BESIDE)
    assert found.words[:2] == ("streaming", "down") or found.words[:2] == ("down", "streaming")
    assert found.typical == 3


def test_what_one_alone_wrote_is_not_told() -> None:
    assert "jane" not in describe(HERE, BESIDE).words
    assert describe(said("my code is 4711", "the code 4711", who="sam"), BESIDE).words == ()


def test_nothing_said_is_described_by_nothing() -> None:
    found = describe([], BESIDE)
    assert (found.words, found.typical) == ((), None)


def test_what_most_are_is_told_where_others_are_not() -> None:
    assert most_of(["es"] * 8 + ["en"] * 2, ["en"] * 90 + ["es"] * 10) == "es"
    assert most_of(["en"] * 10, ["en"] * 100) is None, "everybody is"
    assert most_of(["es"] * 5 + ["en"] * 5, ["en"] * 100) is None, "half are not most"
    assert most_of(["es"] * 2, ["en"] * 100) is None, "two are nobody"
    assert most_of(["es"] * 8, []) is None, "nobody to compare with"
    assert most_of([None] * 6 + ["es"] * 3, ["en"] * 100) is None, "of most nobody knows"
    assert most_of([], []) is None


def test_a_word_is_shared_when_half_of_the_people_used_it() -> None:
    here = [SaidText(f"lamp dark on firmware twelve{' kitchen' * (n < 4)}", "en", n) for n in range(10)]
    elsewhere = [SaidText("lamp dark and flickers", "en", 100 + n) for n in range(40)]
    assert set(shared_words(here, elsewhere)) >= {"firmware", "twelve"}
    assert not {"kitchen", "lamp"} & set(shared_words(here, elsewhere))
