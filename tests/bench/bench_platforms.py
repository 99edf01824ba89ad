"""What the adapters cost: a call against the bare httpx call, and CPU per mention taken in.

``python tests/bench/bench_platforms.py [--calls 300] [--mentions 500]`` prints one JSON object. The calls
go to a real HTTP server in a process of its own, bare and through the adapter in turn, with the same body
and headers, so that only the ratio counts. Mentions are taken in through each adapter's own door (a webhook,
or a poll of 100) as a process's CPU time; 50 a second at under 1 ms each is the goal.
"""

import argparse
import json
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import httpx

from bot.platforms.bluesky.adapter import Bluesky
from bot.platforms.bluesky.api import BlueskyAccount
from bot.platforms.generic.adapter import Generic, GenericAccount
from bot.platforms.mastodon.adapter import Mastodon
from bot.platforms.mastodon.api import MastodonAccount
from bot.platforms.x.account import XAccount
from bot.platforms.x.adapter import X
from bot.posts import Outgoing, Post
from tests.bot.platforms.fake_clock import FakeClock
from tests.bot.platforms.memory_tokens import MemoryTokens
from tests.bot.platforms.stages import STAGES, Stage

WARM_UP = 20
PARENT = "at://did:plc:c/app.bsky.feed.post/3k"
REFS = {"cid": "bafy", "root_uri": PARENT, "root_cid": "bafy"}
STATUS = {
    "id": "7",
    "url": "https://social.example/@brand/7",
    "created_at": "2026-06-01T12:00:00.000Z",
    "content": "<p>Hold the button.</p>",
    "account": {"id": "1", "username": "brand", "acct": "brand"},
    "visibility": "public",
}
ANSWERS: dict[str, Any] = {
    "/2/tweets": {"data": {"id": "2080761390344937796", "text": "Hold the button."}},
    "/xrpc/com.atproto.repo.putRecord": {"uri": "at://did:plc:b/app.bsky.feed.post/3k", "cid": "bafy"},
    "/hook": {"id": "7", "url": "https://feed.example/7"},
    "/api/v1/statuses": STATUS,
    "/api/v1/accounts/verify_credentials": STATUS["account"],
    "/api/v2/instance": {"domain": "social.example", "version": "4.4.0"},
}


class Handler(BaseHTTPRequestHandler):
    """Answers every call at once, as its platform would."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = json.dumps(ANSWERS[self.path.partition("?")[0]]).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        self.wfile.write(head.encode() + body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def serve(told: Connection) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.send(server.server_address[1])
    server.serve_forever()


@contextmanager
def server() -> Any:
    """A server in a process of its own; yields its address."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    process.start()
    yield f"http://127.0.0.1:{here.recv()}"
    process.terminate()
    process.join()


def adapters(url: str) -> dict[str, tuple[Any, str]]:
    """Adapters that speak to the server, each with the path it publishes to."""
    clock = FakeClock()
    x = XAccount(user_id="1", handle="brand", base_url=url, allow_loopback=True)
    generic = GenericAccount(("whsec_" + "c2VjcmV0" * 4,), publish_url=f"{url}/hook")
    bluesky = BlueskyAccount(service=url, plc_directory=url, allow_loopback=True)
    session = MemoryTokens(did="did:plc:b", handle="brand.example", access="token", refresh="token")
    tokens = MemoryTokens(access_token="token")
    return {
        "x": (X(x, tokens, clock), "/2/tweets"),
        "generic": (Generic(generic, clock), "/hook"),
        "bluesky": (Bluesky(bluesky, session, clock, clock_id=1), "/xrpc/com.atproto.repo.putRecord"),
        "mastodon": (Mastodon(MastodonAccount(url, allow_loopback=True), tokens, clock), "/api/v1/statuses"),
    }


def time_calls(url: str, adapter: Any, path: str, calls: int) -> dict[str, float]:
    """Median milliseconds of a bare call and of one through the adapter, made in turn."""
    parent = PARENT if adapter.name == "bluesky" else "5"
    refs = REFS if adapter.name == "bluesky" else {}
    now = FakeClock()()
    outgoing = Outgoing(adapter.name, "3mkdz2n2a2s2c", "Hold the button.", now, in_reply_to=parent, refs=refs)
    body = {"text": "Hold the button.", "reply": {"in_reply_to_tweet_id": "5"}}
    headers = {"authorization": "Bearer token"}
    bare_times, own_times = [], []
    with httpx.Client(base_url=url) as bare:
        for number in range(calls + WARM_UP):
            begun = time.perf_counter()
            bare.post(path, json=body, headers=headers).json()
            between = time.perf_counter()
            adapter.publish(outgoing, timeout=10)
            ended = time.perf_counter()
            if number >= WARM_UP:
                bare_times.append(between - begun)
                own_times.append(ended - between)
    bare_ms, own_ms = statistics.median(bare_times) * 1000, statistics.median(own_times) * 1000
    return {"bare_ms": round(bare_ms, 3), "adapter_ms": round(own_ms, 3), "ratio": round(own_ms / bare_ms, 2)}


def intake(stage: Stage, mentions: int) -> Callable[[], list[Post]]:
    """What takes ``mentions`` mentions in, by the way they come on this platform."""
    ids = [stage.customer_posts(f"no picture since the update, number {n} #tv") for n in range(mentions)]
    bodies = [signed for one in ids if (signed := stage.webhook(one)) is not None]

    def by_webhook() -> list[Post]:
        posts: list[Post] = []
        for body, headers in bodies:
            stage.adapter.verify(body, headers)
            posts += stage.adapter.parse(body)
        return posts

    def by_poll() -> list[Post]:
        cursor = "0"
        posts: list[Post] = []
        for _ in range(mentions):
            page = stage.adapter.poll(cursor if stage.adapter.name == "mastodon" else None)
            posts += page.posts
            cursor = page.cursor or cursor
            if not page.more or stage.adapter.name == "bluesky":
                break
        return posts

    return by_webhook if bodies else by_poll


def cpu_per_mention(name: str, mentions: int) -> dict[str, float]:
    """CPU milliseconds for each mention taken in; polls include the (in-memory) call that brings them."""
    take_in = intake(STAGES[name](), mentions if name != "bluesky" else 100)
    begun = time.process_time()
    posts = take_in()
    spent = time.process_time() - begun
    return {"mentions": len(posts), "cpu_ms_each": round(spent / max(len(posts), 1) * 1000, 3)}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--calls", type=int, default=300)
    asked.add_argument("--mentions", type=int, default=500)
    options = asked.parse_args()
    with server() as url:
        calls = {
            name: time_calls(url, adapter, path, options.calls)
            for name, (adapter, path) in adapters(url).items()
        }
    taken = {name: cpu_per_mention(name, options.mentions) for name in STAGES}
    print(json.dumps({"calls": calls, "intake": taken}, indent=2))


if __name__ == "__main__":
    main()
