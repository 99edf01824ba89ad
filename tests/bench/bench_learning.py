"""The first mention where no snapshot of the experts is: how long until it is offered, how long until all is
learned, and what that costs everybody else meanwhile.

``python tests/bench/bench_learning.py [--answers N ...]``: a real ``chorus serve`` on a database with so many
answers of the past, on SQLite. Mentions and readers come one after the other, while it learns and afterwards:
the ratios are within one run. The process that learns has a low priority, so that on a busy machine only its
processor time tells anything.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import insert
from sqlmodel import func, select

from app.cli.demo.story import load_story
from bot.states import AnswerState, ChangeKind
from bot.store.engine import Database
from bot.store.tables.columns import table_of
from bot.store.tables.conversations import AnswerRow, OfferRow, QuestionRow
from bot.store.tables.house import ChangeRow
from routing.model.domain import QuestionState
from tests.bench.bench_experts import Size, World
from tests.bench.served import EMPLOYEES, Server, hire, prepare, serving

OFFERED_TARGET_SECONDS = 2.0
LEARNED_TARGET_SECONDS = 60.0
PAGE = 5_000
ASKED = 25
"""Mentions while it learns, at the most, and as many afterwards."""
LONGEST_SECONDS = 600.0
YEAR = 365 * 86400


def seed(database: Database, answers: int) -> None:
    """So many questions of the last year with a published answer each, and a line of the change log."""
    world = World(Size(EMPLOYEES, answers, 12, 20_000))
    end = datetime.now(UTC)
    for first in range(0, answers, PAGE):
        numbers = range(first + 1, min(first + PAGE, answers) + 1)
        subjects = world.random.integers(0, 12, size=len(numbers)).tolist()
        moments = [end - timedelta(seconds=YEAR * (1 - number / answers)) for number in numbers]
        questions = [
            {
                "id": number,
                "platform": "local",
                "customer_id": f"c{number}",
                "customer_handle": f"c{number}",
                "text": text,
                "topics": [[f"t{subject}", 1.0]],
                "state": QuestionState.SETTLED,
                "asked_at": at,
                "due_at": None,
            }
            for number, subject, text, at in zip(
                numbers, subjects, world.texts(subjects), moments, strict=True
            )
        ]
        given = [
            {
                "id": number,
                "question_id": number,
                "employee_id": 1 + (number * 7 + subject) % EMPLOYEES,
                "text": "Please restart it.",
                "state": AnswerState.PUBLISHED,
                "written_at": at,
                "published_at": at,
                "lead": True,
            }
            for number, subject, at in zip(numbers, subjects, moments, strict=True)
        ]
        lines = [
            {"kind": ChangeKind.ANSWER, "row_id": number, "detail": {}, "at": at}
            for number, at in zip(numbers, moments, strict=True)
        ]
        with database.connect() as connection:
            for table, rows in ((QuestionRow, questions), (AnswerRow, given), (ChangeRow, lines)):
                connection.execute(insert(table_of(table)), rows)


class Asking:
    """Somebody who posts mentions at the server, one by one, and a reader who opens a page each time."""

    def __init__(self, server: Server, database: Database, answers: int) -> None:
        self.server = server
        self.database = database
        self.answers = answers
        self.asked = 0

    def ask(self) -> dict[str, float]:
        """One mention: seconds until it is offered, until a page is there, and of the processor."""
        self.asked += 1
        handle = self.server.settings.local.handle
        post = {"author": f"customer{self.asked}", "text": f"@{handle} word1 word{self.asked} topic1term2"}
        spent, began = self.server.processor_seconds(), time.perf_counter()
        self._open("/local/posts", post)
        self._open("/")
        page = time.perf_counter() - began
        while not self._is_offered():
            if time.perf_counter() - began > LONGEST_SECONDS:
                raise RuntimeError("nobody was asked")
            time.sleep(0.005)
        return {
            "offered": time.perf_counter() - began,
            "page": page,
            "processor": self.server.processor_seconds() - spent,
        }

    def learned(self) -> float:
        """The share of the past that the server has learned."""
        return float(self._open("/readyz")["experts_learned"])

    def _is_offered(self) -> bool:
        with self.database.read() as session:
            newest = session.exec(
                select(func.count(func.distinct(OfferRow.question_id))).where(
                    OfferRow.question_id > self.answers
                )
            ).one()
        return int(newest) >= self.asked

    def _open(self, path: str, post: dict[str, str] | None = None) -> Any:
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self.server.port}{path}",
            data=json.dumps(post).encode() if post else None,
            headers={"content-type": "application/json"} if post else {},
        )
        with urllib.request.urlopen(asked, timeout=LONGEST_SECONDS) as answer:
            body = answer.read()
        return json.loads(body) if answer.headers["content-type"].startswith("application/json") else body


def measure(answers: int) -> dict[str, Any]:
    """All figures of one size."""
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        database = prepare(directory)
        hire(database, load_story())
        seed(database, answers)
        with serving(directory) as server:
            began = time.perf_counter()
            asking = Asking(server, database, answers)
            first = asking.ask()
            meanwhile: list[dict[str, float]] = []
            peak, beside = server.resident_mb(), (0.0, 0.0)
            while asking.learned() < 1.0:
                if len(meanwhile) < ASKED:
                    meanwhile.append(asking.ask())
                beside = _larger(beside, _children(server))
                time.sleep(0.2)
            learned = time.perf_counter() - began
            afterwards = [asking.ask() for _ in range(ASKED)]
            peak = max(peak, server.peak_mb())
        database.close()
    return {
        "answers": answers,
        "first mention offered, s": round(first["offered"], 2),
        "offered target met": first["offered"] < OFFERED_TARGET_SECONDS,
        "all learned, s": round(learned, 1),
        "learned target met": learned < LEARNED_TARGET_SECONDS,
        **{
            f"{what} {when}, median ms": round(statistics.median(one[what] for one in some) * 1e3, 1)
            for what in ("offered", "page", "processor")
            for when, some in (("meanwhile", meanwhile), ("afterwards", afterwards))
            if some
        },
        "mentions meanwhile": len(meanwhile),
        "server's peak, MB": round(peak),
        "learning process's peak, MB": round(beside[0]),
        "learning process's processor time, s": round(beside[1], 1),
    }


def _children(server: Server) -> tuple[float, float]:
    """What the process that the server has started costs: memory in MB, processor time in seconds."""
    found = (0.0, 0.0)
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
            pages = int(status.with_name("statm").read_text().split()[1])
        except OSError:  # it has ended meanwhile
            continue
        if int(fields[1]) == server.pid:
            spent = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
            found = _larger(found, (pages * os.sysconf("SC_PAGE_SIZE") / 1e6, spent))
    return found


def _larger(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return max(one[0], other[0]), max(one[1], other[1])


def main() -> None:
    """Measure the sizes of the command line."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--answers", type=int, nargs="+", default=[1_000, 100_000])
    for answers in arguments.parse_args().answers:
        print(json.dumps(measure(answers)), flush=True)


if __name__ == "__main__":
    main()
