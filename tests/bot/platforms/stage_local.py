"""The stage of the contract test for the built-in feed, on its storage in memory."""

from bot.platforms.local.adapter import Local
from bot.posts import Author, Post, PostEvent
from tests.bot.platforms.fake_clock import FakeClock
from tests.bot.platforms.memory_feed import MemoryFeed

Sent = tuple[str, str | None]


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

    def streamed(self) -> list[Post]:
        return list(self.adapter.stream())

    def forgets_keys(self) -> None:
        """Keys are kept for good."""

    def tells_of_removal(self, external_id: str) -> list[Post]:
        body, headers = self.adapter.webhook(PostEvent.DELETED, self.feed.posts[external_id])
        self.adapter.verify(body, headers)
        return self.adapter.parse(body)

    def customer_hears(self) -> bool:
        return self.ledger()[-1][1] in self.feed.posts

    def calls_for_answers(self) -> tuple[int, int | None]:
        return 0, None
