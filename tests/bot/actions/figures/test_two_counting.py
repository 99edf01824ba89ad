"""Two who count at once, and somebody who asks meanwhile: nothing is lost and nothing counted twice."""

import threading
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from bot.actions.figures.read import DayReader
from bot.actions.figures.roll_up import roll_up
from bot.steps.figures.roll_up import RollUp
from bot.store.engine import Database
from bot.store.figures import due
from bot.store.tables.conversations import QuestionRow
from routing.figures.columns import Column
from routing.figures.working_hours import WorkingHours
from tests.conftest import FakeClock

HOURS = WorkingHours(ZoneInfo("Europe/Berlin"))


def test_many_count_and_ask_at_once(database: Database, clock: FakeClock) -> None:
    def ask() -> None:
        for _ in range(30):
            with database.write() as session:
                session.add(QuestionRow(platform="local", asked_at=clock()))

    def count() -> None:
        for _ in range(30):
            RollUp(database, lambda: HOURS).run()

    threads = [threading.Thread(target=one) for one in (ask, ask, count, count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while RollUp(database, lambda: HOURS).run():
        pass
    with database.read() as session:
        ids = session.exec(select(QuestionRow.id).order_by(QuestionRow.id)).all()  # type: ignore[arg-type]
        table = DayReader(session, HOURS).read(date(2026, 1, 1), date(2026, 12, 31), [Column.ID]).table
        assert not due.is_any(session)
    assert table[Column.ID].tolist() == list(ids)


def test_what_was_counted_and_not_committed_is_counted_again(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        session.add(QuestionRow(platform="local", asked_at=clock()))

    def dies() -> None:
        with database.write() as session:
            roll_up(session, HOURS, clock())
            _ = 1 / 0

    with pytest.raises(ZeroDivisionError):
        dies()
    while RollUp(database, lambda: HOURS).run():
        pass
    with database.read() as session:
        table = DayReader(session, HOURS).read(date(2026, 3, 4), date(2026, 3, 4), [Column.ID]).table
    assert table[Column.ID].tolist() == [1]


def test_a_row_that_nobody_can_read_keeps_no_other_from_being_counted(
    database: Database, clock: FakeClock
) -> None:
    with database.write() as session:
        for topics, state in (([3, "x"], "open"), ([["tv", 0.9]], "of another version"), ([], "open")):
            session.add(QuestionRow(platform="local", asked_at=clock(), topics=topics, state=state))
    while RollUp(database, lambda: HOURS).run():
        pass
    with database.read() as session:
        table = DayReader(session, HOURS).read(date(2026, 3, 4), date(2026, 3, 4), [Column.ID]).table
    assert table[Column.ID].tolist() == [1, 3]
