"""What a real ``chorus serve`` on SQLite costs and bears, measured from outside, on this machine's loopback.

``python tests/bench/bench_serving.py [webhook|offers|start|search ...] [--full] [--entries N]`` prints one
JSON object per part. Ratios within one run are what counts, for the machine may be busy:

- webhook: signed webhooks with a new post each, answered after the durable commit, against the same server's
  empty endpoint /livez: alternating rounds, 32 connections. The worker goes through the posts meanwhile, also
  in the rounds of the empty endpoint; the ratio to one before the first webhook is there too.
- offers: seconds from a mention's 2xx until its offers can be read by another process, while 100 mentions a
  second come in, for 300 employees of eight topics.
- start: from spawning the process to the first 200 of /readyz; memory with the demo's data, after pages,
  searches and routed questions; processor time of a server that nobody uses.
- search: the JSON API over entries resampled from the demo's archive, against our search function in this
  process, which builds the index from the database first.
"""

import argparse
import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).parents[2]))

from app.cli.demo.seed import seed
from app.cli.demo.story import Story, load_story
from app.wiring.keys import derive
from bot.actions.archive.imports import ImportedAnswer, PastEntry, import_entry
from bot.archive.search import Search
from bot.platforms.local.adapter import FeedPost, Local
from bot.posts import PostEvent
from bot.store.archive.entry_source import StoredEntries
from bot.store.engine import Database
from bot.store.house.feed import StoredFeed
from bot.wording.compose import CreditStyle
from tests.bench.load import Load, get, hard, paced, percentile, post
from tests.bench.served import SECRET, Server, hire, prepare, serving

CONNECTIONS = 32
PER_SECOND = 100
PAGES = ("/", "/topics", "/local", "/about", "/search?q=router+light", "/api/v1/answers?q=tv", "/feed.atom")


class Customers:
    """Signed webhooks of the local feed, each with a new post of a new customer."""

    def __init__(self, story: Story, database: Database) -> None:
        self._key = derive(SECRET, "local webhooks")
        self._local = Local(StoredFeed(database), "brand", [self._key], "http://x", lambda: datetime.now(UTC))
        self._mentions = [chapter.mention for chapter in story.archive]
        self.posted = 0

    def webhooks(self, count: int) -> list[bytes]:
        return [self._webhook() for _ in range(count)]

    def _webhook(self) -> bytes:
        self.posted += 1
        text = f"{self._mentions[self.posted % len(self._mentions)]} ({self.posted})"
        event = FeedPost(f"b{self.posted}", f"customer{self.posted}", text, datetime.now(UTC))
        return post("/webhooks/local", *self._local.webhook(PostEvent.CREATED, event))


def rounds(server: Server, customers: Customers, count: int, seconds: float) -> tuple[Load, Load]:
    """The empty endpoint and the webhook in turn, so that both see the same weather."""
    empty, webhook = Load(), Load()
    for _ in range(count):
        for kind, requests in ((empty, [get("/livez")] * 30_000), (webhook, customers.webhooks(12_000))):
            one = hard(server.port, requests, connections=CONNECTIONS, seconds=seconds)
            kind.latencies += one.latencies
            kind.seconds += one.seconds
            kind.refused += one.refused
    return empty, webhook


def webhook_cost(*, full: bool) -> dict[str, Any]:
    story = load_story()
    with _directory() as directory, closing(prepare(directory)) as database:
        customers = Customers(story, database)
        figures: dict[str, Any] = {}
        for name, given in (("", ()), ("_without_worker", ("--no-worker",))):
            with serving(directory, *given) as server:
                hard(server.port, [get("/livez")] * 500, connections=CONNECTIONS, seconds=1)
                idle = hard(server.port, [get("/livez")] * 80_000, connections=CONNECTIONS, seconds=4)
                hard(server.port, customers.webhooks(500), connections=CONNECTIONS, seconds=2)
                empty, webhook = rounds(server, customers, 8 if full else 4, 3.0 if full else 1.5)
            figures |= {
                f"empty_per_s{name}": round(empty.per_second),
                f"webhook_per_s{name}": round(webhook.per_second),
                f"ratio{name}": round(webhook.per_second / empty.per_second, 2),
                f"ratio_to_an_idle_servers{name}": round(webhook.per_second / idle.per_second, 2),
                f"empty_p99_ms{name}": _ms(empty.percentile(0.99)),
                f"webhook_p99_ms{name}": _ms(webhook.percentile(0.99)),
                f"p99_ratio{name}": round(webhook.percentile(0.99) / empty.percentile(0.99), 2),
                f"p99_ratio_to_an_idle_servers{name}": round(
                    webhook.percentile(0.99) / idle.percentile(0.99), 2
                ),
                f"refused{name}": empty.refused + webhook.refused,
            }
    return {**figures, "targets": {"ratio_to_an_idle_servers": ">= 0.5", "p99_ratio": "<= 3", "refused": 0}}


