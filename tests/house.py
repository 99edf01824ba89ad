"""The product's own composition, driven by hand: its steps run when a test says so, its time is the test's.

The feed is the ledger: it lives outside of the outbox's database and is the judge of lost and doubled posts.
"""

import inspect
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import httpx
from fastapi import FastAPI
from sqlmodel import select

from app.identity import auth
from app.main import create_app
from app.wiring.composition import Chorus, build
from app.wiring.process.lanes import Steps
from app.wiring.settings import Settings
from bot.actions.conversations.answer import Answering
from bot.actions.people import employees, topics
from bot.actions.people.details import Details
from bot.platforms.accounts import Account
from bot.platforms.base import Platform
from bot.platforms.local.adapter import FeedPost, Local
from bot.posts import PostEvent
from bot.states import ChangeKind
from bot.store import changes
from bot.store.conversations.ingest import Ingest
from bot.store.engine import Database
from bot.store.people import access
from bot.store.tables.conversations import AnswerRow, DeliveryRow, EntryRow, OfferRow, PostRow, QuestionRow
from bot.store.tables.people import EmployeeRow, ExpertiseRow, IdentityRow, TopicRow
from bot.worker import Worker
from tests.bot.platforms.memory_feed import MemoryFeed
from tests.browser import Browser
from tests.conftest import FakeClock

SECRET = b"a secret of the local feed, for tests only"
_PARTS = inspect.signature(build).parameters.keys() - {"settings", "search"}


def _url(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


OPEN: list["House"] = []
"""Houses that are put away after the test (``tests/conftest.py``)."""


class House:
    """One process, on the local feed unless it is given other ``platforms``.

    What ``build`` takes goes to it by its name, ``engine`` in the place of the search; everything else that
    is ``given`` is a setting.
    """

    def __init__(
        self,
        database: Database | str,
        clock: FakeClock,
        *,
        wrap: Callable[[Platform], Platform] = lambda platform: platform,
        engine: Any = None,
        **given: Any,
    ) -> None:
        OPEN.append(self)
        self.clock = clock
        self.feed = MemoryFeed(clock)
        self.local = Local(self.feed, "brand", [SECRET], "http://test", clock)
        self.checkpoint: Callable[[str], None] = lambda _name: None
        """What happens at the points where a process may die."""
        self._directory = Path(given.pop("data_directory", None) or tempfile.mkdtemp(prefix="chorus-house-"))
        parts = {name: given.pop(name) for name in _PARTS & given.keys()}
        settings = {
            "database_url": database if isinstance(database, str) else _url(database),
            "secret_key": "k" * 40,
            "data_directory": self._directory,
            **given,
            "search": {"meaning": False, **given.get("search", {})},
        }
        self.chorus: Chorus = build(
            Settings.model_validate(settings),
            **{
                "clock": clock,
                "platforms": {"local": wrap(self.local)},
                "checkpoint": lambda name: self.checkpoint(name),
                "jitter": lambda: 0.5,
                "search": engine,
                **parts,
            },
        )

    @property
    def database(self) -> Database:
        return self.chorus.database

    @cached_property
    def app(self) -> FastAPI:
        """The pages of this house."""
        return create_app(self.chorus)

    def give(self, **parts: Any) -> None:
        """Put others in the place of parts that the pages use."""
        self.chorus = replace(self.chorus, **parts)
        self.app.state.chorus = self.chorus

    def browser(self, employee_id: int | None = None, **how: Any) -> Browser:
        """A browser; signed in when it is somebody's."""
        browser = Browser(self.app, **how)
        if employee_id is not None:
            with self.database.write() as session:
                employee = session.get_one(EmployeeRow, employee_id)
                secret = access.start_session(session, employee, self.clock())
            browser.cookies = {auth.cookie_name(self.chorus.settings): secret}
        return browser

    def ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        """What a program on this machine gets."""
        headers = {"accept": "*/*", **(how.pop("headers", None) or {})}
        browser = self.browser(base=self.chorus.settings.base_url, raises=True)
        return browser.request(method, path, headers=headers, **how)

    @property
    def steps(self) -> Steps:
        assert self.chorus.steps is not None
        return self.chorus.steps

    @property
    def worker(self) -> Worker:
        assert self.chorus.worker is not None
        return self.chorus.worker

    @property
    def ingest(self) -> Ingest:
        return self.chorus.ingest

    @property
    def answering(self) -> Answering:
        return self.chorus.answering

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

    def work(self) -> int:
        """Run what belongs to a post's way until nothing is left to do now; what was handled is returned."""
        return self.worker.run_until_idle("intake", "route", "deliver", "house", turns=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Give everything back, at the end of the test at the latest."""
        if self in OPEN:
            OPEN.remove(self)
            self.chorus.stop()
            shutil.rmtree(self._directory, ignore_errors=True)

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

    def hire(self, platform: str, account_id: str, handle: str) -> None:
        """Jane, who knows TVs."""
        with self.database.write() as session:
            topics.add_topic(session, "tv", "TV", keywords=["tv", "picture"], now=self.clock())
            details = Details("Jane Doe", "jane@example.com", topics={"tv": 3})
            account = Account(platform, account_id, handle)
            employees.add_employee(session, details, accounts=[account], now=self.clock())

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
