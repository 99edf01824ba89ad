"""A whole house for tests: the steps over a real database, the local adapter over a feed in memory.

The feed is the ledger: it lives outside of the outbox's database and is the judge of lost and doubled posts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlmodel import select

from bot.actions.answer import Answering
from bot.actions.rules import Rules
from bot.platforms.base import Platform
from bot.platforms.local.adapter import FeedPost, Local
from bot.posts import PostEvent
from bot.states import ChangeKind
from bot.steps.deliver import Deliver
from bot.steps.expire import Expire
from bot.steps.intake import Intake
from bot.steps.learn import Learner
from bot.steps.route import Route
from bot.steps.settle import Settle
from bot.store import changes
from bot.store.conversations.ingest import Ingest
from bot.store.engine import Database
from bot.store.tables.conversations import AnswerRow, DeliveryRow, EntryRow, OfferRow, PostRow, QuestionRow
from bot.store.tables.people import EmployeeRow, ExpertiseRow, IdentityRow, TopicRow
from routing.ladder.policy import Policy
from tests.bot.platforms.memory_feed import MemoryFeed
from tests.conftest import FakeClock

SECRET = b"a secret of the local feed, for tests only"


@dataclass
class House:
    """Everything between a post and its publication, driven by hand."""

    database: Database
    clock: FakeClock
    rules: Rules = field(default_factory=Rules)
    policy: Policy = field(default_factory=Policy)
    wrap: Callable[[Platform], Platform] = lambda platform: platform

    def __post_init__(self) -> None:
        self.feed = MemoryFeed(self.clock)
        self.local = Local(self.feed, "brand", [SECRET], "http://test", self.clock)
        platforms: Mapping[str, Platform] = {"local": self.wrap(self.local)}
        self.platforms = platforms
        self.ingest = Ingest(self.database)
        self.answering = Answering(platforms, self.rules)
        self.intake = Intake(self.database, platforms, self.rules, self.answering, self.ingest, "worker")
        self.learner = Learner(self.database)
        self.route = Route(self.database, self.rules, self.policy, "worker", self.learner)
        self.deliver = Deliver(
            self.database, platforms, self.rules, "worker", jitter=lambda: 0.5, heard=self.ingest.write
        )
        self.settle = Settle(self.database, platforms, self.rules, "worker")
        self.expire = Expire(self.database)

    def post(
        self, author: str, text: str, in_reply_to: FeedPost | str | None = None, **beside: Any
    ) -> FeedPost:
        """Somebody posts, and the feed's signed webhook reaches the bot.

        ``beside`` are fields of ``Post`` that this feed does not have but others do, as ``visibility``.
        """
        parent = in_reply_to.id if isinstance(in_reply_to, FeedPost) else in_reply_to
        post = self.feed.append(author, text, in_reply_to=parent)
        self.tell(post, **beside)
        return post

    def tell(self, post: FeedPost, event: PostEvent = PostEvent.CREATED, **beside: Any) -> None:
        """The webhook about what happened to a post."""
        body, headers = self.local.webhook(event, post)
        self.local.verify(body, headers)
        self.ingest.write([replace(one, **beside) for one in self.local.parse(body)])

    def edit(self, post: FeedPost, text: str | None = None, **beside: Any) -> None:
        """Somebody edits a post: its words, or what stands beside them."""
        self.clock.advance(1)
        edited = self.feed.edit(post.id, post.text if text is None else text)
        assert edited is not None
        self.tell(edited, PostEvent.EDITED, **beside)

    def delete(self, post: FeedPost) -> None:
        """Somebody deletes a post."""
        self.feed.remove(post.id)
        self.tell(post, PostEvent.DELETED)

    def work(self, turns: int = 30) -> None:
        """Run all steps until nothing is left to do now."""
        steps = (self.intake.run, self.route.run, self.deliver.run, self.settle.run, self.expire.run)
        for _ in range(turns):
            if not sum(step() for step in steps):
                return

    def close(self) -> None:
        """End the threads."""
        self.ingest.close()
        self.deliver.close()

    def topic(self, slug: str, name: str, *keywords: str) -> TopicRow:
        """A topic of the taxonomy."""
        with self.database.write() as session:
            row = TopicRow(slug=slug, name=name, keywords=list(keywords))
            session.add(row)
            session.flush()
            changes.append(session, ChangeKind.ROSTER, row.id, self.clock())
            return row

    def employee(
        self,
        name: str,
        *topics: TopicRow,
        handle: str | None = None,
        level: int = 2,
        **columns: Any,
    ) -> EmployeeRow:
        """Somebody who has opted in, with an account on the local feed."""
        handle = handle or name.split()[0].lower()
        with self.database.write() as session:
            row = EmployeeRow(
                name=name,
                email=f"{handle}@example.com",
                opted_in_at=self.clock(),
                created_at=self.clock(),
                **columns,
            )
            session.add(row)
            session.flush()
            session.add(
                IdentityRow(
                    employee_id=row.id,
                    platform="local",
                    account_id=handle,
                    handle=handle,
                    linked_at=self.clock(),
                )
            )
            for topic in topics:
                session.add(ExpertiseRow(employee_id=row.id, topic_id=topic.id, level=level))
            changes.append(session, ChangeKind.ROSTER, row.id, self.clock())
            return row

    def rows(self, table: type[Any]) -> list[Any]:
        """All rows of a table, in order."""
        with self.database.read() as session:
            return list(session.exec(select(table).order_by(table.id)).all())

    def questions(self) -> list[QuestionRow]:
        return self.rows(QuestionRow)

    def posts(self) -> list[PostRow]:
        return self.rows(PostRow)

    def offers(self) -> list[OfferRow]:
        return self.rows(OfferRow)

    def answers(self) -> list[AnswerRow]:
        return self.rows(AnswerRow)

    def deliveries(self) -> list[DeliveryRow]:
        return self.rows(DeliveryRow)

    def entries(self) -> list[EntryRow]:
        return self.rows(EntryRow)

    def by_brand(self) -> Sequence[FeedPost]:
        """What the brand's account has published: the ledger."""
        return [post for post in self.feed.read(None, 10_000) if post.author == "brand"]

    def wait(self, seconds: float) -> None:
        """Time passes, and the steps look again."""
        self.clock.advance(timedelta(seconds=seconds))
        self.work()
