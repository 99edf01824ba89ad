import functools
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.experts.experts import Experts, PastQuestion, Query
from routing.experts.snapshot import DamagedSnapshot
from routing.model.domain import Outcome, PastAnswer

START = datetime(2026, 1, 1, tzinfo=UTC)
PEOPLE = np.arange(12)
WORDS = ["router", "wifi", "invoice", "television", "hdmi", "refund", "login", "app"]


def teach(experts: Experts, numbers: range) -> None:
    random = np.random.default_rng(5)
    for number in range(numbers.stop):
        words = random.choice(WORDS, 4)
        vector = random.normal(size=8).astype(np.float32)
        if number not in numbers:
            continue
        at = START + timedelta(hours=number)
        question = PastQuestion(
            1000 - number if number % 7 == 0 else 1000 + number,
            at,
            " ".join(words),
            topics=(str(words[0]),),
            vector=vector / np.linalg.norm(vector),
        )
        experts.learn(question, PastAnswer(question.id, number % 10, at, "", question.topics))
        if number % 5 == 0:
            experts.outcome(question.id, number % 10, Outcome.SOLVED, at)


@functools.cache
def small_snapshot() -> bytes:
    experts = Experts()
    teach(experts, range(10))
    return experts.to_bytes()


def view(experts: Experts) -> np.ndarray:
    query = Query("wifi router login", vector=np.full(8, 8**-0.5, dtype=np.float32))
    return experts.rank(query, PEOPLE, START + timedelta(days=30)).contributions


def test_a_model_comes_back_as_it_was():
    experts = Experts(half_life=timedelta(days=3), vectors_kept=50)
    teach(experts, range(200))
    again = Experts.from_bytes(experts.to_bytes())
    np.testing.assert_array_equal(view(again), view(experts))
    assert again.to_bytes() == experts.to_bytes()


def test_learning_goes_on_after_a_restart_as_if_there_had_been_none():
    straight, stopped = Experts(), Experts()
    teach(straight, range(150))
    teach(stopped, range(90))
    again = Experts.from_bytes(stopped.to_bytes())
    teach(again, range(90, 150))
    np.testing.assert_allclose(view(again), view(straight), rtol=1e-6)


def test_an_empty_model_has_a_snapshot_too():
    again = Experts.from_bytes(Experts().to_bytes())
    assert np.ptp(view(again), axis=1).max() == 0


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda data: b"", "cut short"),
        (lambda data: data[:100], "damaged"),
        (lambda data: data[:-9], "damaged"),
        (lambda data: b"something else entirely" * 10, "no snapshot"),
        (lambda data: data[:14] + b"\x63\x00" + data[16:], "version 99"),
        (lambda data: data[:-200] + bytes([data[-200] ^ 1]) + data[-199:], "damaged"),
    ],
)
def test_a_damaged_snapshot_says_what_is_wrong_and_what_to_do(spoil, says):
    experts = Experts()
    teach(experts, range(30))
    with pytest.raises(DamagedSnapshot, match=says) as caught:
        Experts.from_bytes(spoil(experts.to_bytes()))
    assert "delete it" in str(caught.value)


@settings(max_examples=60)
@given(st.data())
def test_no_altered_byte_goes_unnoticed(data):
    snapshot = bytearray(small_snapshot())
    at = data.draw(st.integers(0, len(snapshot) - 1))
    snapshot[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(DamagedSnapshot):
        Experts.from_bytes(bytes(snapshot))


def test_activity_over_decades_neither_overflows_nor_forgets_the_order():
    experts = Experts(half_life=timedelta(days=1))
    for number in range(300):
        at = START + timedelta(days=40 * number)
        question = PastQuestion(number, at, "wifi router", topics=("wifi",))
        experts.learn(question, PastAnswer(number, number % 3, at, "", ("wifi",)))
    evidence = experts.rank(Query("wifi"), PEOPLE, START + timedelta(days=40 * 300))
    assert np.isfinite(evidence.contributions).all()
    assert evidence.order(1)[0] == 299 % 3
