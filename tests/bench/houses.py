"""A house of the product's own on one database after another, and what its pages take: for benches."""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from bot.store.engine import Database
from tests.bench.bench_growth import Cluster
from tests.bench.load import percentile
from tests.browser import Browser
from tests.conftest import FakeClock
from tests.house import House

REQUESTS = 40
TARGETS = {"p95_ms": "< 200", "bytes": "< 100,000"}


@dataclass(frozen=True, slots=True)
class PageCost:
    """What one request takes: milliseconds by the clock and of the processors, and the answer's last text."""

    p50_ms: float
    p95_ms: float
    processor_ms: float
    """Also the database server's."""
    text: str

    def told(self) -> dict[str, object]:
        """As a bench prints it."""
        return {
            "p50_ms": round(self.p50_ms, 1),
            "p95_ms": round(self.p95_ms, 1),
            "processor_ms": round(self.processor_ms, 1),
            "bytes": len(self.text.encode()),
            "targets": TARGETS,
        }


@dataclass(frozen=True, slots=True)
class BenchHouse:
    """A house on a new database of this ``kind``; ``given`` are the sizes that were asked for."""

    kind: str
    cluster: Cluster
    house: House
    given: argparse.Namespace

    def processor_seconds(self) -> float:
        """What this process and the database's own have used so far."""
        return time.process_time() + self.cluster.processor_seconds()

    def asked(self, browser: Browser, address: str, requests: int = REQUESTS) -> PageCost:
        """What a page takes, after it was asked for once."""
        browser.get(address)
        times, answered = [], ""
        before = self.processor_seconds()
        for _ in range(requests):
            began = time.perf_counter()
            answer = browser.get(address)
            times.append((time.perf_counter() - began) * 1_000)
            assert answer.status_code == 200, answer.text[:500]
            answered = answer.text
        spent = (self.processor_seconds() - before) / requests * 1_000
        return PageCost(percentile(times, 0.5), percentile(times, 0.95), spent, answered)


def _house(database: Database) -> House:
    return House(database, FakeClock(datetime.now(UTC)))


def houses(
    meaning: str, sizes: Mapping[str, int], made: Callable[[Database], House] = _house
) -> Iterator[BenchHouse]:
    """A new house on each database that the command line names; ``sizes`` are its options, by default."""
    arguments = argparse.ArgumentParser(
        description=meaning, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, size in sizes.items():
        arguments.add_argument(f"--{name}", type=int, default=size)
    arguments.add_argument("--database", nargs="+", default=["sqlite", "postgresql"])
    given = arguments.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    for kind in given.database:
        with tempfile.TemporaryDirectory(prefix="chorus-bench-") as name, ExitStack() as stack:
            cluster = Cluster(kind, Path(name), stack)
            with made(cluster.database()) as house:
                yield BenchHouse(kind, cluster, house, given)
