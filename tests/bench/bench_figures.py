"""What the page of figures takes with many questions, and what counting one takes.

``python tests/bench/bench_figures.py [--questions N] [--people N] [--database ...]`` prints, for each
database, what counting everything anew takes for one question (of ``COUNTED``), what one more answer takes,
and for each span and grouping what a request for the page and for the file takes: milliseconds by the clock
(the middle, and what 95 of 100 stay below) and of the processors, the database server's among them. N
questions lie within two years, as they are counted: their days are written as the roll-up writes them, with
business hours. One client asks, in this process; no network is in between.
"""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
from sqlalchemy import text

from bot.roles import Role
from bot.store.engine import Database
from bot.store.figures import days, due
from bot.store.tables.people import EmployeeRow
from routing.figures.columns import Column, FactTable
from routing.figures.grouping import GroupBy
from routing.figures.survey import NOT_ASKED, SurveyKind, survey_code
from tests.app.work_house import WorkHouse
from tests.bench.houses import BenchHouse, houses
from tests.conftest import FakeClock

DAYS = 730
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
ROUNDS = 20
COUNTED = 20_000
_STEP = 100_000
_FILL = (
    """
INSERT INTO question (id, platform, customer_id, customer_handle, text, language, state, round, rung,
 priority, topics, topics_by, note, asked_at, answered_at, settled_at, satisfied, title, suggestions,
 gathered, fence, attempts)
{series} SELECT s.n, CASE s.n % 3 WHEN 0 THEN 'x' WHEN 1 THEN 'mastodon' ELSE 'bluesky' END,
 'c' || ((s.n * 7919) % {customers}), '', '@brand no picture since the update',
 CASE s.n % 4 WHEN 0 THEN 'de' ELSE 'en' END,
 CASE WHEN s.n % 10 = 0 THEN 'offered' ELSE 'settled' END, 0, 0, 0,
 ('[["topic' || ((s.n * 31) % 50) || '", 0.9]]'){json}, '', '', {asked}, {answered}, {settled},
 CASE s.n % 5 WHEN 0 THEN false WHEN 1 THEN NULL ELSE true END, '', '[]'{json}, true, 0, 0 FROM s""",
    """
INSERT INTO answer (question_id, employee_id, via, text, round, credit, state, lead, kind, written_at,
 published_at)
{series} SELECT s.n, s.n % {people} + 1, 'desk', 'Hold the button.', 0, '', 'published', true, 'answer',
 {answered}, {answered} FROM s WHERE s.n % 10 <> 0""",
    """
INSERT INTO offer (question_id, employee_id, round, rung, state, score, reasons, offered_at, expires_at)
{series} SELECT s.n, s.n % {people} + 1, 0, 0, 'answered', 1.0, '[]'{json}, {asked}, {answered} FROM s""",
)
_SAID = np.array([NOT_ASKED] * 7 + [survey_code(SurveyKind.CSAT, score) for score in (None, 2, 5)])
PAGES = (
    (28, GroupBy.TOPIC),
    (28, GroupBy.PERSON),
    *((days, by) for days in (365, DAYS) for by in GroupBy),
)


