"""How one process is put together: every step has its lane, and nothing works where another process does."""

from dataclasses import fields

from app.wiring.composition import lanes_of
from bot.store.engine import Database
from tests.conftest import FakeClock
from tests.house import House


def test_every_step_runs_on_exactly_one_lane(sqlite_database: Database, clock: FakeClock) -> None:
    house = House(sqlite_database, clock, mail={"host": "localhost"})
    steps = [getattr(house.steps, one.name) for one in fields(house.steps)]
    on_lanes = [run.__self__ for lane in lanes_of(house.steps) for run in lane.steps]  # type: ignore[attr-defined]
    assert sorted(map(id, on_lanes)) == sorted(map(id, steps))


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
