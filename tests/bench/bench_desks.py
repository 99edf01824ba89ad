"""What open desks cost while questions come in, and how the other pages fare meanwhile.

``python tests/bench/bench_desks.py [--desks 0 200] [--people 2000] [--seconds 20]`` prints one JSON object
for each number of desks: a real ``chorus serve`` with so many signed-in employees at their desks takes ten
mentions a second by the local feed's webhook and offers each to those who know its subject. The desks are in
another process and do what the page's script does: hold their event stream, wait a moment when they are told,
and fetch what lives on their page. Of a hundred, eight have the list of all open questions before them, two
are in charge and look at the overview, the others see their own questions.

- cpu_share: processor time of the server per second, and how much of it is above none (the run without desks)
- page_ms_p95, home_ms_p95: a whole desk page and ``/``, asked for by one more person all the while
- bytes_per_desk_and_second: what a desk is sent, events and pages together
"""

import argparse
import asyncio
import json
import multiprocessing
import random
import shutil
import sys
import tempfile
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlmodel import col, select

from app.cli.demo.story import Story, load_story
from app.wiring.keys import derive
from bot.platforms.local.adapter import FeedPost, Local
from bot.posts import PostEvent
from bot.roles import Role
from bot.store.engine import Database, open_engine
from bot.store.house.feed import StoredFeed
from bot.store.people import access
from bot.store.tables.people import EmployeeRow
from tests.bench.load import paced, percentile, post
from tests.bench.served import SECRET, Server, hire, prepare, serving, url

CHANGES = 10
"""Mentions a second."""
SETTLING = 4.0
IDLE = 8.0
PAGE, OPEN, CHARGE = "/desk", "/desk/open", "/admin"
WATCHED = {PAGE: "mine", OPEN: "work", CHARGE: "work"}
BETWEEN = 1.0
"""Seconds from one look to the next, as in ``app/static/live.js``."""
TARGETS = {"above_none": "200 desks < 0.3, 2,000 < 1.0", "page_ms_p95": "< 100", "home_ms_p95": "< 100"}


@dataclass
class Seen:
    """What all desks together saw."""

    events: int = 0
    looks: int = 0
    unchanged: int = 0
    refused: int = 0
    received: int = 0
    latencies: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Desk:
    """Somebody signed in before a page."""

    cookie: str
    page: str


