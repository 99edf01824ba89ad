"""A day's load in half an hour (``--minutes`` for less): what grows that should not?

A real ``chorus serve`` on the built-in feed: customers ask at a steady pace, their employees answer, readers
search, some questions are deleted again. Its memory, descriptors and write-ahead log are looked at all the
time; the last third has to lie within a tenth of the middle one. The feed is the ledger: every conversation
has exactly one publication in the end.
"""

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from app.cli.demo.story import Story, load_story
from tests.bench.served import EMPLOYEES, Server, hire, prepare, serving

DAY = 5_000
"""Conversations of a busy day."""
DELETED = 0.02
"""Share of the questions that their authors delete before anybody answers."""
SETTLING_SECONDS = 60.0


@dataclass
class Watch:
    """What a server holds, looked at once a second."""

    server: Server
    directory: Path
    samples: dict[str, list[float]] = field(
        default_factory=lambda: {"resident_mb": [], "descriptors": [], "wal_mb": []}
    )
    looked_at: float = 0.0

    def look(self) -> None:
        if time.monotonic() - self.looked_at < 1.0:
            return
        self.looked_at = time.monotonic()
        wal = self.directory / "chorus.db-wal"
        self.samples["resident_mb"].append(self.server.resident_mb())
        self.samples["descriptors"].append(self.server.descriptors())
        self.samples["wal_mb"].append(wal.stat().st_size / 1e6 if wal.exists() else 0.0)

    def growth(self) -> dict[str, dict[str, float]]:
        """The median of the middle and of the last third, and their ratio."""
        found = {}
        for name, values in self.samples.items():
            third = len(values) // 3
            middle, last = (
                statistics.median(values[third : 2 * third]),
                statistics.median(values[2 * third :]),
            )
            found[name] = {
                "middle": round(middle, 1),
                "last": round(last, 1),
                "ratio": round(last / middle, 3) if middle else 1.0,
            }
        return found


class Feed:
    """The built-in feed, as anybody uses it."""

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}"

    def post(self, author: str, text: str, in_reply_to: str | None = None) -> str:
        body = {"author": author, "text": text, "in_reply_to": in_reply_to}
        return str(self._ask("POST", "/local/posts", body)["id"])

    def delete(self, number: str) -> None:
        self._ask("DELETE", f"/local/posts/{number}")

    def search(self, words: str) -> None:
        self._ask("GET", f"/api/v1/answers?{urllib.parse.urlencode({'q': words})}")

    def by_brand(self) -> Counter[str]:
        """How many publications each post has."""
        found: Counter[str] = Counter()
        after = ""
        while True:
            items = self._ask("GET", f"/local/posts?author=brand&after={after}")["items"]
            if not items:
                return found
            found.update(item["in_reply_to"] for item in items)
            after = items[-1]["id"]

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self._base + path, data, {"content-type": "application/json"})
        request.method = method
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")


def soak(minutes: float) -> dict[str, Any]:
    count = round(DAY * minutes / 30)
    story, chance = load_story(), random.Random(7)
    with tempfile.TemporaryDirectory(prefix="chorus-soak-") as name:
        directory = Path(name)
        with closing(prepare(directory)) as database:
            hire(database, story)
        with serving(directory) as server:
            watch, feed = Watch(server, directory), Feed(server.port)
            asked = _talk(feed, watch, story, chance, count, minutes * 60)
            end = time.monotonic() + SETTLING_SECONDS
            while set(feed.by_brand()) < asked and time.monotonic() < end:
                watch.look()
                time.sleep(0.5)
            published = feed.by_brand()
    return {
        "minutes": minutes,
        "conversations": len(asked),
        "deleted": count - len(asked),
        "lost": len(asked - set(published)),
        "doubled": sum(1 for times in published.values() if times > 1),
        "answers_to_deleted": len(set(published) - asked),
        **watch.growth(),
        "targets": {"lost": 0, "doubled": 0, "answers_to_deleted": 0, "every ratio": "<= 1.1"},
    }


def _talk(
    feed: Feed, watch: Watch, story: Story, chance: random.Random, count: int, seconds: float
) -> set[str]:
    """Questions at a steady pace, each answered while the next ones come; the ids of those answered."""
    mentions = [chapter.mention for chapter in story.archive]
    began, open_questions, answered = time.monotonic(), list[str](), set[str]()
    for number in range(count):
        while time.monotonic() - began < seconds * number / count:
            watch.look()
            time.sleep(0.01)
        mention = mentions[number % len(mentions)]
        question = feed.post(f"customer{number}", f"{mention} ({number})")
        if chance.random() < DELETED:
            feed.delete(question)
        else:
            open_questions.append(question)
        while len(open_questions) > 5 or (number == count - 1 and open_questions):
            first = open_questions.pop(0)
            employee = f"employee{chance.randrange(EMPLOYEES)}"
            feed.post(employee, f"Please hold the button until light {first} is on. #chorus", first)
            answered.add(first)
        if not number % 3:
            feed.search(mention)
    return answered


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--minutes", type=float, default=2.0)
    figures = soak(arguments.parse_args().minutes)
    print(json.dumps({"soak": figures}, indent=1), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
