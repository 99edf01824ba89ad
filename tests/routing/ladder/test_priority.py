"""Which questions go first, and why."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from routing.ladder.priority import urgency
from routing.model.domain import Question

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
QUESTION = Question(1, "@brand how do I pair the remote?", NOW)


def value(text="", now=NOW, **more):
    return urgency(replace(QUESTION, **({"text": text} if text else {}), **more), now).value


def test_a_usual_question_is_usual():
    assert urgency(QUESTION, NOW) == type(urgency(QUESTION, NOW))(0, ())


@pytest.mark.parametrize(
    "text",
    [
        "my charger caught fire",
        "my account was hacked",
        "Mein Konto wurde gehackt",
        "ma carte a été volé, c'est une arnaque",
        "me han robado la cuenta, es un fraude",
    ],
)
def test_danger_and_loss_are_hurried(text):
    assert value(text) >= 2


@pytest.mark.parametrize(
    "text",
    [
        "worst service ever",
        "WHERE IS MY PARCEL IT IS LATE AGAIN",
        "still broken!!!",
        "😡 still broken",
        "Das ist eine Frechheit",
        "need this asap",
        "d'urgence svp",
    ],
)
def test_an_upset_or_urgent_tone_counts(text):
    assert value(text) >= 1


@pytest.mark.parametrize(
    "text", ["OK THX", "hello, the hellish weather", "my TV and PS4", "a smokey-looking hackathon theme"]
)
def test_chance_likeness_does_not_count(text):
    assert value(text) == 0


def test_waiting_reach_and_asking_again_count():
    assert value(now=NOW + timedelta(minutes=31)) == 1
    assert value(now=NOW + timedelta(hours=6)) == 2
    assert value(reach=10_000) == 1
    assert value(reach=5_000_000) == 2
    assert value(round=1, reopened_at=NOW) == 1
    assert value(round=1, reopened_at=NOW + timedelta(hours=9), now=NOW + timedelta(hours=9)) == 1


def test_the_reasons_are_told():
    found = urgency(replace(QUESTION, text="HACKED!!! urgent", reach=20_000), NOW)
    assert found.value == 5
    assert found.reasons == (
        "danger, loss or fraud",
        "says that it is urgent",
        "the customer is upset",
        "many people may see it",
    )
