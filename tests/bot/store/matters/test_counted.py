"""How many people asked about a matter of late is kept, and how a surge goes on is counted now."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from bot.states import MatterState
from bot.store.engine import Database
from bot.store.matters import counted
from bot.store.matters.surges import SurgeCourse, going_on
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.matters import MatterRow
from bot.store.tables.values import NoticedSurge
from tests.conftest import FakeClock

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def matter(database: Database, clock: FakeClock) -> int:
    with database.write() as session:
        row = MatterRow(title="Dark", first_at=clock(), last_at=clock())
        session.add(row)
        session.flush()
        return row.id


def ask(database: Database, matter: int, clock: FakeClock, *asked: tuple[str, timedelta]) -> None:
    with database.write() as session:
        for who, ago in asked:
            session.add(
                QuestionRow(
                    platform="local", customer_id=who, asked_at=clock() - ago, matter_id=matter, gathered=True
                )
            )


def test_each_person_counts_once_a_week_and_who_is_long_past_no_more(
    database: Database, clock: FakeClock, matter: int
) -> None:
    days = [("sam", 1), ("sam", 2), ("kim", 3), ("kim", 9), ("lee", 10), ("ann", 20)]
    ask(database, matter, clock, *((who, days * DAY) for who, days in days))
    with database.write() as session:
        assert counted.due(session, clock(), 10) == [matter]
        assert counted.count(session, [matter], clock())
        assert counted.due(session, clock(), 10) == []
    with database.read() as session:
        row = session.get_one(MatterRow, matter)
        assert (row.people_lately, row.people_before) == (2, 2)


def test_a_matter_is_counted_again_once_somebody_asks_or_its_people_are_further_back(
    database: Database, clock: FakeClock, matter: int
) -> None:
    ask(database, matter, clock, ("sam", DAY))
    with database.write() as session:
        counted.count(session, [matter], clock())
    clock.advance(7 * DAY)
    with database.write() as session:
        assert counted.due(session, clock(), 10) == [matter]
        assert counted.count(session, [matter], clock())
        row = session.get_one(MatterRow, matter)
        session.refresh(row)
        assert (row.people_lately, row.people_before) == (0, 1)
        row.last_at = clock() + MINUTE
        session.flush()
        assert counted.due(session, clock(), 10) == [matter]
        row.state = MatterState.MERGED
        session.flush()
        assert counted.due(session, clock(), 10) == []


def surge(database: Database, matter: int, clock: FakeClock) -> None:
    with database.write() as session:
        row = session.get_one(MatterRow, matter)
        row.surge, row.surge_at = "4 people in 20 minutes", clock()
        row.noticed = NoticedSurge(clock() - 20 * MINUTE, 4, 20, 0.2, "es", "local").stored()


def test_a_surge_is_told_as_it_was_noticed_and_as_it_goes_on(
    database: Database, clock: FakeClock, matter: int
) -> None:
    ask(database, matter, clock, ("before", 30 * MINUTE), ("sam", 10 * MINUTE), ("kim", 9 * MINUTE))
    surge(database, matter, clock)
    clock.advance(50 * MINUTE)
    ask(database, matter, clock, ("sam", 5 * MINUTE), ("lee", 4 * MINUTE), ("ann", 30 * MINUTE))
    with database.read() as session:
        [found] = going_on(session, [session.get_one(MatterRow, matter)], clock()).values()
    assert (found.noticed.people, found.noticed.minutes, found.noticed.language) == (4, 20, "es")
    assert (found.people, found.in_hour, found.lately) == (4, 4, 2)
    assert (found.course, found.over_at, found.is_all) == (SurgeCourse.GROWING, None, True)


def test_a_surge_of_which_fewer_ask_is_not_growing_and_one_that_ended_is_over(
    database: Database, clock: FakeClock, matter: int
) -> None:
    surge(database, matter, clock)
    ask(database, matter, clock, ("sam", 5 * MINUTE), ("kim", 6 * MINUTE))
    clock.advance(20 * MINUTE)
    with database.write() as session:
        row = session.get_one(MatterRow, matter)
        assert going_on(session, [row], clock())[matter].course == SurgeCourse.SLOWING
        row.end_surge(clock())
    clock.advance(MINUTE)
    ask(database, matter, clock, ("late", timedelta()))
    with database.read() as session:
        row = session.get_one(MatterRow, matter)
        found = going_on(session, [row], clock())[matter]
        assert (found.course, found.people, found.over_at) == (SurgeCourse.OVER, 2, row.surge_over_at)
        clock.advance(3 * DAY)
        assert going_on(session, [row], clock()) == {}


def test_many_surges_are_counted_in_one_statement(database: Database, clock: FakeClock, matter: int) -> None:
    with database.write() as session:
        others = [MatterRow(title="Dark", first_at=clock(), last_at=clock()) for _ in range(3)]
        session.add_all(others)
        session.flush()
        numbers = [matter, *(one.id for one in others)]
    for place, number in enumerate(numbers[:3]):
        surge(database, number, clock)
        ask(database, number, clock, *((f"who-{n}", MINUTE) for n in range(place + 1)))
    asked: list[str] = []
    with database.read() as session:
        found = [session.get_one(MatterRow, number) for number in numbers]
        event.listen(database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
        told = going_on(session, found, clock())
    assert {number: one.people for number, one in told.items()} == dict(
        zip(numbers[:3], (1, 2, 3), strict=True)
    )
    assert len(asked) == 1
