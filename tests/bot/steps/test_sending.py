"""R2, R4, R5, S3, S18: between taking a message and its bytes, and while nobody knows the outcome."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from bot.actions import leaving
from bot.actions.rules import Rules
from bot.posts import Ambiguous, Outgoing, PostEvent, Published, Rejected
from bot.states import AnswerState, DeliveryState
from bot.steps import deliver
from bot.store.engine import Database
from bot.store.running import switches
from bot.store.tables.conversations import DeliveryRow
from bot.store.tables.people import EmployeeRow
from routing.model.domain import QuestionState
from tests.bot.steps.racing import QUESTION_DEEDS, Stage, house_on
from tests.conftest import FakeClock
from tests.crashing import START, Way


@pytest.fixture
def stage(database: Database, clock: FakeClock) -> Iterator[Stage]:
    with house_on(database, clock) as house:
        stage = Stage(house)
        stage.answer()
        yield stage


@pytest.fixture
def way(database_url: str, tmp_path: Path) -> Way:
    way = Way(database_url, tmp_path / "ledger", start=START)
    way.hire()
    return way


def once_taken(stage: Stage, act: Callable[[], None]) -> None:
    """Send; what happens in between comes when the message has been taken, before the last look at it."""
    step = stage.house.steps.deliver
    take, acts = step._claimed, [act]

    def take_and_act(limit: int, bounded: list[str]) -> list[DeliveryRow]:
        rows = take(limit, bounded)
        assert rows
        acts.pop()()
        return rows

    step._claimed = take_and_act  # type: ignore[method-assign, assignment]
    step.run()
    step._claimed = take  # type: ignore[method-assign]
    assert not acts


def paused(stage: Stage, *, value: bool) -> None:
    with stage.house.database.write() as session:
        switches.put(session, switches.PAUSED, value=value, by="test", now=stage.house.clock())


def test_s18_a_pause_holds_back_what_was_taken_already(stage: Stage) -> None:
    once_taken(stage, lambda: paused(stage, value=True))
    stage.house.work()
    assert not stage.house.by_brand()
    [row] = stage.house.deliveries()
    assert (row.state, row.attempts) == (DeliveryState.READY, 0)
    paused(stage, value=False)
    stage.house.work()
    assert len(stage.house.by_brand()) == 1


def test_s03_what_was_taken_for_somebody_who_left_meanwhile_stays_in(stage: Stage) -> None:
    def leave() -> None:
        with stage.house.database.write() as session:
            leaving.leave(session, session.get_one(EmployeeRow, stage.jane), stage.house.clock())

    once_taken(stage, leave)
    stage.house.work()
    assert not stage.house.by_brand()
    assert [one.state for one in stage.house.deliveries()] == [DeliveryState.WITHDRAWN]
    assert [one.state for one in stage.house.answers()] == [AnswerState.WITHDRAWN]
    assert stage.question.state == QuestionState.OFFERED  # others are asked


def test_r04_what_was_taken_for_a_question_deleted_meanwhile_stays_in(stage: Stage) -> None:
    def delete() -> None:
        stage.house.tell(stage.post, PostEvent.DELETED)
        stage.house.steps.intake.run()

    once_taken(stage, delete)
    stage.house.work()
    assert not stage.house.by_brand()
    assert [one.state for one in stage.house.deliveries()] == [DeliveryState.WITHDRAWN]


class Timer:
    """The time that a process measures for itself, in seconds."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_r05_a_process_that_was_stopped_before_sending_sends_nothing_any_more(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped until hardly any time was left to send it: soon another process may take over."""
    timer, called = Timer(), []
    monkeypatch.setattr(deliver, "monotonic", timer)
    publish = stage.house.local.publish

    def note(outgoing: Outgoing, timeout: float) -> Published:
        called.append(timeout)
        return publish(outgoing, timeout)

    def stop(name: str) -> None:
        if name == "before_send":
            timer.at += stage.house.chorus.rules.sending_time.total_seconds() - 0.5

    monkeypatch.setattr(stage.house.local, "publish", note)
    stage.house.checkpoint = stop
    stage.house.steps.deliver.run()
    assert not called
    assert not stage.house.by_brand()
    stage.house.checkpoint = lambda _name: None
    stage.house.wait(5)
    assert len(stage.house.by_brand()) == 1


