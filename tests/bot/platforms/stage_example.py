"""The stage of the contract test for the example of the guide to new platforms."""

import httpx

from bot.posts import Author, Post
from tests.bot.platforms.example.adapter import Board, BoardAccount
from tests.bot.platforms.example.board import ADDRESS, NoticeBoard
from tests.bot.platforms.fake_clock import FakeClock
from tests.bot.platforms.memory_tokens import MemoryTokens

Sent = tuple[str, str | None]


class ExampleStage:
    """The notice board."""

    can_edit = False
    keys_are_ignored = False
    replies_to_anything = False
    employee_handle = "jane"

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.board = NoticeBoard(self.clock)
        transport = httpx.MockTransport(self.board.answer)
        account = BoardAccount(ADDRESS, lambda: ("#chorus",))
        self.adapter = Board(account, MemoryTokens(token="good"), self.clock, transport)
        self.employee = Author("u3", "jane")

    def customer_posts(self, text: str, in_reply_to: str | None = None) -> str:
        return self.board.put("sam", f"@brand {text}", reply_to=in_reply_to)

    def employee_posts(self, text: str, in_reply_to: str) -> str:
        return self.board.put("jane", text, reply_to=in_reply_to)

    def removes(self, external_id: str) -> None:
        del self.board.notes[external_id]

    def received(self) -> list[Post]:
        answers = self.adapter.poll_answers([self.employee], None)
        return [*self.adapter.poll(None).posts, *answers.posts]

    def webhook(self, external_id: str) -> tuple[bytes, dict[str, str]] | None:
        return None

    def ledger(self) -> list[Sent]:
        own = [one for one in self.board.notes.values() if one["author"]["handle"] == "brand"]
        return [(one["text"], one["reply_to"]) for one in own if not one["repost_of"]]

    def reposts(self) -> int:
        return len([one for one in self.board.notes.values() if one["repost_of"]])

    def loses_next_answer(self) -> bool:
        def lose(request: httpx.Request, done: object) -> httpx.Response:
            done()  # type: ignore[operator]
            raise httpx.ReadTimeout("lost", request=request)

        self.board.faults.append(lose)
        return True

    def refuses_next(self, status: int, headers: dict[str, str]) -> bool:
        self.board.faults.append(lambda _request, _done: httpx.Response(status, headers=headers))
        return True

    def withdraws_permission(self) -> bool:
        self.board.token = "another"
        return True

    def streamed(self) -> list[Post]:
        return list(self.adapter.stream())

    def forgets_keys(self) -> None:
        """Keys are kept for good."""

    def tells_of_removal(self, external_id: str) -> list[Post]:
        self.removes(external_id)
        return [*self.received(), *self.streamed()]

    def customer_hears(self) -> bool:
        return self.ledger()[-1][1] in self.board.notes

    def calls_for_answers(self) -> tuple[int, int | None]:
        return 1, None
