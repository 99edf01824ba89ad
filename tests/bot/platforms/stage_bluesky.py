"""The stage of the contract test for Bluesky, on the network in memory."""

import httpx

from bot.posts import Post
from tests.bot.platforms.bluesky.fake_bluesky import FakeBluesky, Json
from tests.bot.platforms.fake_clock import FakeClock

Sent = tuple[str, str | None]


class BlueskyStage:
    """Bluesky: nothing is edited, and replies to deleted posts are taken."""

    can_edit = False
    keys_are_ignored = False
    replies_to_anything = True
    employee_handle = "jane.example"

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.fake = FakeBluesky(self.clock)
        self.customer, self.jane = self.fake.sign_up("sam.example"), self.fake.sign_up("jane.example")
        self.adapter = self.fake.adapter()
        self.employee = self.adapter.identify("jane.example")

    def customer_posts(self, text: str, in_reply_to: str | None = None) -> str:
        return self._post(self.customer, f"@brand.example {text}", in_reply_to)

    def employee_posts(self, text: str, in_reply_to: str) -> str:
        return self._post(self.jane, text, in_reply_to)

    def removes(self, external_id: str) -> None:
        self.fake.remove(self._reference(external_id))
        self.clock.pass_by(minutes=2)  # until then it might only not be shown yet

    def received(self) -> list[Post]:
        answers = self.adapter.poll_answers([self.employee], None)
        return [*self.adapter.poll(None).posts, *answers.posts]

    def webhook(self, external_id: str) -> tuple[bytes, dict[str, str]] | None:
        return None

    def ledger(self) -> list[Sent]:
        records = [one["value"] for one in self.fake.ledger if "text" in one["value"]]
        return [(one["text"], one.get("reply", {}).get("parent", {}).get("uri")) for one in records]

    def reposts(self) -> int:
        return len([one for one in self.fake.ledger if "subject" in one["value"]])

    def loses_next_answer(self) -> bool:
        self.fake.fail("com.atproto.repo.putRecord", httpx.ReadTimeout("lost"), accepted=True)
        return True

    def refuses_next(self, status: int, headers: dict[str, str]) -> bool:
        self.fake.fail("com.atproto.repo.putRecord", httpx.Response(status, headers=headers, json={}))
        return True

    def withdraws_permission(self) -> bool:
        self.fake.end_session()
        self.fake.refresh = "none that was given out"
        return True

    def streamed(self) -> list[Post]:
        return list(self.adapter.stream())

    def forgets_keys(self) -> None:
        """Keys are kept for good."""

    def tells_of_removal(self, external_id: str) -> list[Post]:
        self.removes(external_id)
        return [*self.received(), *self.streamed()]

    def customer_hears(self) -> bool:
        return self.ledger()[-1][1] in self.fake.records

    def calls_for_answers(self) -> tuple[int, int | None]:
        return 0, None

    def _post(self, author: str, text: str, in_reply_to: str | None) -> str:
        parent = self._reference(in_reply_to) if in_reply_to else None
        return str(self.fake.post(author, text, parent=parent)["uri"])

    def _reference(self, uri: str) -> Json:
        return {"uri": uri, "cid": self.fake.records[uri]["cid"]}