def test_r05_the_platform_gets_only_the_time_that_is_left(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    timer, given = Timer(), []
    monkeypatch.setattr(deliver, "monotonic", timer)
    publish = stage.house.local.publish

    def note(outgoing: Outgoing, timeout: float) -> Published:
        given.append(timeout)
        return publish(outgoing, timeout)

    def dawdle(name: str) -> None:
        if name == "before_send":
            timer.at += 5

    monkeypatch.setattr(stage.house.local, "publish", note)
    stage.house.checkpoint = dawdle
    stage.house.steps.deliver.run()
    assert given == [stage.house.chorus.rules.sending_time.total_seconds() - 5]


def test_r05_whoever_takes_over_comes_long_after_the_last_byte(stage: Stage) -> None:
    seen: list[DeliveryRow] = []

    def look(name: str) -> None:
        if name == "before_send":
            with stage.house.database.read() as session:
                seen.append(session.exec(select(DeliveryRow)).one())

    stage.house.checkpoint = look
    stage.house.steps.deliver.run()
    [row] = seen
    assert row.state == DeliveryState.SENDING
    assert row.lease_until is not None
    assert row.deadline_at is not None
    assert row.lease_until - row.deadline_at >= stage.house.chorus.rules.sending_time


def test_r05_a_lease_that_does_not_outlast_the_sending_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        Rules(lease=timedelta(seconds=30), sending_time=timedelta(seconds=20))


def test_r02_a_look_before_the_deadline_does_not_count_as_absence(way: Way) -> None:
    """The bytes may still arrive until then; a message that does is found, and not sent again."""
    late: list[Outgoing] = []
    publish = way.platform.publish

    def arrive_late(outgoing: Outgoing, timeout: float) -> Published:
        del timeout
        late.append(outgoing)
        raise Ambiguous("connection reset")

    way.platform.publish = arrive_late  # type: ignore[method-assign]
    way.receive()  # the first look follows at once: nothing there
    [row] = _deliveries(way)
    assert (row.state, row.absent_at) == (DeliveryState.UNKNOWN, None)
    assert row.deadline_at is not None
    assert row.due_at is not None
    assert row.due_at > row.deadline_at
    way.platform.publish = publish  # type: ignore[method-assign]
    way.now = row.deadline_at
    publish(late[0], 1.0)  # the last moment at which it can arrive
    way.work()
    assert len(way.platform.accepted()) == 1
    assert [one.state for one in _deliveries(way)] == [DeliveryState.SENT]


def test_r02_nothing_is_sent_again_sooner_than_two_looks_after_the_deadline(way: Way) -> None:
    lost: list[object] = []
    again: list[object] = []
    publish = way.platform.publish

    def lose_the_first(outgoing: Outgoing, timeout: float) -> Published:
        if not lost:
            lost.append(way.now)
            raise Ambiguous("connection reset")
        again.append(way.now)
        return publish(outgoing, timeout)

    way.platform.publish = lose_the_first  # type: ignore[method-assign]
    way.receive()
    [row] = _deliveries(way)
    for _ in range(40):
        way.turn()
        way.now += timedelta(seconds=5)
    assert row.deadline_at is not None
    assert len(again) == 1
    assert again[0] > row.deadline_at + timedelta(seconds=60)  # type: ignore[operator]


def _deliveries(way: Way) -> list[DeliveryRow]:
    with way.database.read() as session:
        return list(session.exec(select(DeliveryRow)).all())


def test_a_message_that_cannot_be_looked_up_leaves_its_question_to_a_person(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: Any, **__: Any) -> Any:
        raise Ambiguous("no answer")

    monkeypatch.setattr(stage.house.local, "publish", silent)
    monkeypatch.setattr(stage.house.local, "find", lambda _outgoing: 1 / 0)
    for _ in range(Rules().attempts):
        stage.house.wait(1000)
    assert stage.question.state == QuestionState.ESCALATED
    assert "looking fails" in stage.question.note


def test_a_late_refusal_keeps_nobody_from_a_question_that_is_asked_anew(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: Any, **__: Any) -> Any:
        with stage.house.database.write() as session:
            QUESTION_DEEDS["asked again"](stage, session)
        raise Rejected("no")

    monkeypatch.setattr(stage.house.local, "publish", refuses)
    stage.house.steps.deliver.run()
    assert stage.question.state == QuestionState.OPEN
    stage.house.work()
    assert stage.question.state == QuestionState.OFFERED
