"""Stages: a feed with a brand, a customer and an employee on it, the same for every adapter.

The contract test plays on them. What the brand published is read from the feed's own record (``ledger``),
never from the adapter.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any, Protocol
from uuid import uuid4

import httpx

from bot.platforms.base import Platform
from bot.platforms.generic import Generic, GenericAccount
from bot.platforms.local import Local
from bot.platforms.signing import Signer
from bot.platforms.x import X, XAccount
from bot.platforms.x.signature import HEADER, signature
from bot.posts import Author, Outgoing, Post, PostEvent, Published
from tests.platforms import fake_x
from tests.platforms.fake_clock import FakeClock
from tests.platforms.fake_mastodon import FakeMastodon
from tests.platforms.fake_x import FakeX
from tests.platforms.memory_feed import MemoryFeed
from tests.platforms.memory_tokens import MemoryTokens

Sent = tuple[str, str | None]
"""A text and the id it replies to."""


class Stage(Protocol):
    """One feed with people on it."""

    adapter: Platform
    employee: Author
    employee_handle: str
    clock: FakeClock
    can_edit: bool
    keys_are_ignored: bool
    """Whether the server takes the same message twice (GoToSocial)."""
    replies_to_anything: bool
    """Whether the server takes replies to posts that are not there (Bluesky)."""

    def customer_posts(self, text: str, in_reply_to: str | None = None) -> str:
        """The customer writes, addressing the brand; the post's external id is returned."""

    def employee_posts(self, text: str, in_reply_to: str) -> str:
        """The employee replies."""

    def removes(self, external_id: str) -> None:
        """Whoever wrote a post takes it down."""

    def received(self) -> list[Post]:
        """What reaches the bot, by whichever way the platform has."""

    def webhook(self, external_id: str) -> tuple[bytes, dict[str, str]] | None:
        """A signed webhook about a post; None where there are none."""

    def ledger(self) -> list[Sent]:
        """What the brand has published, as the feed has it."""

    def reposts(self) -> int:
        """How many reposts by the brand the feed has."""

    def loses_next_answer(self) -> bool:
        """Let the feed accept the next publication and not answer; False where that cannot happen."""

    def refuses_next(self, status: int, headers: dict[str, str]) -> bool:
        """Let the feed refuse the next publication; False where that cannot happen."""

    def withdraws_permission(self) -> bool:
        """Let the brand's permission be gone for good; False where there is none."""


def reply(stage: Stage, text: str, in_reply_to: str | None, post: Post | None = None) -> Outgoing:
    """A message of the brand, frozen as the outbox does it."""
    return Outgoing(
        platform=stage.adapter.name,
        key=stage.adapter.new_key(stage.clock()),
        text=text,
        created_at=stage.clock(),
        in_reply_to=in_reply_to,
        refs=post.refs if post else {},
    )


def part(stage: Stage, text: str, before: Published) -> Outgoing:
    """The next part of a thread."""
    return Outgoing(
        platform=stage.adapter.name,
        key=stage.adapter.new_key(stage.clock()),
        text=text,
        created_at=stage.clock(),
        in_reply_to=before.external_id,
        refs=before.refs,
    )


class LocalStage:
    """The built-in feed."""

    can_edit = True
    keys_are_ignored = False
    replies_to_anything = False
    employee_handle = "jane"

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.feed = MemoryFeed()
        self.adapter = Local(self.feed, "brand", [b"secret"], "http://127.0.0.1:8000", self.clock)
        self.employee = Author("jane", "jane")

    def customer_posts(self, text: str, in_reply_to: str | None = None) -> str:
        return self.feed.append("sam", f"@brand {text}", in_reply_to=in_reply_to).id

    def employee_posts(self, text: str, in_reply_to: str) -> str:
        return self.feed.append("jane", text, in_reply_to=in_reply_to).id

    def removes(self, external_id: str) -> None:
        self.feed.remove(external_id)

    def received(self) -> list[Post]:
        return list(self.adapter.poll(None).posts)

    def webhook(self, external_id: str) -> tuple[bytes, dict[str, str]] | None:
        return self.adapter.webhook(PostEvent.CREATED, self.feed.posts[external_id])

    def ledger(self) -> list[Sent]:
        own = [post for post in self.feed.posts.values() if post.author == "brand" and not post.repost_of]
        return [(post.text, post.in_reply_to) for post in own]

    def reposts(self) -> int:
        return len([post for post in self.feed.posts.values() if post.repost_of])

    def loses_next_answer(self) -> bool:
        return False

    def refuses_next(self, status: int, headers: dict[str, str]) -> bool:
        return False

    def withdraws_permission(self) -> bool:
        return False


