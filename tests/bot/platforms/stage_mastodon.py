"""The stage of the contract test for Mastodon and GoToSocial, on the server in memory."""

import json
from collections.abc import Iterator
from contextlib import suppress

import httpx

from bot.platforms.mastodon.instance import Instance
from bot.platforms.mastodon.reading.stream import StreamNotOffered
from bot.posts import Post, Retry
from tests.bot.platforms.fake_clock import FakeClock
from tests.bot.platforms.mastodon.fake_mastodon import FakeMastodon

Sent = tuple[str, str | None]


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

    def streamed(self) -> list[Post]:
        line = f"event: update\ndata: {json.dumps(list(self.fake.statuses.values())[-1])}\n\n"
        head = {"content-type": "text/event-stream"}
        api = self.adapter._api
        api.instance()
        api._instance = Instance("example.social", streaming="wss://streaming.social.example")
        self.adapter._stream._by_websocket = _not_offered  # type: ignore[method-assign]
        self.fake.fail("GET", "/api/v1/streaming/user", httpx.Response(200, headers=head, text=line))
        posts = []
        with suppress(Retry):  # the connection ends after the one event
            posts.extend(self.adapter.stream())
        return posts

    def forgets_keys(self) -> None:
        self.fake.keys.clear()  # Mastodon keeps them for an hour, GoToSocial not at all

    def tells_of_removal(self, external_id: str) -> list[Post]:
        # The stream tells of what stood in the brand's own timeline: no stranger's mention does.
        self.removes(external_id)
        return self.received()

    def customer_hears(self) -> bool:
        return self.customer["acct"] in {one["acct"] for one in self.fake.ledger[-1]["mentions"]}

    def calls_for_answers(self) -> tuple[int, int | None]:
        return 0, None


def _not_offered(_catch_up: object) -> Iterator[Post]:
    raise StreamNotOffered


def _plain(content: str) -> str:
    return content.removeprefix("<p>").removesuffix("</p>")
