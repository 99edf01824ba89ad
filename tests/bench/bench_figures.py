"""What the page of figures takes with many questions, and what counting one takes.

``python tests/bench/bench_figures.py [--questions N] [--database sqlite postgresql]`` prints, for each
database, what counting everything anew takes for one question (of ``COUNTED``), what one more answer takes,
and for each span and grouping the 95th percentile of a request for the page and for the file, with the
processor milliseconds of this process for one. N questions lie within two years, as they are counted: their
days are written as the roll-up writes them. One client asks, in this process; no network is in between.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
from sqlalchemy import text

from bot.roles import Role
from bot.store.engine import Database
from bot.store.figures import days
from routing.figures.columns import Column, FactTable
from tests.app.work_house import WorkHouse
from tests.bench.bench_growth import Cluster
from tests.conftest import FakeClock

DAYS = 730
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
ROUNDS = 20
COUNTED = 20_000
TARGET_MS = 200
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
PEOPLE = 50
PAGES = (
    ("28 days", 28, "topic"),
    ("28 days", 28, "day"),
    ("28 days", 28, "person"),
    ("365 days", 365, "topic"),
    ("730 days", 730, "topic"),
    ("730 days", 730, "week"),
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
            "people": str(PEOPLE),
            "customers": str(max(questions // 3, 1)),
        }
        with database.connect() as connection:
            for statement in _FILL:
                connection.execution_options(no_parameters=True).exec_driver_sql(statement.format(**words))
    with database.connect() as connection:  # an old house is counted as a whole, not change by change
        connection.execute(text("DELETE FROM figures_due"))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE"))


def write_days(database: Database, questions: int) -> None:
    """So many facts, a day of them at a time, in the place of what was counted."""
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
            Column.ASKED: np.full(a_day, int(NOW.timestamp()) - (DAYS - number) * 86_400),
            Column.HOUR: chance.integers(0, 168, a_day),
            Column.PERSON: np.where(first >= 0, chance.integers(1, PEOPLE + 1, a_day), 0),
            Column.CUSTOMER: chance.choice(customers, a_day),
            Column.FIRST: first,
            Column.FIRST_WORKING: first,
            Column.RESOLUTION: np.where(first >= 0, first + 9_000, -1),
            Column.OFFERS: chance.integers(1, 5, a_day),
            Column.FLAGS: np.where(first >= 0, 7, 256),
            **{column: chance.integers(0, len(known), a_day) for column, known in names.items()},
        }
        with database.write() as session:
            days.keep(session, day, FactTable(columns, names))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE"))


def took(work: Callable[[], object]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1_000


def p95(work: Callable[[], object], rounds: int = ROUNDS) -> tuple[float, float]:
    """The 95th percentile of the milliseconds by the clock, and the median of the processor's."""
    by_clock, by_processor = [], []
    for _ in range(rounds):
        began = time.process_time()
        by_clock.append(took(work))
        by_processor.append((time.process_time() - began) * 1_000)
    return sorted(by_clock)[min(int(rounds * 0.95), rounds - 1)], statistics.median(by_processor)


def measure(database: Database, questions: int) -> None:
    name = database.engine.dialect.name
    house = WorkHouse(database, FakeClock(NOW))
    people = [house.employee(f"P{number} Doe") for number in range(PEOPLE)]
    boss = house.browser(house.employee("Mei Tan", role=Role.ADMIN))
    assert people[0] == 1
    fill(house.database, COUNTED)

    def count() -> None:
        while house.steps.roll_up.run():
            pass

    began = time.process_time()
    anew = took(count)
    processor = (time.process_time() - began) * 1_000
    figures = {
        "database": name,
        "counting_us_per_question": round(anew * 1_000 / COUNTED),
        "processor_us_per_question": round(processor * 1_000 / COUNTED),
    }
    print(json.dumps(figures), flush=True)
    write_days(house.database, questions)

    def one_more() -> None:
        with house.database.connect() as connection:
            connection.execute(text(f"UPDATE answer SET kind = kind WHERE question_id = {COUNTED - 1}"))
        house.steps.roll_up.run()

    more, processor = p95(one_more, 9)
    line = {"database": name, "one_more_p95_ms": round(more), "processor_ms": round(processor, 1)}
    print(json.dumps(line), flush=True)

    def ask(address: str) -> bytes:
        answer = boss.get(address)
        assert answer.status_code == 200
        return answer.content

    for span, length, by in PAGES:
        first = (NOW - timedelta(days=length - 1)).date()
        query = f"?from={first}&to={NOW.date()}&by={by}"
        page = f"/admin/figures{query}"
        size = len(ask(page))
        times = [p95(partial(ask, address)) for address in (page, f"/admin/figures.csv{query}")]
        line = {
            "database": name,
            "span": span,
            "by": by,
            "questions": questions * length // DAYS,
            "page_p95_ms": round(times[0][0]),
            "page_processor_ms": round(times[0][1]),
            "file_p95_ms": round(times[1][0]),
            "file_processor_ms": round(times[1][1]),
            "page_kb": round(size / 1_000),
            "target": f"p95 < {TARGET_MS} ms",
            "met": max(times)[0] < TARGET_MS,
        }
        print(json.dumps(line), flush=True)
    house.close()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--questions", type=int, default=1_000_000)
    arguments.add_argument("--database", nargs="+", default=["sqlite", "postgresql"])
    chosen = arguments.parse_args()
    with ExitStack() as stack, tempfile.TemporaryDirectory(prefix="chorus-bench-") as directory:
        for kind in chosen.database:
            measure(Cluster(kind, Path(directory), stack).database(), chosen.questions)


if __name__ == "__main__":
    main()
