"""Stages: a feed with a brand, a customer and an employee on it, the same for every adapter.

The contract test plays on them. What the brand published is read from the feed's own record (``ledger``),
never from the adapter.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from bot.platforms.base import Platform
from bot.posts import Author, Outgoing, Post, Published
from tests.bot.platforms.fake_clock import FakeClock
from tests.bot.platforms.stage_bluesky import BlueskyStage
from tests.bot.platforms.stage_example import ExampleStage
from tests.bot.platforms.stage_generic import GenericStage
from tests.bot.platforms.stage_local import LocalStage
from tests.bot.platforms.stage_mastodon import MastodonStage
from tests.bot.platforms.stage_x import XStage
from tests.bot.platforms.x.x_names import POSTS

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

    def streamed(self) -> list[Post]:
        """What the adapter's stream brings, as far as it comes by itself."""

    def forgets_keys(self) -> None:
        """Let so much time pass that the server forgets what it keeps for a while only."""

    def tells_of_removal(self, external_id: str) -> list[Post]:
        """The customer takes the post down; what reaches the bot of that without asking."""

    def customer_hears(self) -> bool:
        """Whether the customer is told of the reply that the brand published."""

    def calls_for_answers(self) -> tuple[int, int | None]:
        """Calls that one page of many employees' posts takes, and how many the platform lets through an hour.

        None where the adapter keeps within the platform's limit by itself.
        """


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


STAGES: dict[str, Callable[[], Stage]] = {
    "local": LocalStage,
    "generic": GenericStage,
    "x": XStage,
    "x, named after posts": lambda: XStage(POSTS),
    "mastodon": MastodonStage,
    "bluesky": BlueskyStage,
    "the example of the guide": ExampleStage,
    "gotosocial": lambda: MastodonStage(gotosocial=True),
}


def ids(posts: Sequence[Post]) -> set[str]:
    """The external ids of some posts."""
    return {post.external_id for post in posts}