def offers_in_time(*, full: bool) -> dict[str, Any]:
    seconds = 60 if full else 15
    story = load_story()
    with _directory() as directory, closing(prepare(directory)) as database:
        hire(database, story)
        customers = Customers(story, database)
        with serving(directory) as server:
            hard(server.port, customers.webhooks(20), connections=4, seconds=5)
            time.sleep(2)
            first = customers.posted
            requests = customers.webhooks(PER_SECOND * seconds)
            with paced(server.port, requests, per_second=PER_SECOND) as result, _Watch(directory) as watch:
                load = _while(result, watch)
                end = time.time() + 30
                while len(watch.seen) < customers.posted and time.time() < end:
                    watch.look()
        known = {name: at for name, at in watch.seen.items() if name > first}
    waits = [known[first + n + 1] - at for n, at in load.done_at.items() if first + n + 1 in known]
    return {
        "mentions": len(requests),
        "seconds": seconds,
        "refused": load.refused,
        "without_offers": len(requests) - len(waits),
        "offer_after_s": {
            "p50": round(statistics.median(waits), 3),
            "p95": round(percentile(waits, 0.95), 3),
            "max": round(max(waits), 3),
        },
        "webhook_ms": {"p50": _ms(load.percentile(0.5)), "p99": _ms(load.percentile(0.99))},
        "targets": {"offer_after_s p95": "< 1", "without_offers": 0, "refused": 0},
    }


class _Watch:
    """Reads the offers as another process sees them, every few milliseconds."""

    def __init__(self, directory: Path) -> None:
        self._connection = sqlite3.connect(directory / "chorus.db", check_same_thread=False)
        self._last = 0
        self.seen: dict[int, float] = {}

    def __enter__(self) -> "_Watch":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def look(self) -> None:
        rows = self._connection.execute(
            "SELECT offer.id, post.external_id FROM offer JOIN post ON post.question_id = offer.question_id"
            " WHERE offer.id > ? ORDER BY offer.id",
            (self._last,),
        ).fetchall()
        now = time.time()
        for offer, external in rows:
            self._last = offer
            self.seen.setdefault(int(external[1:]), now)
        time.sleep(0.02)


def _while(result: Callable[[], Load], watch: _Watch) -> Load:
    """Keep watching until the load is over."""
    import threading

    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            watch.look()

    thread = threading.Thread(target=look)
    thread.start()
    try:
        return result()
    finally:
        over.set()
        thread.join()


def start_and_memory(*, full: bool) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for name, meaning in (("lexical", "false"), ("with_meaning", "true")):
        with _directory() as directory:
            with closing(prepare(directory)) as database:
                seed(database, load_story(), CreditStyle.FIRST_NAME)
                customers = Customers(load_story(), database)
            with serving(directory, SEARCH__MEANING=meaning):
                pass  # whatever is made at the first start is there
            starts = []
            for _ in range(7 if full else 3):
                with serving(directory, SEARCH__MEANING=meaning) as server:
                    starts.append((server.ready_after, server.processor_to_ready))
            with serving(directory, SEARCH__MEANING=meaning) as server:
                figures[name] = {
                    "start_s": sorted(round(wall, 2) for wall, _ in starts),
                    "start_processor_s": sorted(round(cpu, 2) for _, cpu in starts),
                    **_in_use(server, customers),
                }
    return {
        **figures,
        "targets": {
            "start_s": "< 2",
            "resident_mb": "< 250 lexical, < 400 with meaning",
            "idle_percent": "< 2",
        },
    }


def _in_use(server: Server, customers: Customers) -> dict[str, Any]:
    """Memory and idling after everything has been used a little."""
    at_start = server.resident_mb()
    pages = (
        "/",
        "/topics",
        "/local",
        "/about",
        "/search?q=router+light",
        "/api/v1/answers?q=tv",
        "/feed.atom",
    )
    for path in pages:
        hard(server.port, [get(path)] * 20, connections=4, seconds=5)
    hard(server.port, customers.webhooks(20), connections=4, seconds=5)
    time.sleep(6)
    before = server.processor_seconds()
    time.sleep(10)
    idle = (server.processor_seconds() - before) / 10
    return {
        "resident_mb_when_ready": round(at_start),
        "resident_mb": round(server.resident_mb()),
        "idle_percent": round(idle * 100, 1),
    }


