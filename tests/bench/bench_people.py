"""The list of people of a large house: its filters and orders.

``python tests/bench/bench_people.py [--people N] [--database sqlite postgresql]`` prints one JSON object per
database and page: milliseconds of a request as the product's own application makes it in this process (the
middle, and what 95 of 100 stay below), the processor time of it (also the database server's), and the page's
size.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import structlog
from sqlalchemy import text

from bot.roles import Role
from bot.store.tables.departments import DepartmentPersonRow, DepartmentRow
from bot.store.tables.people import EmployeeRow, ExpertiseRow, IdentityRow, LoadRow, TopicRow
from tests.bench.bench_growth import Cluster
from tests.bench.load import percentile
from tests.conftest import FakeClock
from tests.house import House

TOPICS = 40
REQUESTS = 40
TARGETS = {"p95_ms": "< 200", "bytes": "< 100,000"}
PAGES = {
    "the first page": "",
    "some way in": "?after={middle}",
    "by load": "?order=most+asked+now",
    "the newest": "?order=newest+first",
    "a name": "?words=son+7",
    "a handle": "?words=%40handle77",
    "nobody like this": "?words=zebra",
    "a topic": "?topic=t7",
    "a department": "?department=3",
    "a role": "?role=lead",
    "never signed in": "?state=never+signed+in",
    "no hours set": "?state=no+hours+set",
    "everything at once": "?words=person&topic=t7&department=3&state=active&order=most+asked+now",
}


def fill(house: House, people: int) -> int:
    """Whoever is in charge, and many others; the number of one."""
    boss = house.employee("Boss Old", role=Role.ADMIN)
    now = house.clock()
    with house.database.write() as session:
        session.add_all([TopicRow(slug=f"t{n}", name=f"Topic {n}") for n in range(TOPICS)])
        session.add_all([DepartmentRow(name=f"Department {n}", created_at=now) for n in range(20)])
        session.flush()
        for number in range(people):
            row = EmployeeRow(
                name=f"Person {number}son {number % 97}",
                email=f"p{number}@example.com",
                role=Role.LEAD if number % 50 == 0 else Role.EMPLOYEE,
                shifts=[] if number % 3 == 0 else [[day, 540, 1020] for day in range(5)],
                created_at=now,
                opted_in_at=now,
                signed_in_at=None if number % 4 == 0 else now,
            )
            session.add(row)
            session.flush()
            session.add(
                IdentityRow(
                    employee_id=row.id,
                    platform="local",
                    account_id=f"a{number}",
                    handle=f"handle{number}",
                    linked_at=now,
                )
            )
            session.add(LoadRow(employee_id=row.id, open_offers=number % 5, offers=number % 9))
            session.add(DepartmentPersonRow(department_id=number % 20 + 1, employee_id=row.id))
            session.add_all(
                [ExpertiseRow(employee_id=row.id, topic_id=(number + n) % TOPICS + 1) for n in range(4)]
            )
    with house.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    return boss.id


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--people", type=int, default=4_000)
    arguments.add_argument("--database", nargs="+", default=["sqlite", "postgresql"])
    given = arguments.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    for kind in given.database:
        with tempfile.TemporaryDirectory(prefix="chorus-bench-") as name, ExitStack() as stack:
            cluster = Cluster(kind, Path(name), stack)
            with House(cluster.database(), FakeClock(datetime.now(UTC))) as house:
                browser = house.browser(fill(house, given.people))
                browser.get("/admin/employees")
                for title, query in PAGES.items():
                    address = "/admin/employees" + query.format(middle=given.people // 2)
                    times, size = [], 0
                    cpu = cluster.processor_seconds() + time.process_time()
                    for _ in range(REQUESTS):
                        began = time.perf_counter()
                        answer = browser.get(address)
                        times.append((time.perf_counter() - began) * 1000)
                        assert answer.status_code == 200, answer.text[:500]
                        size = len(answer.content)
                    spent = cluster.processor_seconds() + time.process_time() - cpu
                    found = {
                        "database": kind,
                        "people": given.people,
                        "page": title,
                        "p50_ms": round(statistics.median(times), 1),
                        "p95_ms": round(percentile(times, 95), 1),
                        "processor_ms": round(spent / REQUESTS * 1000, 1),
                        "bytes": size,
                        "targets": TARGETS,
                    }
                    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
