"""Three feeds as they are outside of the house: people post on them, and they know what the brand has said.

Each keeps a ledger of its own, apart from the house's database where the feed is not the house's own. Who
posts while the house is down tries again until it is up, as a platform's webhooks do.
"""

import base64
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

import httpx

from bot.platforms.wire.signing import Signer
from tests.bot.platforms.mastodon.mastodon_server import MastodonServer, Person

SECRET = "whsec_" + base64.b64encode(b"o" * 32).decode()
_AGAIN = 0.3


@dataclass(frozen=True, slots=True)
class Asking:
    """Somebody asks: ``reach`` counts who may see it, where the feed tells."""

    who: str
    text: str
    language: str
    reach: int = 0


@dataclass(frozen=True, slots=True)
class SaidTo:
    """What the brand's account has said to somebody, and when, in seconds by the feed's clock."""

    who: str
    text: str
    at: float
    post: str = ""


class Outside(Protocol):
    """A feed."""

    name: str

    def ask(self, asking: Asking) -> None:
        """Somebody posts."""

    def said(self) -> list[SaidTo]:
        """What the brand has said that is there, in order."""


def keep_trying(call: Callable[[], httpx.Response]) -> httpx.Response:
    """The first answer that is no failure of the server, however long it is down."""
    while True:
        try:
            answer = call()
            if answer.status_code < 500 and answer.status_code != 429:
                return answer
        except httpx.TransportError:
            pass
        time.sleep(_AGAIN)


class OutsideLocal:
    """The built-in feed, by its JSON."""

    name = "local"

    def __init__(self, port: int) -> None:
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)

    def ask(self, asking: Asking) -> None:
        """Posted again where the answer was lost: a customer may say it twice, and is told once."""
        post = {"author": asking.who, "text": f"@brand {asking.text}"}
        keep_trying(lambda: self._client.post("/local/posts", json=post)).raise_for_status()

    def said(self) -> list[SaidTo]:
        """Read to the end, page by page."""
        posts: list[dict[str, Any]] = []
        after = ""
        while True:
            items = keep_trying(partial(self._client.get, "/local/posts", params={"after": after})).json()[
                "items"
            ]
            if not items:
                break
            posts += items
            after = items[-1]["id"]
        authors = {post["id"]: post["author"] for post in posts}
        return [
            SaidTo(
                authors.get(post["in_reply_to"], ""),
                post["text"],
                datetime.fromisoformat(post["posted_at"]).timestamp(),
                post["id"],
            )
            for post in posts
            if post["author"] == "brand"
        ]


@dataclass
class OutsideGeneric:
    """The other side of the generic feed: a bridge that makes one post of each key."""

    name = "generic"
    port: int = 0
    """The house's; set once it is known."""
    _made: dict[str, SaidTo] = field(default_factory=dict)
    _again: int = 0
    _gone: set[str] = field(default_factory=set)
    _edits: dict[str, list[str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        bridge = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                message = json.loads(self.rfile.read(int(self.headers["content-length"])))
                status, told = bridge.take(message["type"], message["data"])
                raw = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()
        self._client = httpx.Client(timeout=30)
        self._signer = Signer([SECRET])

    def ask(self, asking: Asking) -> None:
        """As the bridge would: the same post until it is taken."""
        self.bring(
            {
                "id": f"q-{asking.who}",
                "author": {"id": asking.who, "handle": asking.who, "followers": asking.reach},
                "text": f"@brand {asking.text}",
                "language": asking.language,
                "mentions": [{"handle": "brand", "id": "brand"}],
            }
        )

    def bring(self, post: dict[str, Any]) -> None:
        """A post that somebody wrote just now and everybody can see."""
        now = datetime.now(UTC)
        whole = {"visibility": "public", "posted_at": now.isoformat(), **post}
        body = json.dumps({"posts": [whole]}).encode()

        def send() -> httpx.Response:
            signed = self._signer.sign(body, post["id"], datetime.now(UTC))
            headers = {"content-type": "application/json", **signed}
            url = f"http://127.0.0.1:{self.port}/webhooks/generic"
            return self._client.post(url, content=body, headers=headers)

        keep_trying(send).raise_for_status()

    def take(self, kind: str, data: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """What the bridge answers."""
        with self._lock:
            if kind == "posts.lookup":
                return 200, {"posts": [{"id": one, "gone": one in self._gone} for one in data["ids"]]}
            if kind == "publication.delete":
                self._gone.add(data["id"])
                return 200, {}
            if kind == "publication.edit":
                self._edits.setdefault(data["id"], []).append(data["text"])
                return 200, self._named(data["id"])
            key = data["key"]
            if kind == "publication.find":
                return (200, self._named(f"out-{key}")) if key in self._made else (404, {"detail": "no"})
            if key in self._made:
                self._again += 1
            else:
                who = (data["in_reply_to"] or "").removeprefix("q-")
                self._made[key] = SaidTo(who, data["text"], time.time(), f"out-{key}")
            return 200, self._named(f"out-{key}")

    def said(self) -> list[SaidTo]:
        """What was made and not taken down, with its latest words."""
        with self._lock:
            there = [one for one in self._made.values() if one.post not in self._gone]
        return [SaidTo(one.who, self._edits.get(one.post, [one.text])[-1], one.at, one.post) for one in there]

    def made(self) -> list[SaidTo]:
        """Everything that was ever made."""
        with self._lock:
            return list(self._made.values())

    @property
    def gone(self) -> set[str]:
        """What was taken down."""
        return set(self._gone)

    @property
    def again(self) -> int:
        """How often a key came that had been made before."""
        return self._again

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _named(self, post: str) -> dict[str, Any]:
        return {"id": post, "url": f"http://127.0.0.1/{post}"}


@dataclass
class OutsideMastodon:
    """A server that speaks Mastodon's API, with an account for everybody who asks."""

    server: MastodonServer
    brand: Person
    name = "mastodon"
    asked: dict[str, str] = field(default_factory=dict)
    """Who wrote which status."""
    people: dict[str, Person] = field(default_factory=dict)

    def ask(self, asking: Asking) -> None:
        person = self.server.person(asking.who)
        text = f"@{self.brand.username} {asking.text}"
        status = self.server.post(person, text, language=asking.language, visibility="public")
        self.asked[status["id"]], self.people[asking.who] = asking.who, person

    def said(self) -> list[SaidTo]:
        """The server's own list of the brand's statuses, page by page."""
        found: list[dict[str, Any]] = []
        while page := self.server.statuses_of(self.brand, limit=40, **_before(found)):
            found += page
        return [
            SaidTo(
                self.asked.get(one["in_reply_to_id"] or "", ""),
                one["content"],
                datetime.fromisoformat(one["created_at"]).timestamp(),
                one["id"],
            )
            for one in reversed(found)
        ]


def _before(found: list[dict[str, Any]]) -> dict[str, Any]:
    return {"max_id": found[-1]["id"]} if found else {}
