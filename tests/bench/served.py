"""Real ``chorus serve`` and ``chorus work`` in processes of their own, watched from outside."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from app.cli.demo.story import Story
from app.wiring.settings import Settings, load_settings
from bot.actions.people import employees, topics
from bot.actions.people.details import Details
from bot.platforms.accounts import Account
from bot.store import migrations
from bot.store.engine import Database, open_engine
from bot.text.times.hours import format_hours
from routing.model.domain import Shift

SECRET = "a secret of the benchmarks only, forty characters"
EMPLOYEES = 300
_STARTS_WITHIN = 180.0
_ALWAYS = tuple(Shift(day, 0, 24 * 60) for day in range(7))


class Running:
    """A running process, and what it costs."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    def processor_seconds(self) -> float:
        """What it has used so far, in user and system time together (proc(5), fields 14 and 15)."""
        return processor_seconds(self._process.pid)

    def resident_mb(self) -> float:
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    @property
    def pid(self) -> int:
        return self._process.pid

    def peak_mb(self) -> float:
        """The most memory it has held so far."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1e3

    def descriptors(self) -> int:
        return len(list(Path(f"/proc/{self._process.pid}/fd").iterdir()))

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(timeout=40)


class Server(Running):
    """A running server: its port, its settings, and what it costs."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int, settings: Settings) -> None:
        super().__init__(process)
        self.port = port
        self.settings = settings
        self.ready_after = 0.0
        self.processor_to_ready = 0.0

    def wait_until_ready(self, began: float) -> None:
        while not self._is_ready():
            if self._process.poll() is not None or time.perf_counter() - began > _STARTS_WITHIN:
                raise RuntimeError("the server did not start")
            time.sleep(0.01)
        self.ready_after = time.perf_counter() - began
        self.processor_to_ready = self.processor_seconds()

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.HTTPError):
            return False


def processor_seconds(pid: int) -> float:
    """What a process has used so far, in user and system time together (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def prepare(directory: Path) -> Database:
    """A migrated, empty database for a server of this directory."""
    database = Database(open_engine(url(directory)))
    migrations.upgrade(database.engine)
    return database


def hire(database: Database, story: Story, people: int = EMPLOYEES, platform: str = "local") -> None:
    """Employees who are always on duty and take everything, three topics each."""
    rng = random.Random(3)
    slugs = [subject.slug for subject in story.topics]
    with database.write() as session:
        now = database.now(session)
        for subject in story.topics:
            topics.add_topic(session, subject.slug, subject.name, keywords=subject.keywords, now=now)
        for number in range(people):
            details = Details(
                name=f"Employee {number}",
                email=f"employee{number}@example.com",
                hours=format_hours(_ALWAYS),
                daily_cap=1_000,
                open_cap=1_000,
                topics={slug: rng.randint(1, 3) for slug in rng.sample(slugs, 3)},
            )
            name = f"employee{number}"
            employees.add_employee(session, details, accounts=[Account(platform, name, name)], now=now)


def settings_of(directory: Path, **given: str) -> Settings:
    return load_settings(environment(directory, 8000, given), directory)


@contextmanager
def serving(directory: Path, *options: str, **given: str) -> Iterator[Server]:
    """``chorus serve`` on ``directory``, with further options and settings, until the end of the block."""
    port = free_port()
    own = environment(directory, port, given)
    began = time.perf_counter()
    process = start(directory, own, "serve", "--port", str(port), *options)
    server = Server(process, port, load_settings(own, directory))
    try:
        server.wait_until_ready(began)
        yield server
    finally:
        server.stop()


@contextmanager
def working(directory: Path, **given: str) -> Iterator[Running]:
    """``chorus work`` with files of its own in ``directory``, until the end of the block."""
    worker = Running(start(directory, environment(directory, 8000, given), "work"))
    try:
        yield worker
    finally:
        worker.stop()


def start(
    directory: Path, own: Mapping[str, str], *words: str, log: IO[bytes] | int = subprocess.DEVNULL
) -> "subprocess.Popen[bytes]":
    """``chorus`` with these words, in ``directory``."""
    others = {
        name: value
        for name, value in os.environ.items()
        # the byte code of a second start is there, as after any first one
        if not name.startswith("CHORUS_") and name != "PYTHONDONTWRITEBYTECODE"
    }
    command = [str(Path(sys.executable).parent / "chorus"), *words]
    return subprocess.Popen(
        command,
        env={**others, **own},
        cwd=directory,
        stdout=log,
        stderr=log,
    )


def environment(directory: Path, port: int, given: Mapping[str, str]) -> dict[str, str]:
    """What a server of this directory is told, ``given`` settings in front."""
    return {
        "CHORUS_DATABASE_URL": url(directory),
        "CHORUS_DATA_DIRECTORY": str(directory),
        "CHORUS_SECRET_KEY": SECRET,
        "CHORUS_BASE_URL": f"http://127.0.0.1:{port}",
        "CHORUS_LOG_LEVEL": "warning",
        "CHORUS_SEARCH__MEANING": "false",
        "CHORUS_SEARCH__REQUESTS_PER_MINUTE": "100000000",
        **{f"CHORUS_{name}": value for name, value in given.items()},
    }


def url(directory: Path) -> str:
    return f"sqlite:///{directory / 'chorus.db'}"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
