"""The board of those in charge, with many questions that wait and many that are settled.

``python tests/bench/bench_board.py [--waiting N] [--settled N] [--people N] [--database ...]`` prints one
JSON object per database and page: milliseconds of a request (the middle, and what 95 of 100 stay below) as
the product's own application makes it in this process, the processor time of it (also the database
server's), and the page's size. Seven of ten questions that wait
are with a person in charge, a third of these urgent; two are asked for the last time, one waits for a free
hand. A few thousand answers, messages and entries wait beside.
"""

import argparse
import json
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import structlog
from sqlalchemy import text
from sqlmodel import select

from bot.roles import Role
from bot.store.tables.people import EmployeeRow, TopicRow
from tests.bench.bench_growth import Cluster
from tests.bench.load import percentile
from tests.browser import Browser
from tests.conftest import FakeClock
from tests.grown import Grown
from tests.house import House

BESIDE = 3_000
REQUESTS = 40
DEEP = 20
TARGETS = {"p95_ms": "< 200", "bytes": "< 100,000"}
PAGES = {
    "the first page": "",
    "questions nobody took": "?kind=question",
    "about to be too late": "?kind=breaching",
    "held answers": "?kind=answer",
    "a topic": "?topic={topic}",
    "a topic of nothing": "?topic=nothing",
    "a language of one in a thousand": "?language=ja",
    "a feed without any": "?platform=x",
    "mine": "?person=me",
    "put off": "?put_off=yes",
}
_ON_BOARD = "state = 'escalated' AND id % 700"
_WAITS = (
    "UPDATE question SET state = 'escalated' WHERE state = 'offered' AND id % 10 < 7",
    "UPDATE question SET rung = 3 WHERE state = 'offered' AND id % 10 < 9",
    "UPDATE question SET state = 'open', waits_since = asked_at WHERE state = 'offered' AND rung <> 3",
    "UPDATE question SET language = 'ja' WHERE state = 'escalated' AND id % 1000 = 1",
    "UPDATE answer SET state = 'held', held_for = 'A newcomer wrote it.' WHERE id <= {beside}",
    "UPDATE delivery SET state = 'rejected', reason = 'refused' WHERE answer_id <= {beside}",
    "UPDATE entry SET state = 'held_back', held_back = 'today' WHERE id > {beside} AND id <= {beside} * 2",
    "UPDATE entry SET review = 'It is old.' WHERE state = 'public' AND id < {beside} * 4",
    f"""INSERT INTO board_mark (kind, row_id, assigned_to, why, touched_at)
    SELECT 'question', id, 1, '', asked_at FROM question WHERE {_ON_BOARD} = 3""",
    f"""INSERT INTO board_mark (kind, row_id, snoozed_until, why, touched_at)
    SELECT 'question', id, due_at, 'x', asked_at FROM question WHERE {_ON_BOARD} = 5""",
)


def fill(house: House, waiting: int, settled: int, people: int) -> str:
    """Rows as the database makes them itself; a topic that some of them are about."""
    house.employee("E0 Old", role=Role.ADMIN)
    with house.database.write() as session:
        session.add_all(
            EmployeeRow(
                name=f"E{number} Old",
                email=f"e{number}@example.com",
                opted_in_at=house.clock(),
                created_at=house.clock(),
            )
            for number in range(1, people)
        )
    grown = Grown(house.database, people)
    grown.archived(settled)
    grown.waiting(waiting)
    with house.database.connect() as connection:
        for statement in _WAITS:
            connection.execute(text(statement.format(beside=BESIDE)))
        topic = connection.execute(
            text("SELECT topic FROM entry WHERE topic IS NOT NULL LIMIT 1")
        ).scalar_one()
    with house.database.write() as session:
        if session.exec(select(TopicRow).where(TopicRow.slug == topic)).first() is None:
            session.add(TopicRow(slug=topic, name=topic))
    grown.analyse()
    return str(topic)


def ask(browser: Browser, address: str) -> tuple[float, str]:
    began = time.perf_counter()
    answer = browser.get(address)
    assert answer.status_code == 200, answer.text[:500]
    return time.perf_counter() - began, answer.text


def deep(browser: Browser) -> str:
    """The address of a page some way in."""
    address = "/admin/board"
    for _ in range(DEEP):
        _, page = ask(browser, address)
        address = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    return address


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--waiting", type=int, default=20_000)
    arguments.add_argument("--settled", type=int, default=20_000)
    arguments.add_argument("--people", type=int, default=300)
    arguments.add_argument("--database", nargs="+", default=["sqlite", "postgresql"])
    given = arguments.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    for kind in given.database:
        with tempfile.TemporaryDirectory(prefix="chorus-bench-") as name, ExitStack() as stack:
            cluster = Cluster(kind, Path(name), stack)
            began = time.perf_counter()
            with House(cluster.database(), FakeClock(datetime.now(UTC))) as house:
                topic = fill(house, given.waiting, given.settled, given.people)
                house.clock.at = datetime.now(UTC)
                print(f"{kind}: made in {time.perf_counter() - began:.0f} s", flush=True)
                with house.database.read() as session:
                    browser = house.browser(session.get_one(EmployeeRow, 1).id)
                pages = {name: f"/admin/board{one.format(topic=topic)}" for name, one in PAGES.items()}
                pages[f"page {DEEP + 1}"] = deep(browser)
                pages["the overview, to compare"] = "/admin"
                for name, address in pages.items():
                    _, page = ask(browser, address)
                    before = time.process_time() + cluster.processor_seconds()
                    times = [ask(browser, address)[0] * 1_000 for _ in range(REQUESTS)]
                    spent = time.process_time() + cluster.processor_seconds() - before
                    figures = {
                        "database": kind,
                        "page": name,
                        "lines": page.count("data-row tabindex"),
                        "p50_ms": round(percentile(times, 0.5), 1),
                        "p95_ms": round(percentile(times, 0.95), 1),
                        "cpu_ms": round(spent / REQUESTS * 1_000, 1),
                        "bytes": len(page.encode()),
                        "targets": TARGETS,
                    }
                    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
