"""The stage of the contract test for the generic feed: a bridge as its documentation asks for."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx

from bot.platforms.generic.adapter import Generic, GenericAccount
from bot.platforms.wire.signing import Signer
from bot.posts import Author, Post
from tests.bot.platforms.fake_clock import FakeClock
from tests.bot.platforms.x import fake_x

Sent = tuple[str, str | None]


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

    def streamed(self) -> list[Post]:
        return list(self.adapter.stream())

    def forgets_keys(self) -> None:
        """Keys are kept for good."""

    def tells_of_removal(self, external_id: str) -> list[Post]:
        gone = {"id": external_id, "event": "deleted", "author": {"id": "u-sam"}}
        return self.adapter.parse(json.dumps({"posts": [gone]}).encode())

    def customer_hears(self) -> bool:
        return self.ledger()[-1][1] in self.posts

    def calls_for_answers(self) -> tuple[int, int | None]:
        return 0, None

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
