"""The stage of the contract test for X, on the fake that enforces its rules."""

import httpx

from bot.platforms.x.account import XAccount
from bot.platforms.x.adapter import X
from bot.platforms.x.signature import HEADER, signature
from bot.posts import Author, Post
from tests.bot.platforms.fake_clock import FakeClock
from tests.bot.platforms.memory_tokens import MemoryTokens
from tests.bot.platforms.x import fake_x
from tests.bot.platforms.x.fake_x import FakeX
from tests.bot.platforms.x.x_names import TWEETS, Names

Sent = tuple[str, str | None]


class XStage:
    """X, as the fake enforces it."""

    can_edit = False
    keys_are_ignored = False
    replies_to_anything = False
    employee_handle = "JaneKnows"

    def __init__(self, names: Names = TWEETS) -> None:
        self.clock = FakeClock(fake_x.NOW)
        self.fake = FakeX(names=names)
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

    def refuses_next(self, status: int, headers: dict[str, str], body: dict[str, str] | None = None) -> bool:
        def refuse(request: httpx.Request, response: httpx.Response) -> httpx.Response:
            for post in self.fake.by_brand():
                del self.fake.posts[post.id]
            return httpx.Response(status, headers=headers, json=body)

        self.fake.faults.append(refuse)
        return True

    def withdraws_permission(self) -> bool:
        self.fake.expire_token()
        self.fake.refresh = "none that was given out"
        return True

    def streamed(self) -> list[Post]:
        newest = list(self.fake.posts)[-1]
        body = self.fake.activity("post.mention.create", newest)
        answers = httpx.MockTransport(lambda _request: httpx.Response(200, content=body + b"\r\n"))
        account = XAccount(user_id=fake_x.BRAND, handle="ExampleBrand", bearer_token="app-token")
        return list(X(account, MemoryTokens(), self.clock, transport=answers).stream())

    def forgets_keys(self) -> None:
        """X has no keys; it refuses the same words for a while, which other words are not."""

    def tells_of_removal(self, external_id: str) -> list[Post]:
        return self.adapter.parse(self.fake.activity("post.delete", external_id))

    def customer_hears(self) -> bool:
        return self.ledger()[-1][1] in self.fake.posts

    def calls_for_answers(self) -> tuple[int, int | None]:
        before = len(self.fake.requests)
        people = [Author(str(9_000_000 + number), f"employee_number{number:05}") for number in range(2_000)]
        self.adapter.poll_answers(people, None)
        # Recent search lets 300 calls through in 15 minutes (docs.x.com/x-api/fundamentals/rate-limits).
        return len(self.fake.requests) - before, 4 * 300
