"""How one process is put together: every step has its lane, and nothing works where another process does."""

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from app.wiring.process.lanes import lanes_of
from bot.posts import Author
from bot.store.engine import Database
from tests.conftest import FakeClock
from tests.house import House
from tests.ledger_platform import LedgerPlatform


def test_every_step_runs_on_exactly_one_lane(sqlite_database: Database, clock: FakeClock) -> None:
    house = House(sqlite_database, clock, mail={"host": "localhost"})
    steps = [getattr(house.steps, one.name) for one in fields(house.steps)]
    lanes = [{id(one.run.__self__) for one in lane.steps} for lane in lanes_of(house.steps)]  # type: ignore[attr-defined]
    assert sorted(step for lane in lanes for step in lane) == sorted(map(id, steps))


def test_the_table_says_how_often_each_step_runs(sqlite_database: Database, clock: FakeClock) -> None:
    house = House(sqlite_database, clock, mail={"host": "localhost"})
    table = {
        lane.name: (lane.rest, {one.run.__qualname__: one.every for one in lane.steps})
        for lane in lanes_of(house.steps)
    }
    assert table == {
        "intake": (0.5, {"Intake.run": 0}),
        "route": (0.5, {"Route.run": 0}),
        "gather": (2, {"Gather.run": 0, "Gather.look_again": 15, "Gather.calm": 60}),
        "tell": (0.5, {"Tell.run": 0}),
        "learn": (5, {"Learner.catch_up": 0, "Learner.fit": 60}),
        "deliver": (0.5, {"TakeBack.run": 0, "Deliver.run": 0, "Settle.run": 0}),
        "house": (
            2,
            {
                "Timekeeping.run": 0,
                "Timekeeping.look": 10,
                "Expire.run": 0,
                "Expire.forget": 600,
                "Patience.run": 60,
                "AskCustomers.run": 60,
            },
        ),
        "recheck": (5, {"Recheck.run": 0}),
        "listen": (5, {"SearchWords.run": 0, "SearchWords.forget": 600, "GiveLikes.run": 0}),
        "watch": (5, {"Watch.check": 300, "Watch.follow": 15, "Watch.note_waiting": 300}),
        "upkeep": (30, {"Upkeep.put_up": 600, "Upkeep.forget_private": 600, "Upkeep.run": 0}),
        "figures": (10, {"RollUp.run": 0, "GoalWatch.look": 120}),
        "topics": (5, {"Refile.run": 0}),
        "hooks": (2, {"Hooks.run": 0, "Hooks.look": 15, "Hooks.forget": 600}),
        "notices": (2, {"Notify.look": 15, "Notify.run": 0, "WriteDigests.run": 300}),
        "first": (2, {"TellFirst.run": 0}),
    }


class Following(LedgerPlatform):
    """A platform whose brand follows employees; counts how often it is asked who lets the brand in."""

    asked = 0

    def follow(self, employees: Sequence[Author]) -> None:
        raise AssertionError("There is nobody to follow.")

    def not_yet_let_in(self, employees: Sequence[Author]) -> set[str]:
        self.asked += 1
        return set()


def test_the_worker_keeps_the_intervals_by_the_timer_it_is_built_with(
    sqlite_database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    platform, seconds = Following(tmp_path / "ledger"), 0.0
    house = House(sqlite_database, clock, platforms={"x": platform}, timer=lambda: seconds)
    asked = []
    for seconds in (0.0, 299.0, 300.0):  # noqa: B007 - the timer reads it
        house.worker.run_once()
        asked.append(platform.asked)
    assert asked == [1, 1, 2]
    house.worker.run_once("watch")
    assert platform.asked == 3


def test_people_are_told_only_where_there_is_a_way(sqlite_database: Database, clock: FakeClock) -> None:
    quiet = House(sqlite_database, clock)
    assert (quiet.steps.notify, quiet.steps.route.notify) == (None, None)
    assert "notices" not in [lane.name for lane in lanes_of(quiet.steps)]
    telling = House(sqlite_database, clock, mail={"host": "localhost"})
    assert telling.steps.route.notify == telling.steps.notify.queue  # type: ignore[union-attr]


def test_a_process_that_only_serves_neither_works_nor_listens(
    sqlite_database: Database, clock: FakeClock
) -> None:
    serving = House(sqlite_database, clock, works=False).chorus
    assert (serving.steps, serving.worker, list(serving.listeners)) == (None, None, [])
