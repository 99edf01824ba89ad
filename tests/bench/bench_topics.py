"""A topic that becomes part of another one, with many questions behind it.

``python tests/bench/bench_topics.py [--archived N] [--database sqlite postgresql]`` prints one JSON object
per database: milliseconds of the page that shows what would move and of the deed, then how many parts the
move had, the longest and the middle one by the clock, all of them together, with the processor time (also the
database server's), and for each 1,000 questions that moved.
"""

import json
import statistics
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import text
from sqlmodel import select

from bot.actions.topics.refiling import SETTLES
from bot.roles import Role
from bot.store.tables.people import EmployeeRow, TopicMoveRow, TopicRow
from tests.bench.houses import houses
from tests.browser import Browser
from tests.grown import Grown
from tests.house import House

PEOPLE = 300
WAITING = 2_000
TARGETS = {"longest_part_s": "< 2: nobody waits for minutes"}


def fill(house: House, archived: int) -> tuple[str, str]:
    """Questions of many topics; the one that most are about, and another."""
    for number in range(PEOPLE):
        house.employee(f"E{number} Old", role=Role.ADMIN if number == 0 else Role.EMPLOYEE)
    grown = Grown(house.database, PEOPLE)
    grown.archived(archived)
    grown.waiting(WAITING)
    with house.database.connect() as connection:
        counted = text("SELECT topic FROM entry GROUP BY topic ORDER BY count(*) DESC")
        known = [str(one) for one in connection.execute(counted).scalars() if one]
    with house.database.write() as session:
        there = set(session.exec(select(TopicRow.slug)).all())
        session.add_all([TopicRow(slug=slug, name=slug) for slug in known if slug not in there])
    grown.analyse()
    return known[0], known[-1]


def timed(browser: Browser, method: str, address: str, **how: object) -> float:
    began = time.perf_counter()
    answer = browser.request(method, address, **how)
    assert answer.status_code in (200, 303), answer.text[:800]
    return round((time.perf_counter() - began) * 1000, 1)


def main() -> None:
    for one in houses(__doc__ or "", {"archived": 50_000}):
        house = one.house
        former, into = fill(house, one.given.archived)
        house.clock.at = datetime.now(UTC)
        with house.database.read() as session:
            boss = session.exec(select(EmployeeRow).where(EmployeeRow.role == Role.ADMIN)).first()
        assert boss is not None
        browser = house.browser(boss.id)
        timed(browser, "GET", "/admin/topics")  # whatever is done once in a process
        preview = timed(browser, "GET", f"/admin/topics/{former}/merge?into={into}")
        deed = timed(browser, "POST", f"/admin/topics/{former}/merge", data={"into": into})
        parts, before = [], one.processor_seconds()
        for _ in range(2):
            while True:
                began = time.perf_counter()
                if not house.steps.refile.run():
                    break
                parts.append(time.perf_counter() - began)
            house.clock.advance(SETTLES.total_seconds())
        spent = one.processor_seconds() - before
        move: TopicMoveRow = house.rows(TopicMoveRow)[0]
        assert move.finished_at is not None
        found = {
            "database": one.kind,
            "archived": one.given.archived,
            "moved": move.moved,
            "preview_ms": preview,
            "deed_ms": deed,
            "parts": len(parts),
            "longest_part_s": round(max(parts), 3),
            "middle_part_s": round(statistics.median(parts), 3),
            "all_s": round(sum(parts), 1),
            "processor_s": round(spent, 1),
            "processor_s_per_1000_moved": round(spent / max(move.moved, 1) * 1000, 3),
            "targets": TARGETS,
        }
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