def search_api(*, full: bool, entries: int | None = None) -> dict[str, Any]:
    entries = entries or (100_000 if full else 10_000)
    count = 600 if full else 300
    story = load_story()
    with _directory() as directory, closing(prepare(directory)) as database:
        queries = _resample(database, story, entries, count)
        search = Search.open(directory / "own", StoredEntries(database), meaning=False)
        begin = time.perf_counter()
        search.catch_up()
        rebuilt = time.perf_counter() - begin
        requests = [get(f"/api/v1/answers?limit=10&q={quote(query)}") for query in queries]
        with serving(directory) as server:
            while b'"search":"complete"' not in _readyz(server):
                time.sleep(0.2)
            hard(server.port, requests, connections=1, seconds=3)
            ours, alone = [], Load()
            for _ in range(3):
                ours.append(_timed(lambda text: search.search(text, limit=10), queries))
                alone.latencies += hard(server.port, requests, connections=1, seconds=20).latencies
            many = hard(server.port, requests * 20, connections=16, seconds=15.0 if full else 6.0)
        search.stop()
    best = [min(times) for times in zip(*ours, strict=True)]
    quick = [min(alone.latencies[n :: len(queries)]) for n in range(len(queries))]
    return {
        "entries": entries,
        "rebuild_entries_per_s": round(entries / rebuilt),
        "function_p95_ms": _ms(percentile(best, 0.95)),
        "api_p95_ms": _ms(percentile(quick, 0.95)),
        "api_above_function_p95_ms": _ms(percentile(quick, 0.95) - percentile(best, 0.95)),
        "api_p95_ms_every_request": _ms(alone.percentile(0.95)),
        "per_s_at_16_clients": round(many.per_second),
        "p95_ms_at_16_clients": _ms(many.percentile(0.95)),
        "refused": many.refused,
        "targets": {
            "rebuild_entries_per_s": ">= 20000",
            "api_above_function_p95_ms": "<= 5",
            "per_s_at_16_clients": ">= 300",
            "refused": 0,
        },
    }


def _readyz(server: Server) -> bytes:
    import urllib.request

    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/readyz") as answer:
        return bytes(answer.read())


def _timed(call: Callable[[str], object], queries: Sequence[str]) -> list[float]:
    times = []
    for query in queries:
        begin = time.perf_counter()
        call(query)
        times.append(time.perf_counter() - begin)
    return times


def _resample(database: Database, story: Story, entries: int, queries: int) -> list[str]:
    """Entries whose titles, questions and answers are sentences of the demo's archive in new company."""
    rng = random.Random(7)
    answers = [part for one in story.archive for reply in one.answers for part in reply.text.split(". ")]
    begin = datetime.now(UTC) - timedelta(days=300)
    for first in range(0, entries, 2_000):
        with database.write() as session:
            for number in range(first, min(first + 2_000, entries)):
                about, at = rng.choice(story.archive), begin + timedelta(minutes=number)
                text = ". ".join(rng.choices(answers, k=rng.randint(2, 4))) + f" ref{rng.getrandbits(32):x}"
                past = PastEntry(
                    title=f"{about.title} ({rng.choice(story.archive).title.lower()})",
                    question=rng.choice(story.archive).mention,
                    asked_at=at,
                    answers=[ImportedAnswer(text=text, credit="^Jane", written_at=at)],
                    topic=about.topic,
                    language="en",
                    customer=f"customer{number}",
                )
                import_entry(session, past, at)
    said = [chapter.mention.replace("@brand", "").split() for chapter in story.archive]
    return [_fragment(rng, rng.choice(said)) for _ in range(queries)]


def _fragment(rng: random.Random, words: Sequence[str]) -> str:
    """Three to eight words in a row, as somebody types them into a search box."""
    length = min(len(words), rng.randint(3, 8))
    start = rng.randint(0, len(words) - length)
    return " ".join(words[start : start + length])


@contextmanager
def _directory() -> Any:
    with tempfile.TemporaryDirectory(prefix="chorus-bench-") as name:
        yield Path(name)


def _ms(seconds: float) -> float:
    return round(seconds * 1_000, 2)


PARTS: dict[str, Callable[..., dict[str, Any]]] = {
    "webhook": webhook_cost,
    "offers": offers_in_time,
    "start": start_and_memory,
    "search": search_api,
}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("parts", nargs="*", choices=[*PARTS, []], help="without any: all of them")
    arguments.add_argument("--full", action="store_true", help="the long runs")
    arguments.add_argument("--entries", type=int, help="how many entries are searched in the part search")
    chosen = arguments.parse_args()
    for name in chosen.parts or PARTS:
        sizes = {"entries": chosen.entries} if name == "search" else {}
        print(json.dumps({name: PARTS[name](full=chosen.full, **sizes)}, indent=1), flush=True)


if __name__ == "__main__":
    main()