class GenericStage:
    """Any other feed behind a bridge."""

    can_edit = True
    keys_are_ignored = False
    replies_to_anything = False
    employee_handle = "u-jane"
    secret = "whsec_" + "c2VjcmV0" * 4

    def __init__(self) -> None:
        self.clock = FakeClock()
        account = GenericAccount((self.secret,), "brand", "b", "https://bridge.example/hook")
        self.adapter = Generic(account, self.clock, httpx.MockTransport(self._bridge))
        self.employee = Author("u-jane", "jane")
        self.posts: dict[str, dict[str, Any]] = {}
        self.by_key: dict[str, str] = {}
        self.made: dict[str, dict[str, Any]] = {}
        self.fault: Callable[[httpx.Request, httpx.Response], httpx.Response] | None = None

    def customer_posts(self, text: str, in_reply_to: str | None = None) -> str:
        return self._post("u-sam", "sam", f"@brand {text}", in_reply_to)

    def employee_posts(self, text: str, in_reply_to: str) -> str:
        return self._post("u-jane", "jane", text, in_reply_to)

    def removes(self, external_id: str) -> None:
        del self.posts[external_id]

    def received(self) -> list[Post]:
        return self.adapter.parse(json.dumps({"posts": list(self.posts.values())}).encode())

    def webhook(self, external_id: str) -> tuple[bytes, dict[str, str]] | None:
        body = json.dumps({"posts": [self.posts[external_id]]}).encode()
        return body, Signer([self.secret]).sign(body, str(uuid4()), self.clock())

    def ledger(self) -> list[Sent]:
        return [(made["text"], made["in_reply_to"]) for made in self.made.values() if not made["repost_of"]]

    def reposts(self) -> int:
        return len([made for made in self.made.values() if made["repost_of"]])

    def loses_next_answer(self) -> bool:
        self.fault = fake_x.lost
        return True

    def refuses_next(self, status: int, headers: dict[str, str]) -> bool:
        self.fault = lambda request, response: httpx.Response(status, headers=headers)
        return True

    def withdraws_permission(self) -> bool:
        return self.refuses_next(401, {})

    def _post(self, user: str, handle: str, text: str, in_reply_to: str | None) -> str:
        post_id = f"p{len(self.posts) + 1}"
        self.posts[post_id] = {
            "id": post_id,
            "author": {"id": user, "handle": handle},
            "text": text,
            "in_reply_to": in_reply_to,
            "visibility": "public",
            "posted_at": self.clock().isoformat(),
            "mentions": [{"handle": "brand", "id": "b"}] if "@brand" in text else [],
        }
        return post_id

    def _bridge(self, request: httpx.Request) -> httpx.Response:
        Signer([self.secret]).verify(request.content, dict(request.headers), self.clock())
        told = json.loads(request.content)
        fault = self.fault if told["type"] == "publication.create" else None
        if fault is not None:
            self.fault = None
            accepts = fault is fake_x.lost
            return fault(request, self._do(told) if accepts else httpx.Response(200))
        return self._do(told)

    def _do(self, told: dict[str, Any]) -> httpx.Response:
        data, kind = told["data"], told["type"]
        known = {**self.posts, **self.made}
        if kind == "posts.lookup":
            return httpx.Response(
                200, json={"posts": [{"id": i, "gone": i not in known} for i in data["ids"]]}
            )
        if kind == "publication.find":
            made = self.by_key.get(data["key"])
            return httpx.Response(200, json={"id": made}) if made in self.made else httpx.Response(404)
        if kind == "publication.delete":
            return httpx.Response(200 if self.made.pop(data["id"], None) else 404)
        if kind == "publication.edit":
            self.made[data["id"]]["text"] = data["text"]
            return httpx.Response(200, json={"id": data["id"]})
        if data["key"] not in self.by_key:
            if data["in_reply_to"] and data["in_reply_to"] not in known:
                return httpx.Response(404)
            self.by_key[data["key"]] = f"b{len(self.made) + 1}"
            self.made[self.by_key[data["key"]]] = data
        return httpx.Response(201, json={"id": self.by_key[data["key"]]})


