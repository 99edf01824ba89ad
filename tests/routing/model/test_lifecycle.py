"""A question's life."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.model.domain import QuestionState
from routing.model.lifecycle import Event, Impossible, advance, possible

S, E = QuestionState, Event


def test_the_usual_life():
    state = S.OPEN
    for event in (E.OFFERED, E.ANSWER_STORED, E.PUBLISHED, E.THANKS):
        state = advance(state, event)
    assert state is S.SETTLED


@pytest.mark.parametrize(
    ("state", "event", "following"),
    [
        (S.ANSWERED, E.FOLLOW_UP, S.OPEN),
        (S.SETTLED, E.FOLLOW_UP, S.OPEN),
        (S.DISMISSED, E.ANSWER_STORED, S.ANSWERING),
        (S.DISMISSED, E.RESTORED, S.OPEN),
        (S.OFFERED, E.EXHAUSTED, S.ESCALATED),
        (S.ANSWERING, E.PUBLICATION_FAILED, S.ESCALATED),
        (S.ANSWERING, E.ANSWER_DROPPED, S.OPEN),
        (S.OFFERED, E.FOLLOW_UP, S.OFFERED),
        (S.OPEN, E.PUBLISHED, S.OPEN),
        (S.QUARANTINED, E.RESTORED, S.OPEN),
        (S.ESCALATED, E.CLOSED, S.SETTLED),
    ],
)
def test_turns_that_matter(state, event, following):
    assert advance(state, event) is following


@pytest.mark.parametrize("event", [E.ANSWER_STORED, E.RESTORED, E.FOLLOW_UP, E.OFFERED, E.THANKS, E.CLOSED])
def test_a_withdrawn_question_stays_withdrawn(event):
    with pytest.raises(Impossible, match="final"):
        advance(S.WITHDRAWN, event)


def test_an_impossible_event_says_what_stands_against_it():
    with pytest.raises(Impossible, match="A question that is answered cannot be dismissed: an answer is out"):
        advance(S.ANSWERED, E.DISMISSED)


@given(st.sampled_from(QuestionState), st.sampled_from(Event))
def test_every_pair_has_a_next_state_or_a_reason(state, event):
    if event in possible(state):
        assert advance(state, event) in QuestionState
    else:
        with pytest.raises(Impossible, match="cannot be") as refused:
            advance(state, event)
        assert str(refused.value).endswith(".")


@given(st.lists(st.sampled_from(Event)))
def test_nothing_leads_out_of_withdrawn_and_every_life_can_end(events):
    state, withdrawn = S.OPEN, False
    for event in events:
        if event in possible(state):
            state = advance(state, event)
        withdrawn = withdrawn or state is S.WITHDRAWN
        assert not withdrawn or state is S.WITHDRAWN
    assert withdrawn or advance(state, E.WITHDRAWN) is S.WITHDRAWN


@given(st.sampled_from(QuestionState), st.sampled_from([E.WITHDRAWN, E.POISONED, E.THANKS, E.DISMISSED]))
def test_what_happens_twice_changes_nothing_the_second_time(state, event):
    if event in possible(state):
        once = advance(state, event)
        assert event not in possible(once) or advance(once, event) is once