class OpenPage:
    """One open page, as its script behaves."""

    def __init__(self, port: int, desk: Desk, seen: Seen) -> None:
        self._port = port
        self._desk = desk
        self._seen = seen
        self._tag = ""
        self._looked = 0.0
        self._look: asyncio.Task[None] | None = None
        self._is_stale = False

    async def listen(self) -> None:
        query = f"since={await self._load()}&watch={WATCHED[self._desk.page]}"
        reader, _ = await self._ask(f"/desk/live?{query}", "accept: text/event-stream\r\n")
        while line := await reader.readline():
            self._seen.received += len(line)
            if line.startswith(b"event: change"):
                self._seen.events += 1
                self._soon()

    async def _load(self) -> str:
        """Open the page; up to which change it shows everything."""
        _, body = await self._fetch("")
        return body.partition(b'data-seen="')[2].partition(b'"')[0].decode() or "0"

    def _soon(self) -> None:
        if self._look is not None and not self._look.done():
            self._is_stale = True
            return
        self._look = asyncio.create_task(self._look_again())

    async def _look_again(self) -> None:
        self._is_stale = True
        while self._is_stale:
            rest = self._looked + BETWEEN - time.perf_counter()
            await asyncio.sleep(max(0.05 + random.random() * 0.2, rest))
            self._is_stale, self._looked = False, time.perf_counter()
            status, _ = await self._fetch(f"chorus-live: 1\r\nif-none-match: {self._tag}\r\n")
            self._seen.looks += 1
            self._seen.unchanged += status == 304
            self._seen.refused += status not in (200, 304)
            self._seen.latencies.append(time.perf_counter() - self._looked)

    async def _fetch(self, fields: str) -> tuple[int, bytes]:
        reader, writer = await self._ask(self._desk.page, f"{fields}connection: close\r\n")
        answer = await reader.read(-1)
        writer.close()
        self._seen.received += len(answer)
        head, _, body = answer.partition(b"\r\n\r\n")
        self._tag = head.partition(b"\r\netag: ")[2].partition(b"\r\n")[0].decode() or self._tag
        return int(head[9:12] or 0), body

    async def _ask(self, path: str, fields: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(
            f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/html\r\n"
            f"cookie: chorus={self._desk.cookie}\r\n{fields}\r\n".encode()
        )
        return reader, writer


async def _sit(port: int, desks: list[Desk], commands: Any) -> None:
    """Open all pages, then hand over what was seen whenever somebody asks, until nobody does any more."""
    seen, open_pages = Seen(), []
    for desk in desks:
        open_pages.append(asyncio.create_task(OpenPage(port, desk, seen).listen()))
        await asyncio.sleep(0.01)
    commands.send(len(open_pages))
    while await asyncio.to_thread(commands.recv):
        ended = [one for one in open_pages if one.done()]
        commands.send((seen.__dict__, len(ended)))
        seen.__dict__.update(Seen().__dict__)
    for page in open_pages:
        page.cancel()


def sit(port: int, desks: list[Desk], commands: Any) -> None:
    import uvloop

    with suppress(EOFError):
        uvloop.run(_sit(port, desks, commands))


def signed_in(database: Database, desks: int) -> list[Desk]:
    """So many employees, each with a session, before their pages; one more sits before none."""
    found = []
    with database.write() as session:
        now = database.now(session)
        people = session.exec(select(EmployeeRow).order_by(col(EmployeeRow.id))).all()
        for number, employee in enumerate(people[: desks + 1]):
            page = CHARGE if number % 50 == 7 else OPEN if number % 12 == 5 else PAGE
            employee.role = Role.MODERATOR if page == CHARGE else Role.EMPLOYEE
            found.append(Desk(access.start_session(session, employee, now), page))
    return found


def mentions(database: Database, story: Story, count: int) -> list[bytes]:
    """Signed webhooks of the local feed, each with a mention of a new customer."""
    local = Local(
        StoredFeed(database),
        "brand",
        [derive(SECRET, "local webhooks")],
        "http://x",
        lambda: datetime.now(UTC),
    )
    begin = time.time_ns()
    made = []
    for number in range(count):
        text = f"{story.archive[number % len(story.archive)].mention} ({begin + number})"
        event = FeedPost(f"{begin}-{number}", f"customer{begin + number}", text, datetime.now(UTC))
        made.append(post("/webhooks/local", *local.webhook(PostEvent.CREATED, event)))
    return made


async def _probe(port: int, cookie: str, seconds: float) -> dict[str, list[float]]:
    """Another person's pages, one after the other."""
    took: dict[str, list[float]] = {"/": [], PAGE: []}
    page = OpenPage(port, Desk(cookie, PAGE), Seen())
    home = OpenPage(port, Desk("", "/"), Seen())
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for path, one in ((PAGE, page), ("/", home)):
            begin = time.perf_counter()
            await one._fetch("")
            took[path].append(time.perf_counter() - begin)
        await asyncio.sleep(0.1)
    return took


def share(server: Server, seconds: float) -> float:
    before = server.processor_seconds()
    time.sleep(seconds)
    return (server.processor_seconds() - before) / seconds


def run(story: Story, directory: Path, desks: int, seconds: float) -> dict[str, Any]:
    with closing(Database(open_engine(url(directory)))) as database:
        everybody = signed_in(database, desks)
        context = multiprocessing.get_context("spawn")
        with serving(directory, LOCAL__ENABLED="true") as server:
            with paced(server.port, mentions(database, story, 30), per_second=CHANGES) as warm:
                warm()
            ours, theirs = context.Pipe()
            process = context.Process(target=sit, args=(server.port, everybody[1:], theirs))
            process.start()
            ours.recv()
            time.sleep(SETTLING)
            idle = share(server, IDLE)
            ours.send(True)
            ours.recv()
            before, begin = server.processor_seconds(), time.perf_counter()
            batch = mentions(database, story, round(CHANGES * seconds))
            with paced(server.port, batch, per_second=CHANGES) as result:
                took = asyncio.run(_probe(server.port, everybody[0].cookie, seconds - 1))
                refused = result().refused
            wall = time.perf_counter() - begin
            spent = server.processor_seconds() - before
            ours.send(True)
            seen, ended = ours.recv()
            ours.send(False)
            process.join()
            return {
                "desks": desks,
                "idle_cpu_share": round(idle, 3),
                "cpu_share": round(spent / wall, 3),
                "events_per_second": round(seen["events"] / wall, 1),
                "looks_per_second": round(seen["looks"] / wall, 1),
                "unchanged": seen["unchanged"],
                "look_ms_p95": round(percentile(seen["latencies"] or [0.0], 0.95) * 1000, 1),
                "page_ms_p95": round(percentile(took[PAGE], 0.95) * 1000, 1),
                "home_ms_p95": round(percentile(took["/"], 0.95) * 1000, 1),
                "bytes_per_desk_and_second": round(seen["received"] / wall / max(desks, 1)),
                "refused": refused + seen["refused"],
                "streams_ended": ended,
                "resident_mb": round(server.resident_mb()),
            }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--desks", type=int, nargs="+", default=[0, 200])
    arguments.add_argument("--people", type=int, default=2000)
    arguments.add_argument("--seconds", type=float, default=20.0)
    asked = arguments.parse_args()
    story, none = load_story(), None
    with tempfile.TemporaryDirectory(prefix="chorus-bench-") as name:
        house = Path(name) / "house"
        house.mkdir()
        with closing(prepare(house)) as database:
            hire(database, story, max(asked.people, *asked.desks) + 1)
        for desks in asked.desks:
            directory = Path(name) / str(desks)
            shutil.copytree(house, directory)
            figures = run(story, directory, desks, asked.seconds)
            none = figures["cpu_share"] if none is None else none
            figures["above_none"] = round(figures["cpu_share"] - none, 3)
            print(json.dumps({**figures, "targets": TARGETS}), flush=True)


if __name__ == "__main__":
    main()