def fill(database: Database, questions: int) -> None:
    """So many questions, evenly over two years, nine of ten answered and settled."""
    seconds = DAYS * 86_400 / questions
    start = int((NOW - timedelta(days=DAYS)).timestamp())

    def at(delay: str) -> str:
        moment = f"({start} + s.n * {seconds} + {delay})"
        if database.is_sqlite:
            return f"strftime('%Y-%m-%d %H:%M:%f', {moment}, 'unixepoch') || '000'"
        return f"to_timestamp({moment})"

    for first in range(1, questions + 1, _STEP):
        last = min(first + _STEP - 1, questions)
        words = {
            "series": f"WITH RECURSIVE s(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM s"
            f" WHERE n < {last})",
            "asked": at("0"),
            "answered": at("(s.n * 6151) % 20000"),
            "settled": at("20000 + (s.n * 104729) % 400000"),
            "json": "" if database.is_sqlite else "::json",
            "people": "50",
            "customers": str(max(questions // 3, 1)),
        }
        with database.connect() as connection:
            for statement in _FILL:
                connection.execution_options(no_parameters=True).exec_driver_sql(statement.format(**words))
    with database.connect() as connection:  # an old house is counted as a whole, not change by change
        connection.execute(text("DELETE FROM figures_due"))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE"))


def write_days(database: Database, questions: int, people: int) -> None:
    """So many facts, a day of them at a time, in the place of what was counted."""
    with database.write() as session:
        due.forget_all(session)
    chance = np.random.default_rng(7)
    a_day = questions // DAYS
    names = {
        Column.PLATFORM: ("bluesky", "mastodon", "x"),
        Column.LANGUAGE: ("de", "en"),
        Column.TOPIC: tuple(f"topic{number}" for number in range(50)),
    }
    customers = chance.integers(-(2**62), 2**62, max(questions // 3, 1))
    for number in range(DAYS):
        day = (NOW - timedelta(days=DAYS - 1 - number)).date()
        first = np.where(chance.random(a_day) < 0.9, np.exp(chance.normal(7, 1.5, a_day)), -1).astype("<i4")
        columns = {
            Column.ID: np.arange(number * a_day, (number + 1) * a_day) + 1,
            Column.DAY: np.full(a_day, day.toordinal()),
            Column.ASKED: np.full(a_day, int(NOW.timestamp()) - (DAYS - number) * 86_400),
            Column.HOUR: chance.integers(0, 168, a_day),
            Column.PERSON: np.where(first >= 0, chance.integers(1, people + 1, a_day), 0),
            Column.CUSTOMER: chance.choice(customers, a_day),
            Column.FIRST: first,
            Column.FIRST_WORKING: np.where(first >= 0, first // 3, -1),
            Column.RESOLUTION: np.where(first >= 0, first + 9_000, -1),
            Column.OFFERS: chance.integers(1, 5, a_day),
            Column.FLAGS: np.where(first >= 0, 7, 256),
            Column.SURVEY: np.where(first >= 0, chance.choice(_SAID, a_day), NOT_ASKED),
            **{column: chance.integers(0, len(known), a_day) for column, known in names.items()},
        }
        with database.write() as session:
            days.keep(session, day.isoformat(), [day], FactTable(columns, names))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE"))


def staff(database: Database, people: int) -> None:
    """So many people, whose ids are the first ones."""
    with database.write() as session:
        session.add_all(
            EmployeeRow(name=f"P{number} Doe", email=f"p{number}@example.com", created_at=NOW)
            for number in range(1, people + 1)
        )


def measure(one: BenchHouse) -> None:
    house, questions = one.house, one.given.questions
    assert isinstance(house, WorkHouse)
    staff(house.database, one.given.people)
    boss = house.browser(house.employee("Mei Tan", role=Role.ADMIN))
    fill(house.database, COUNTED)
    before = one.processor_seconds()
    while house.steps.roll_up.run():
        pass
    anew = one.processor_seconds() - before
    line = {"database": one.kind, "counting_anew_processor_us": round(anew / COUNTED * 1_000_000)}
    print(json.dumps(line), flush=True)
    write_days(house.database, questions, one.given.people)
    while house.steps.roll_up.run():
        pass
    for what, question in (("today", COUNTED - 1), ("long ago", COUNTED // 2)):
        before = one.processor_seconds()
        for _ in range(ROUNDS):
            with house.database.connect() as connection:
                connection.execute(text(f"UPDATE answer SET kind = kind WHERE question_id = {question}"))
            house.steps.roll_up.run()
        more = round((one.processor_seconds() - before) / ROUNDS * 1_000, 1)
        print(json.dumps({"database": one.kind, "one_more_of": what, "processor_ms": more}), flush=True)
    for length, by in PAGES:
        first = (NOW - timedelta(days=length - 1)).date()
        query = f"?from={first}&to={NOW.date()}&by={by}"
        for what, address in (("page", "/admin/figures"), ("file", "/admin/figures.csv")):
            line = {
                "database": one.kind,
                "days": length,
                "by": by,
                "what": what,
                "questions": questions * length // DAYS,
                **one.asked(boss, address + query, ROUNDS).told(),
            }
            print(json.dumps(line), flush=True)


def _at_work(database: Database) -> WorkHouse:
    return WorkHouse(database, FakeClock(NOW))


def main() -> None:
    for one in houses(__doc__ or "", {"questions": 1_000_000, "people": 4_000}, _at_work):
        measure(one)


if __name__ == "__main__":
    main()
