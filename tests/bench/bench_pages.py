"""What a public page costs at 16 clients, with few entries and with many, on SQLite.

``python tests/bench/bench_pages.py [--entries N]`` prints one JSON object per page: processor milliseconds
per request of a real ``chorus serve`` with 1,000 entries and with N, their ratio, which is what counts, and
how much more memory the server holds afterwards. ``/search`` asks 200 searches again and again, as people
do; beside it stands what one costs that nobody has done before. Both servers run at once and are asked in
turn, so that both see the same weather.
"""

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice, permutations, repeat
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from app.cli.demo.story import Story, load_story
from bot.actions.archive.imports import ImportedAnswer, PastEntry, import_entry
from bot.store.engine import Database
from tests.bench.load import get, hard
from tests.bench.served import Server, hire, prepare, serving

CLIENTS = 16
FEW = 1_000
ROUNDS = 3
SECONDS = 1.5
ALL_DIFFERENT = "/search, never the same"
PAGES = (
    "/",
    "/search",
    ALL_DIFFERENT,
    "/topics",
    "/topics/{topic}",
    "/feed.atom",
    "/sitemap.xml",
    "/sitemap-1.xml",
)
SEARCHES = 200
MOST_WITHIN_A_TIME = 1_100
"""More searches than are answered within one time of asking."""
MOST_TIMES_AS_MUCH = 1.5
WORDS = (
    "router",
    "light",
    "tv",
    "picture",
    "update",
    "sound",
    "remote",
    "battery",
    "order",
    "refund",
    "wifi",
)


def fill(database: Database, story: Story, entries: int) -> None:
    """Entries whose titles and answers are sentences of the demo's archive in new company."""
    rng = random.Random(7)
    answers = [part for one in story.archive for reply in one.answers for part in reply.text.split(". ")]
    begin = datetime.now(UTC) - timedelta(days=300)
    for first in range(0, entries, 2_000):
        with database.write() as session:
            for number in range(first, min(first + 2_000, entries)):
                about, at = rng.choice(story.archive), begin + timedelta(minutes=number)
                text = ". ".join(rng.choices(answers, k=3)) + f" ref{number}"
                past = PastEntry(
                    title=f"{about.title} ({number})",
                    question=rng.choice(story.archive).mention,
                    asked_at=at,
                    answers=[ImportedAnswer(text=text, credit="^Jane", written_at=at)],
                    topic=about.topic,
                    language="en",
                    customer=f"customer{number}",
                )
                import_entry(session, past, at)


def requests_of(page: str, topic: str) -> Iterator[list[bytes]]:
    """For each time that the page is measured, what is asked then."""
    if page not in {"/search", ALL_DIFFERENT}:
        yield from repeat([get(page.format(topic=topic))] * 400)
    words = [one for many in (2, 3, 4) for one in permutations(WORDS, many)]
    random.Random(1).shuffle(words)
    searches = [get(f"/search?q={'+'.join(one)}") for one in words]
    if page == "/search":
        yield from repeat(searches[:SEARCHES])
    while len(searches) >= MOST_WITHIN_A_TIME:
        yield searches[:MOST_WITHIN_A_TIME]
        del searches[:MOST_WITHIN_A_TIME]


def cost(server: Server, requests: list[bytes]) -> float:
    """Processor milliseconds per request."""
    before = server.processor_seconds()
    load = hard(server.port, requests * 50, connections=CLIENTS, seconds=SECONDS)
    return (server.processor_seconds() - before) / max(1, len(load.latencies)) * 1_000


def wait_for_search(server: Server) -> None:
    ready = b""
    while b'"search":"complete"' not in ready:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/readyz") as answer:
            ready = bytes(answer.read())
        time.sleep(0.1)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--entries", type=int, default=10_000)
    many = arguments.parse_args().entries
    story = load_story()
    topic = story.topics[0].slug
    with tempfile.TemporaryDirectory(prefix="chorus-bench-") as name:
        directories = {entries: Path(name) / str(entries) for entries in (FEW, many)}
        for entries, directory in directories.items():
            directory.mkdir()
            with closing(prepare(directory)) as database:
                hire(database, story)
                fill(database, story, entries)
        with (
            serving(directories[FEW], "--no-worker") as small,
            serving(directories[many], "--no-worker") as large,
        ):
            wait_for_search(small)
            wait_for_search(large)
            for page in PAGES:
                asked = requests_of(page, topic)
                cost(small, requests := next(asked))
                cost(large, requests)
                held = large.resident_mb()
                pairs = [(cost(small, requests), cost(large, requests)) for requests in islice(asked, ROUNDS)]
                few, lots = (statistics.median(values) for values in zip(*pairs, strict=True))
                figures = {
                    "page": page,
                    f"cpu_ms_{FEW}": round(few, 2),
                    f"cpu_ms_{many}": round(lots, 2),
                    "ratio": round(lots / few, 2),
                    "more_mb": round(large.resident_mb() - held),
                    "targets": {"ratio": f"<= {MOST_TIMES_AS_MUCH}", "more_mb": "< 20"},
                }
                print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
