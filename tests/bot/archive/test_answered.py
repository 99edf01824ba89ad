"""Answered before? Probabilities that entries answer a question, and what feedback does to them."""

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from bot.archive.answered import SHOW_FROM, AnsweredBefore, probability_of, typed_question
from bot.archive.calibration import Calibration, Feedback, calibrated
from bot.archive.lexical.index import Index
from bot.archive.lexical.query import Filters
from bot.archive.memory_source import MemorySource, plain_document
from bot.archive.ranking import Archive
from bot.archive.semantic.embedding_model import EmbeddingModel
from bot.archive.semantic.vector_index import VectorReplica

ENTRIES = [
    plain_document(1, "No picture on the TV after the update", "Unplug it for a minute.", topic="tv"),
    plain_document(2, "How do I send a parcel back?", "Print the label and hand it in."),
    plain_document(3, "Error KX-4711 on the dishwasher", "Clean the filter."),
    plain_document(4, "Error KX-4712 on the dishwasher", "Call the service."),
    plain_document(5, "Can I change my delivery address?", "Yes, in your account."),
    plain_document(6, "The remote control does not work", "Change its batteries."),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    opened = Index(tmp_path_factory.mktemp("index"), MemorySource(ENTRIES))
    opened.follow()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def meant(index: Index) -> Archive:
    meaning = EmbeddingModel.load()
    if meaning is None:
        pytest.skip("the meaning extra is not installed")
    vectors = VectorReplica(index.source, meaning)
    while vectors.follow():
        pass
    return Archive(index, vectors)


@pytest.fixture(scope="module")
def with_meaning(meant: Archive) -> AnsweredBefore:
    return AnsweredBefore(meant)


TITLES = {document.entry_id: document.title for document in ENTRIES}


@pytest.mark.parametrize(
    "query",
    [
        "how do I send back a parcel",
        "tv has no picture after update",
        "error KX-4711 dishwasher",
        "pizza stone",
    ],
)
@pytest.mark.parametrize("meaning", [True, False])
def test_a_search_tells_the_likely_answer_without_ranking_again(
    index: Index, query: str, meaning: bool, request: pytest.FixtureRequest
) -> None:
    asked = request.getfixturevalue("with_meaning") if meaning else AnsweredBefore(Archive(index))
    archive = request.getfixturevalue("meant") if meaning else Archive(index)
    best = asked.probability(query)[:1]
    told = [each.entry_id for each in best if each.probability >= SHOW_FROM]
    assert asked.among(archive.search(query), TITLES) == (told[0] if told else None)


cosine = st.floats(-1, 1)


@given(st.floats(0, 2), st.floats(-2, 2), st.sampled_from([0.0, 1.0]), cosine, cosine, cosine)
def test_no_other_title_makes_an_entry_likelier_than_what_it_is_passed_over_by(
    words: float, ahead: float, unnamed: float, entry: float, title: float, other: float
) -> None:
    said = (1.0, words, ahead, unnamed, entry)
    assert probability_of((*said, title, title - other)) <= probability_of((*said, title, title - 1.0))
    assert probability_of((*said, title, title - 1.0)) <= probability_of((*said, 1.0, 0.0))


def test_where_no_entry_can_be_the_answer_by_its_own_title_no_other_title_is_embedded(
    meant: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = meant.search("error on the dishwasher")
    embedded: list[str] = []
    embeddings_of = meant.embeddings_of

    def noted(texts: Sequence[str]) -> list[NDArray[np.float32]] | None:
        embedded.extend(texts)
        return embeddings_of(texts)

    monkeypatch.setattr(meant, "embeddings_of", noted)
    titles = {each.entry_id: f"Quite another thing {each.entry_id}" for each in found.best}
    assert AnsweredBefore(meant).among(found, titles) is None
    assert embedded == ["error on the dishwasher", titles[4], titles[3]], "of five"
    assert AnsweredBefore(meant).among(found, TITLES) == 4
    assert {TITLES[each.entry_id] for each in found.best} <= set(embedded)


def test_the_same_question_in_other_words_is_likely_answered(with_meaning: AnsweredBefore) -> None:
    best = with_meaning.probability("@brand since the last update my tv has no picture https://t.co/x")[0]
    assert best.entry_id == 1
    assert best.probability > 0.5


def test_a_new_question_is_unlikely_to_be_answered(with_meaning: AnsweredBefore) -> None:
    found = with_meaning.probability("does the oven come with a pizza stone?")
    assert all(each.probability < 0.2 for each in found)


def test_another_model_number_is_another_question(with_meaning: AnsweredBefore) -> None:
    same = with_meaning.probability("my dishwasher shows error KX-4711")[0]
    other = with_meaning.probability("my dishwasher shows error KX-9999")[0]
    assert same.entry_id == 3
    assert same.probability > 0.5
    assert other.probability < 0.3


def test_without_meaning_words_prove_little_and_the_probabilities_say_so(index: Index) -> None:
    by_words = AnsweredBefore(Archive(index))
    assert by_words.probability("my tv is broken")[0].probability < 0.3
    assert by_words.probability("No picture on the TV after the update")[0].probability > 0.5
    assert by_words.probability("qxzvbn") == []
    assert by_words.probability("@brand https://example.org") == []


def test_filters_and_limit_are_kept(with_meaning: AnsweredBefore) -> None:
    found = with_meaning.probability("no picture on my tv", filters=Filters(topic="tv"))
    assert [each.entry_id for each in found] == [1]
    assert len(with_meaning.probability("error on the dishwasher", limit=1)) == 1


def test_the_likeliest_comes_first(with_meaning: AnsweredBefore) -> None:
    chances = [each.probability for each in with_meaning.probability("dishwasher error", limit=5)]
    assert chances == sorted(chances, reverse=True)
    assert all(0.0 <= each <= 1.0 for each in chances)


def test_a_long_post_with_quotation_marks_is_a_question_like_any_other(with_meaning: AnsweredBefore) -> None:
    assert typed_question('it says "no picture" @brand ' * 100).phrases == ()
    assert with_meaning.probability('it says "no picture at all" on my tv after the update')[0].entry_id == 1


def test_no_feedback_changes_nothing() -> None:
    assert calibrated([]) == Calibration()
    assert Calibration().applied(0.3) == pytest.approx(0.3)


def test_suggestions_that_never_help_lose_their_probability() -> None:
    learnt = calibrated([Feedback(0.9, answered=False)] * 50)
    assert learnt.applied(0.9) < 0.2


@pytest.mark.parametrize("said", [0.9, 0.95, 0.99, 1.0])
def test_the_surer_a_useless_suggestion_was_the_more_is_learnt_from_it(said: float) -> None:
    assert calibrated([Feedback(said, answered=False)] * 50).applied(said) < 0.2


def test_feedback_that_turns_the_order_around_only_levels_it() -> None:
    learnt = calibrated([Feedback(0.95, answered=False)] * 50 + [Feedback(0.55, answered=True)] * 50)
    assert learnt.applied(0.55) <= learnt.applied(0.95)
    assert learnt.applied(0.75) == pytest.approx(0.5, abs=0.1)


def test_feedback_that_agrees_changes_little() -> None:
    learnt = calibrated([Feedback(0.8, answered=number % 5 != 0) for number in range(200)])
    assert learnt.applied(0.8) == pytest.approx(0.8, abs=0.03)


def test_a_little_feedback_changes_a_little() -> None:
    assert 0.5 < calibrated([Feedback(0.9, answered=False)] * 2).applied(0.9) < 0.9


@given(
    cases=st.lists(st.tuples(st.floats(0.0, 1.0), st.booleans()), max_size=30),
    one=st.floats(0.0, 1.0),
    other=st.floats(0.0, 1.0),
)
def test_calibration_keeps_the_order_and_the_range(
    cases: list[tuple[float, bool]], one: float, other: float
) -> None:
    learnt = calibrated([Feedback(said, answered) for said, answered in cases])
    low, high = sorted((learnt.applied(one), learnt.applied(other)))
    assert 0.0 <= low <= high <= 1.0
    if one < other:
        assert learnt.applied(one) <= learnt.applied(other)
