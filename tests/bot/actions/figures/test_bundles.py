"""The days of a month that has been over for a while lie together, and say what they said apart."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from bot.actions.figures.read import DayReader
from bot.actions.figures.roll_up import is_due, roll_up
from bot.store.engine import Database
from bot.store.figures.days import OPEN_FOR, waiting_by_day
from bot.store.tables.columns import table_of
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.figures import FigureColumnRow
from routing.figures.columns import Column
from routing.figures.working_hours import WorkingHours

HOURS = WorkingHours(ZoneInfo("Pacific/Auckland"))
LAST = datetime(2026, 3, 31, 10, 30, tzinfo=UTC)
"""Half an hour before midnight there: the month's last day."""
OVER = date(2026, 4, 1) + OPEN_FOR


@pytest.fixture
def asked(database: Database) -> Database:
    """A question on each of 60 days up to 4 April, and what was counted of them is counted."""
    with database.write() as session:
        for number in range(60):
            at = LAST + timedelta(days=4 - number)
            session.add(QuestionRow(platform="local", customer_id=f"c{number}", asked_at=at))
    return database


def count(database: Database, day: date) -> None:
    at = datetime(day.year, day.month, day.day, 0, 30, tzinfo=HOURS.zone)
    for _ in range(9):
        with database.write() as session:
            roll_up(session, HOURS, at)
    with database.read() as session:
        assert not is_due(session, HOURS, at)


def bundles(database: Database) -> set[str]:
    column = table_of(FigureColumnRow).c
    with database.read() as session:
        return set(session.exec(select(column.bundle).where(column.name == "id")).all())


def days_of(database: Database, first: date, last: date) -> list[date]:
    with database.read() as session:
        found = DayReader(session, HOURS).read(first, last, [Column.DAY])
    return [date.fromordinal(number) for number in found.table[Column.DAY].tolist()]


def test_a_month_lies_together_a_week_after_it_is_over(asked: Database) -> None:
    count(asked, OVER - timedelta(days=1))
    assert "2026-02" in bundles(asked)
    assert {one for one in bundles(asked) if one.startswith("2026-03")} == {
        f"2026-03-{n:02}" for n in range(1, 32)
    }
    count(asked, OVER)
    assert bundles(asked) == {"2026-02", "2026-03", *(f"2026-04-{n:02}" for n in range(1, 5))}


def test_any_days_can_be_asked_for(asked: Database) -> None:
    spans = [
        (date(2026, 3, 31), date(2026, 3, 31)),
        (date(2026, 3, 1), date(2026, 3, 31)),
        (date(2026, 3, 30), date(2026, 4, 2)),
        (date(2026, 2, 20), date(2026, 3, 2)),
        (date(2026, 4, 2), date(2026, 4, 3)),
        (date(2025, 1, 1), date(2026, 12, 31)),
        (date(2026, 5, 1), date(2026, 5, 2)),
    ]
    count(asked, date(2026, 3, 1))
    apart = [days_of(asked, *span) for span in spans]
    count(asked, OVER)
    assert [days_of(asked, *span) for span in spans] == apart
    assert [len(one) for one in apart[:5]] == [1, 31, 4, 11, 2]


def test_what_happens_late_changes_its_month_alone(asked: Database) -> None:
    count(asked, OVER)
    with asked.write() as session:
        moved, gone = session.get_one(QuestionRow, 6), session.get_one(QuestionRow, 7)
        moved.asked_at, gone.state = LAST + timedelta(days=2), "dismissed"
    assert date(2026, 3, 30) not in days_of(asked, date(2026, 3, 29), date(2026, 4, 30)), "not counted yet"
    count(asked, OVER)
    found = days_of(asked, date(2026, 3, 29), date(2026, 4, 30))
    assert date(2026, 3, 30) not in found
    assert found.count(date(2026, 4, 2)) == 2
    with asked.read() as session:
        waiting = dict(waiting_by_day(session))
    assert date(2026, 3, 30) not in waiting
    assert (waiting[date(2026, 3, 31)], waiting[date(2026, 4, 2)]) == (1, 2)
    assert bundles(asked) == {"2026-02", "2026-03", *(f"2026-04-{n:02}" for n in range(1, 5))}


def test_a_month_of_which_nothing_is_left_goes_and_may_come_again(asked: Database) -> None:
    count(asked, OVER)
    with asked.write() as session:
        for row in session.exec(select(QuestionRow)).all():
            row.state = "dismissed"
    count(asked, OVER)
    assert not bundles(asked)
    with asked.write() as session:
        session.get_one(QuestionRow, 7).state = "open"
    with asked.write() as session:
        roll_up(session, HOURS, LAST)
    assert bundles(asked) == {"2026-03-29"}
    count(asked, OVER)
    assert bundles(asked) == {"2026-03"}
