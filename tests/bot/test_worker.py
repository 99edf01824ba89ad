"""A lane runs what is due, and leaves the rest of its steps until their seconds are over."""

import threading
from contextlib import suppress

import pytest

from bot.store.engine import Database
from bot.worker import Lane, Scheduled, Worker


def test_a_step_runs_at_each_turn_or_at_most_once_in_its_seconds() -> None:
    ran: list[str] = []

    def step(name: str, handled: int) -> int:
        ran.append(name)
        return handled

    lane = Lane(
        "house", [Scheduled(lambda: step("each", 0)), Scheduled(lambda: step("tenth", 1), every=10.0)]
    )
    assert [lane.turn(at) for at in (100.0, 100.0, 109.9, 110.0, 119.0)] == [1, 0, 0, 1, 0]
    assert [ran.count(name) for name in ("each", "tenth")] == [5, 2]


def test_a_step_asked_for_out_of_turn_runs_at_once_and_keeps_its_seconds() -> None:
    lane = Lane("house", [Scheduled(lambda: 1, every=10.0)])
    assert [lane.turn(at) for at in (0.0, None, None, 9.0, 10.0)] == [1, 1, 1, 0, 1]


def test_a_timer_that_was_put_back_keeps_no_step_from_running() -> None:
    lane = Lane("house", [Scheduled(lambda: 1), Scheduled(lambda: 1, every=10.0)])
    assert [lane.turn(at) for at in (100.0, 95.0, 50.0)] == [2, 1, 2]


def test_a_step_that_fails_is_left_for_its_seconds_all_the_same() -> None:
    tries = []

    def fails() -> int:
        tries.append(1)
        raise ValueError

    lane = Lane("house", [Scheduled(fails, every=10.0), Scheduled(lambda: 1)])
    for at in (0.0, 1.0, 10.0):
        with suppress(ValueError):
            lane.turn(at)
    assert len(tries) == 2


@pytest.mark.parametrize("names", [(), ("intake", "deliver", "house")])
def test_a_worker_is_idle_once_no_lane_has_anything_since_the_last_that_had(
    sqlite_database: Database, names: tuple[str, ...]
) -> None:
    """Each lane hands on to the one before it, as an answer does to a question that waits for it."""
    left = {"intake": 0, "deliver": 0, "house": 2}
    ran: list[str] = []

    def step(name: str, hands_to: str) -> int:
        ran.append(name)
        if not left[name]:
            return 0
        left[name] -= 1
        left[hands_to] += hands_to != name
        return 1

    ways = {"intake": "intake", "deliver": "intake", "house": "deliver"}
    lanes = [Lane(name, [Scheduled(lambda name=name, to=to: step(name, to))]) for name, to in ways.items()]
    worker = Worker(sqlite_database, lanes, name="me")
    assert worker.run_until_idle(*names) == 6
    assert not any(left.values())
    assert ran == ["intake", "deliver", "house"] * 4 + ["intake"]


class _Pauses(threading.Event):
    """Somebody to stop a worker who notes its pauses, and stops it at the second one."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.seen.append(timeout)
        if len(self.seen) == 2:
            self.set()
        return self.is_set()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_worker_is_whole_while_every_lane_has_its_thread(sqlite_database: Database) -> None:
    going = threading.Event()

    def end_the_thread() -> int:
        going.wait(10)
        raise SystemExit

    lanes = [Lane("intake", [Scheduled(lambda: 0)]), Lane("route", [Scheduled(end_the_thread)])]
    worker = Worker(sqlite_database, lanes, name="w")
    assert not worker.is_whole
    worker.start()
    assert worker.is_whole
    going.set()
    worker._threads[1].join(10)
    assert not worker.is_whole
    worker.stop()


def test_more_comes_together_after_a_turn_with_little_work_and_not_after_one_with_much(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    handled = iter([1, 500, 3])
    lane = Lane("intake", [Scheduled(lambda: next(handled))], gathers=0.07)
    worker = Worker(sqlite_database, [lane], name="w")
    pauses = _Pauses()
    monkeypatch.setattr(worker, "_stopping", pauses)
    worker._run(lane)
    assert pauses.seen == [0.07, 0.07]
    assert next(handled, None) is None
