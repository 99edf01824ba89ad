"""What an answer counts is what it counts by how it turned out at last, whatever was thought of it before."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.experts.experts import Component, Experts, PastQuestion, Query
from routing.experts.growable import AdjacencyLists
from routing.model.domain import Outcome, PastAnswer

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
ANN, BEN = 11, 22
BOTH = np.array([ANN, BEN])
HUM = "the frobnicator hums"
TURNS = (Outcome.SOLVED, Outcome.CORRECTED, Outcome.WRONG)


def told(*turns: Outcome, refiled: int | None = None, kept: bool = True) -> Experts:
    """Ann answered a question and it turned out so, one after the other; Ben answered something else.

    ``refiled`` moves the question to another topic after so many of these. Without ``kept`` the model goes
    through its bytes after each step.
    """
    experts = Experts()

    def again(model: Experts) -> Experts:
        return model if kept else Experts.from_bytes(model.to_bytes())

    asked = PastQuestion(1, NOW - timedelta(days=3), HUM, topics=("hum",))
    other = PastQuestion(2, NOW - timedelta(days=3), "the gizmo blinks", topics=("gizmo",))
    for question, who in ((asked, ANN), (other, BEN)):
        experts.learn(question, PastAnswer(question.id, who, question.asked_at, "", question.topics))
    for number in range(len(turns) + 1):
        if number == refiled:
            experts.refile(replace(asked, topics=("noise",)))
        if number < len(turns):
            experts = again(experts)
            experts.outcome(1, ANN, turns[number], NOW - timedelta(days=2) + timedelta(hours=number))
    return again(experts)


def evidence(experts: Experts) -> Sequence[Sequence[float]]:
    return [
        [*row]
        for text in (HUM, "the gizmo blinks")
        for row in experts.rank(Query(text), BOTH, NOW).contributions.tolist()
    ]


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("outcome", [Outcome.WRONG, Outcome.CORRECTED])
def test_thanks_for_what_is_shown_wrong_later_speak_for_nobody(outcome: Outcome, kept: bool) -> None:
    thanked = told(Outcome.SOLVED, outcome, kept=kept)
    # the moment of the outcome is that of the second turn in both
    assert evidence(thanked) == pytest.approx(np.array(evidence(told(outcome))), rel=1e-3)


def test_nothing_is_left_of_a_thanked_answer_that_was_wrong() -> None:
    contributions = told(Outcome.SOLVED, Outcome.WRONG).rank(Query(HUM), BOTH, NOW)
    nobody = told(Outcome.WRONG).rank(Query(HUM), BOTH, NOW)
    for component in (Component.TOPICS, Component.TERMS, Component.NEIGHBOURS):
        place = list(contributions.components).index(component)
        assert contributions.contributions[place].tolist() == nobody.contributions[place].tolist()


def test_thanks_are_counted_once_for_an_answer() -> None:
    assert evidence(told(Outcome.SOLVED, Outcome.SOLVED)) == evidence(told(Outcome.SOLVED))


@pytest.mark.parametrize("worst", [Outcome.WRONG, Outcome.CORRECTED])
def test_thanks_after_it_was_put_right_are_not_for_it(worst: Outcome) -> None:
    late, never = told(worst, Outcome.SOLVED), told(worst)
    for component in (Component.TOPICS, Component.TERMS):
        found = [one.rank(Query(HUM), BOTH, NOW) for one in (late, never)]
        place = list(found[0].components).index(component)
        assert found[0].contributions[place].tolist() == found[1].contributions[place].tolist()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(TURNS[:2]), max_size=4), st.data())
def test_a_question_takes_along_all_that_its_answers_count_to_another_topic(
    turns: list[Outcome], data: st.DataObject
) -> None:
    when = data.draw(st.integers(0, len(turns)))
    ends = [told(*turns, refiled=number) for number in (0, when)]
    assert np.array(evidence(ends[0])) == pytest.approx(np.array(evidence(ends[1])), rel=1e-5)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(TURNS), min_size=1, max_size=5))
def test_what_counts_in_the_topic_is_how_it_turned_out_at_worst(turns: list[Outcome]) -> None:
    worst = max(turns, key=TURNS.index)
    found = [each.rank(Query(HUM), BOTH, NOW) for each in (told(*turns), told(worst))]
    place = list(found[0].components).index(Component.TOPICS)
    assert found[0].contributions[place] == pytest.approx(found[1].contributions[place], rel=1e-5)


def test_an_answer_that_was_wrong_is_no_example_for_the_weights() -> None:
    experts = told()
    question = PastQuestion(7, NOW, HUM, topics=("hum",))
    experts.rank(Query(HUM), BOTH, NOW, train_as=7)
    experts.learn(question, PastAnswer(7, BEN, NOW, "", ("hum",)))
    [example] = experts._examples.values()
    assert example.answered.tolist() == [False, True]
    experts.outcome(7, BEN, Outcome.WRONG, NOW)
    assert example.answered.tolist() == [False, False]


def test_who_answered_one_question_is_the_same_alone_and_among_many() -> None:
    lists = AdjacencyLists()
    for owner, item in ((0, 7), (2, 8), (0, 9), (2, 7), (0, 8)):
        lists.add(owner, item, at=0.0)
    lists.remove(2, 1)
    positions, entries = lists.gather(np.array([0, 1, 2, 3]))
    for owner in range(4):
        assert list(lists.entries(owner)) == entries[positions == owner].tolist()
    assert [lists.of(owner) for owner in range(4)] == [[8, 9, 7], [], [7], []]