class XStage:
    """X, as the fake enforces it."""

    can_edit = False
    keys_are_ignored = False
    replies_to_anything = False
    employee_handle = "JaneKnows"

    def __init__(self) -> None:
        self.clock = FakeClock(fake_x.NOW)
        self.fake = FakeX()
        account = XAccount(user_id=fake_x.BRAND, handle="ExampleBrand", consumer_secrets=("secret",))
        store = MemoryTokens(access_token="access-1", refresh_token="refresh-1")
        self.adapter = X(account, store, self.clock, transport=self.fake.transport())
        self.employee = Author(fake_x.EMPLOYEE, fake_x.USERS[fake_x.EMPLOYEE])

    def customer_posts(self, text: str, in_reply_to: str | None = None) -> str:
        return self.fake.post(fake_x.CUSTOMER, f"@ExampleBrand {text}", in_reply_to)

    def employee_posts(self, text: str, in_reply_to: str) -> str:
        return self.fake.post(fake_x.EMPLOYEE, text, in_reply_to)

    def removes(self, external_id: str) -> None:
        del self.fake.posts[external_id]

    def received(self) -> list[Post]:
        answers = self.adapter.poll_answers([self.employee], None)
        return [*self.adapter.poll(None).posts, *answers.posts]

    def webhook(self, external_id: str) -> tuple[bytes, dict[str, str]] | None:
        body = self.fake.activity("post.mention.create", external_id)
        return body, {HEADER: signature("secret", body)}

    def ledger(self) -> list[Sent]:
        return [(post.text, post.parent) for post in self.fake.by_brand() if not post.repost_of]

    def reposts(self) -> int:
        return len([post for post in self.fake.by_brand() if post.repost_of])

    def loses_next_answer(self) -> bool:
        self.fake.faults.append(fake_x.lost)
        return True

    def refuses_next(self, status: int, headers: dict[str, str]) -> bool:
        def refuse(request: httpx.Request, response: httpx.Response) -> httpx.Response:
            for post in self.fake.by_brand():
                del self.fake.posts[post.id]
            return httpx.Response(status, headers=headers)

        self.fake.faults.append(refuse)
        return True

    def withdraws_permission(self) -> bool:
        self.fake.expire_token()
        self.fake.refresh = "none that was given out"
        return True


class MastodonStage:
    """Mastodon, or GoToSocial with its differences."""

    can_edit = True
    replies_to_anything = False
    employee_handle = "jane"

    def __init__(self, *, gotosocial: bool = False) -> None:
        self.keys_are_ignored = gotosocial
        self.clock = FakeClock()
        self.fake = FakeMastodon(self.clock, gotosocial=gotosocial)
        self.customer = self.fake.sign_up("sam")
        jane = self.fake.sign_up("jane")
        self.jane = jane
        self.adapter = self.fake.adapter()
        self.employee = self.adapter.identify("jane")

    def customer_posts(self, text: str, in_reply_to: str | None = None) -> str:
        return str(self.fake.post(self.customer, f"@brand {text}", in_reply_to_id=in_reply_to)["id"])

    def employee_posts(self, text: str, in_reply_to: str) -> str:
        return str(self.fake.post(self.jane, text, in_reply_to_id=in_reply_to)["id"])

    def removes(self, external_id: str) -> None:
        self.fake.remove(self.fake.statuses[external_id])

    def received(self) -> list[Post]:
        answers = self.adapter.poll_answers([self.employee], None)
        return [*self.adapter.poll(None).posts, *answers.posts]

    def webhook(self, external_id: str) -> tuple[bytes, dict[str, str]] | None:
        return None

    def ledger(self) -> list[Sent]:
        own = [status for status in self.fake.ledger if not status.get("reblog")]
        return [(_plain(status["content"]), status["in_reply_to_id"]) for status in own]

    def reposts(self) -> int:
        return len([status for status in self.fake.ledger if status.get("reblog")])

    def loses_next_answer(self) -> bool:
        self.fake.fail("POST", "/api/v1/statuses", httpx.ReadTimeout("lost"), accepted=True)
        return True

    def refuses_next(self, status: int, headers: dict[str, str]) -> bool:
        self.fake.fail("POST", "/api/v1/statuses", httpx.Response(status, headers=headers, json={}))
        return True

    def withdraws_permission(self) -> bool:
        self.fake.token = "withdrawn"
        return True


def _plain(content: str) -> str:
    return content.removeprefix("<p>").removesuffix("</p>")


STAGES: dict[str, Callable[[], Stage]] = {
    "local": LocalStage,
    "generic": GenericStage,
    "x": XStage,
    "mastodon": MastodonStage,
    "gotosocial": lambda: MastodonStage(gotosocial=True),
}


def ids(posts: Sequence[Post]) -> set[str]:
    """The external ids of some posts."""
    return {post.external_id for post in posts}
