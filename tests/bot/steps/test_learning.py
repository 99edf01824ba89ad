"""The model learns from every answer as it is published, and starts again from its snapshot."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bot.actions.conversations import decide
from bot.actions.people import topics as house_topics
from bot.steps.learning.learner import Learner
from bot.store import rows
from bot.store.engine import Database
from bot.store.tables.conversations import QuestionRow
from bot.store.topics import named
from routing.experts.experts import Query
from routing.experts.weights import FeatureWeights, TrainingExample
from tests.conftest import FakeClock
from tests.house import House


@pytest.fixture
def house(sqlite_database: Database, clock: FakeClock) -> House:
    house = House(sqlite_database, clock)
    topic = house.topic("tv", "TV", "picture")
    house.employee("Jane Doe", topic)
    house.employee("Ravi Kumar", topic)
    return house


def answer(house: House, number: int) -> None:
    question = house.post(f"customer_{number}", f"@brand no picture on channel {number}")
    house.work()
    house.post("jane", f"Scan for channel {number} again. #chorus", question)
    house.work()


def test_an_answer_is_known_to_the_next_question(house: House) -> None:
    answer(house, 1)
    answer(house, 2)
    house.post("kim", "@brand no picture on channel 3")
    house.work()
    reasons = {
        offer.employee_id: [reason["text"] for reason in offer.reasons] for offer in house.offers()[-2:]
    }
    assert any("answered" in text for text in reasons[1])
    assert not any("answered" in text for text in reasons[2])


def test_the_weights_are_fitted_once_enough_was_answered_and_nobody_waits_for_that(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.steps.learning.learner._FITTED_AFTER", 3)
    heavier = FeatureWeights(np.full_like(FeatureWeights.default().values, 2.0))
    learner = house.steps.learner
    held: list[bool] = []

    def fitted(_self: FeatureWeights, _examples: Sequence[TrainingExample]) -> FeatureWeights:
        held.append(learner._lock.locked())
        return heavier

    monkeypatch.setattr(FeatureWeights, "fitted", fitted)
    for number in range(2):
        answer(house, number)
    house.worker.run_once("learn")
    assert held == []
    for number in range(2, 4):
        answer(house, number)
    house.worker.run_once("learn")
    house.worker.run_once("learn")
    assert held == [False]
    with learner.lend() as experts:
        assert experts is not None
        assert experts.weights is heavier


def test_a_snapshot_saves_learning_again_and_a_damaged_one_is_learned_anew(
    house: House, tmp_path: Path
) -> None:
    file = tmp_path / "experts.snapshot"
    answer(house, 1)
    first = Learner(house.database, file)
    assert first.follow() > 0
    first.save()
    assert Learner(house.database, file).follow() == 0
    file.write_bytes(file.read_bytes()[:-20])
    assert Learner(house.database, file).follow() > 0


def test_what_the_ladder_judges_anew_is_known_of_what_was_learned(house: House) -> None:
    answer(house, 1)
    kept, anew = Learner(house.database), Learner(house.database)
    kept.follow()
    with house.database.write() as session:
        tv = named.by_slug(session, "tv")
        assert tv is not None
        tv.keywords = ["sound"]
        house_topics.add_topic(session, "screens", "Screens", keywords=["picture"], now=house.clock())
        decide.ask_again(session, rows.one(session, QuestionRow, 1), house.clock())
    house.work()
    assert house.questions()[0].main_topic == "screens"
    for learner in (kept, anew):
        learner.follow()
        with learner.lend() as experts:
            assert experts is not None
            [topic] = experts.predict_topics(Query("no picture on channel", (), "en"), house.clock())
            assert topic.slug == "screens"
