"""What a question cannot wait for is learned beside routing, which goes by what is declared until then."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlmodel import select

from bot.states import ChangeKind
from bot.steps.learning import learner as learning
from bot.steps.learning.learner import Learner
from bot.steps.learning.process import LearningProcess
from bot.steps.learning.taught_model import TaughtModel
from bot.store import changes
from bot.store.engine import Database
from bot.store.tables.conversations import AnswerRow, QuestionRow
from routing.experts.evidence import Query
from routing.experts.experts import Experts
from routing.model.domain import Outcome
from tests.conftest import FakeClock
from tests.house import House

JANE, RAVI = 1, 2
PAST = 12


@pytest.fixture(autouse=True)
def small_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dozen answers are much, and are learned five at a time."""
    monkeypatch.setattr(learning, "_PAGE", 5)
    monkeypatch.setattr(learning, "_AT_ONCE", 10)


@pytest.fixture
def house(database: Database, clock: FakeClock) -> House:
    house = House(database, clock)
    tv = house.topic("tv", "TV", "picture")
    house.employee("Jane Doe", tv)
    house.employee("Ravi Kumar", tv)
    remember(house, PAST)
    return house


def remember(house: House, count: int) -> None:
    """Answers of Jane's in the database, as an import leaves them, and what came of some."""
    with house.database.write() as session:
        first = len(session.exec(select(QuestionRow.id)).all())
        for number in range(first, first + count):
            at = house.clock() - timedelta(days=30 - number % 30)
            question = QuestionRow(
                platform="local",
                customer_id=f"c{number}",
                customer_handle=f"c{number}",
                text=f"no picture on channel {number}",
                topics=[["tv", 1.0]],
                state="answered",
                asked_at=at,
                due_at=None,
            )
            session.add(question)
            session.flush()
            answer = AnswerRow(
                question_id=question.id,
                employee_id=JANE,
                text="Scan again.",
                state="published",
                written_at=at,
                published_at=at,
                lead=True,
            )
            session.add(answer)
            session.flush()
            changes.append(session, ChangeKind.ANSWER, answer.id, at)
            if number % 4 == 0:
                solved = {"outcome": Outcome.SOLVED, "employee": JANE}
                changes.append(session, ChangeKind.OUTCOME, question.id, at, **solved)


def reasons(house: House) -> str:
    """What the newest offers say of why."""
    newest = house.offers()[-1].question_id
    return " ".join(
        reason["text"] for offer in house.offers() if offer.question_id == newest for reason in offer.reasons
    )


def ask(house: House, name: str) -> None:
    house.post(name, f"@brand no picture on channel {name}")
    house.worker.run_until_idle("intake", "route")


def view(learner: Learner) -> np.ndarray:
    with learner.lend() as experts:
        assert experts is not None
        return opinion(experts)


def opinion(experts: Experts) -> np.ndarray:
    now = FakeClock()() + timedelta(days=1)
    return experts.rank(Query("no picture on channel 3"), np.array([JANE, RAVI]), now).contributions


def learn_to_the_end(learner: Learner) -> None:
    while learner.catch_up():
        pass


def test_offers_are_made_by_what_is_declared_while_the_past_is_learned(house: House) -> None:
    house.steps.learner.catch_up()
    house.steps.learner.catch_up()
    assert house.steps.learner.share == pytest.approx(5 / 15)
    ask(house, "kim")
    assert len(house.offers()) == 2
    assert "answered" not in reasons(house)
    learn_to_the_end(house.steps.learner)
    ask(house, "sam")
    assert "answered" in reasons(house)


def test_the_model_is_there_whole_or_not_at_all(house: House) -> None:
    learner = house.steps.learner
    shares = []
    while learner.share is not None or not shares:
        learner.catch_up()
        with learner.lend() as experts:
            shares.append(learner.share)
            assert (experts is None) == (learner.share is not None)
    assert shares == [0.0, pytest.approx(5 / 15), pytest.approx(10 / 15), 1.0, None]


def test_what_comes_in_meanwhile_is_learned_too_and_as_if_all_had_been_learned_in_one_go(
    house: House,
) -> None:
    house.steps.learner.catch_up()
    house.steps.learner.catch_up()
    remember(house, 7)
    learn_to_the_end(house.steps.learner)
    straight = TaughtModel.load(None, house.database)
    straight.take_in(house.database, 1_000)
    np.testing.assert_array_equal(view(house.steps.learner), opinion(straight.experts))


def test_a_few_answers_are_learned_before_the_question_that_waits(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "_AT_ONCE", 15)
    ask(house, "kim")
    assert "answered" in reasons(house)


def test_a_process_that_dies_while_it_learns_harms_nothing(house: House, tmp_path: Path) -> None:
    file = tmp_path / "experts.snapshot"
    dying = Learner(house.database, file)
    dying.catch_up()
    dying.catch_up()
    again = Learner(house.database, file)
    learn_to_the_end(again)
    again.save()
    assert Learner(house.database, file).follow() == 0
    np.testing.assert_array_equal(view(again), opinion(TaughtModel.load(file, house.database).experts))


class DiesAtOnce:
    """A learning process that ends before it has learned anything."""

    succeeded = False

    def wait(self, seconds: float) -> float | None:
        del seconds
        return None

    def stop(self) -> None:
        raise AssertionError


def dies_at_once(address: str, snapshot: Path) -> DiesAtOnce:
    del address, snapshot
    return DiesAtOnce()


@pytest.mark.parametrize("start", [LearningProcess, dies_at_once])
def test_very_much_is_learned_by_a_process_of_its_own_and_if_that_fails_here(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: Callable[[str, Path], object]
) -> None:
    monkeypatch.setattr(learning, "_FAR", 10)
    learner = Learner(house.database, tmp_path / "experts.snapshot", start_process=start)
    learn_to_the_end(learner)
    straight = TaughtModel.load(None, house.database)
    straight.take_in(house.database, 1_000)
    np.testing.assert_array_equal(view(learner), opinion(straight.experts))
    assert (tmp_path / "experts.snapshot").exists() == (start is LearningProcess)


def test_stopping_ends_the_process_that_learns(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "_FAR", 10)
    learner = Learner(house.database, tmp_path / "experts.snapshot")
    learner.catch_up()
    process = learner._process
    assert process is not None
    learner.close()
    assert process.wait(0.0) is None


def test_everybody_can_see_that_learning_is_under_way_and_how_far(house: House) -> None:
    house.steps.learner.catch_up()
    house.steps.learner.catch_up()
    house.worker.report(house.clock())
    ready = house.ask("GET", "/readyz").json()
    assert (ready["experts"], ready["experts_learned"]) == ("learning", 0.333)
    assert "chorus_experts_learned_ratio 0.333" in house.ask("GET", "/metrics").text
    learn_to_the_end(house.steps.learner)
    house.worker.report(house.clock())
    assert house.ask("GET", "/readyz").json()["experts"] == "complete"


def test_the_meaning_of_what_was_learned_without_it_is_told_afterwards(house: House) -> None:
    told: list[str] = []

    def vector_of(text: str) -> np.ndarray:
        told.append(text)
        return np.full(4, 0.5, dtype=np.float32)

    learner = Learner(house.database, vector_of=vector_of)
    learn_to_the_end(learner)
    assert told == [] or len(set(told)) == len(told)
    learner.catch_up()
    assert sorted(told) == sorted(row.text for row in house.questions())
    learner.catch_up()
    assert len(told) == PAST
    with learner.lend() as experts:
        assert experts is not None
        assert experts.without_vector(100) == []
