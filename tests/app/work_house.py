"""A house at work: the signed-in pages and the local feed over real parts, with everybody's own browser."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx
from fastapi import FastAPI

from app import admin, desk
from app.identity import auth
from app.local import feed as local
from app.web import events, problems, webhooks
from app.web.guard.security import install_security
from app.wiring.settings import Settings
from bot.actions.answer import Answering
from bot.actions.people import employees, topics
from bot.actions.people.details import Details
from bot.actions.rules import Rules
from bot.platforms.accounts import Account
from bot.platforms.local.adapter import Local
from bot.roles import Role
from bot.states import PostKind, PostState, Via
from bot.steps.deliver import Deliver
from bot.steps.intake import Intake
from bot.store.conversations.ingest import Ingest
from bot.store.engine import Database
from bot.store.house.feed import StoredFeed
from bot.store.people import access
from bot.store.tables.conversations import AnswerRow, OfferRow, PostRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from routing.model.domain import OfferState, QuestionState
from tests.conftest import FakeClock

ADDRESS = "http://answers.test"


@dataclass
class Bell:
    """Counts how often it was rung."""

    rings: int = 0

    def ring(self) -> None:
        self.rings += 1


@dataclass
class Browser:
    """Somebody's browser: it keeps its cookies."""

    app: FastAPI
    client: str = "127.0.0.1"
    cookies: dict[str, str] = field(default_factory=dict)
    base: str = ADDRESS

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.request("GET", path, headers=headers)

    def post(self, path: str, fields: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        return self.request("POST", path, headers=headers, data=fields or {})

    def request(self, method: str, path: str, *, headers: Any = None, **body: Any) -> httpx.Response:
        """One request, without following where it leads. Underscores in header names stand for hyphens."""
        named = {name.replace("_", "-"): value for name, value in (headers or {}).items()}

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(self.client, 1234))
            async with httpx.AsyncClient(
                transport=transport, base_url=self.base, cookies=self.cookies
            ) as client:
                answer = await client.request(method, path, headers={"accept": "text/html", **named}, **body)
                self.cookies = dict(client.cookies)
                return answer

        return asyncio.run(send())


@dataclass
class WorkHouse:
    """The application with its parts, and ways to fill it."""

    app: FastAPI
    database: Database
    clock: FakeClock
    chorus: Any

    def employee(
        self,
        name: str = "Jane Doe",
        *,
        role: Role = Role.EMPLOYEE,
        handle: str | None = None,
        opted_in: bool = True,
        topics: dict[str, int] | None = None,
    ) -> int:
        """Somebody new; their id. The e-mail address is made of the first name."""
        first = "".join(filter(str.isalnum, name.split()[0].lower()))
        accounts = [Account("local", handle, handle)] if handle else []
        with self.database.write() as session:
            details = Details(name, f"{first}@example.com", role=role, topics=topics or {})
            row = employees.add_employee(
                session, details, accounts=accounts, opted_in=opted_in, now=self.clock()
            )
            return row.id

    def topic(self, slug: str = "tv", name: str = "TV & picture", keywords: tuple[str, ...] = ()) -> None:
        with self.database.write() as session:
            topics.add_topic(session, slug, name, keywords=keywords, now=self.clock())

    def question(
        self, text: str = "@brand no picture", *, state: str = "offered", customer: str = "sam"
    ) -> int:
        """A customer's question with its post; its id."""
        feed: StoredFeed = self.chorus.feed
        posted = feed.append(customer, text)
        with self.database.write() as session:
            post = PostRow(
                platform="local",
                external_id=posted.id,
                author_id=customer,
                author_handle=customer,
                text=text,
                visibility="public",
                received_at=self.clock(),
                posted_at=self.clock(),
                state=PostState.DONE,
                verdict=PostKind.QUESTION,
            )
            session.add(post)
            session.flush()
            question = QuestionRow(
                platform="local",
                post_id=post.id,
                reply_to=post.id,
                customer_id=customer,
                customer_handle=customer,
                text=text,
                state=state,
                asked_at=self.clock(),
                due_at=self.clock() + timedelta(minutes=5),
            )
            session.add(question)
            session.flush()
            post.question_id = question.id
            session.add(post)
            return question.id

    def offer(self, question_id: int, employee_id: int, minutes: float = 30) -> None:
        with self.database.write() as session:
            session.add(
                OfferRow(
                    question_id=question_id,
                    employee_id=employee_id,
                    reasons=[
                        {"kind": "topic", "text": "knows TV & picture (level 3)", "share": 0.6},
                        {"kind": "duty", "text": "on duty until 18:00", "share": 0.2},
                    ],
                    offered_at=self.clock(),
                    expires_at=self.clock() + timedelta(minutes=minutes),
                )
            )

    def answer(self, question_id: int, employee_id: int, text: str) -> int:
        """An answer by the desk's way; its id."""
        with self.database.write() as session:
            question = session.get_one(QuestionRow, question_id)
            author = session.get_one(EmployeeRow, employee_id)
            taken = self.chorus.answering.take(
                session, question, author, text, via=Via.DESK, now=self.clock()
            )
            return int(taken.id)

    def deliver(self) -> None:
        """Publish what is due."""
        step = Deliver(self.database, self.chorus.platforms, self.chorus.rules, "test")
        step.run()
        step.close()

    def take_in(self) -> None:
        """Look at the posts that have come in."""
        chorus = self.chorus
        Intake(self.database, chorus.platforms, chorus.rules, chorus.answering, chorus.ingest, "test").run()

    def browser(self, employee_id: int | None = None, **how: Any) -> Browser:
        """A browser; signed in when it is somebody's."""
        browser = Browser(self.app, **how)
        if employee_id is not None:
            with self.database.write() as session:
                employee = session.get_one(EmployeeRow, employee_id)
                secret = access.start_session(session, employee, self.database.now(session))
            browser.cookies = {auth.cookie_name(self.chorus.settings): secret}
        return browser

    def row(self, table: type[Any], number: int) -> Any:
        with self.database.read() as session:
            return session.get_one(table, number)

    def offer_state(self, question_id: int, employee_id: int) -> str:
        with self.database.read() as session:
            from sqlmodel import select

            row = session.exec(
                select(OfferRow).where(
                    OfferRow.question_id == question_id, OfferRow.employee_id == employee_id
                )
            ).one()
            return OfferState(row.state)

    def state_of(self, question_id: int) -> QuestionState:
        return QuestionState(self.row(QuestionRow, question_id).state)

    def answer_row(self, answer_id: int) -> AnswerRow:
        row: AnswerRow = self.row(AnswerRow, answer_id)
        return row


@contextmanager
def work_house(
    database: Database, clock: FakeClock, rules: Rules | None = None, **settings: Any
) -> Iterator[WorkHouse]:
    """A house whose time is the clock's."""
    given = Settings.model_validate(
        {"base_url": ADDRESS, "brand_name": "Acme", "secret_key": "k" * 32, **settings}
    )
    feed = StoredFeed(database)
    adapter = Local(feed, "brand", [b"k" * 32], given.base_url, clock)
    platforms = {"local": adapter}
    rules = rules or Rules(brand="Acme")
    ingest = Ingest(database)
    app = FastAPI()
    app.state.chorus = SimpleNamespace(
        settings=given,
        database=database,
        clock=clock,
        platforms=platforms,
        rules=rules,
        answering=Answering(platforms, rules),
        ingest=ingest,
        live=SimpleNamespace(changes=_no_changes),
        bell=Bell(),
        feed=feed,
        local=adapter,
        worker=None,
    )
    for room in (auth, desk, admin, local, events, webhooks):
        app.include_router(room.router)
    problems.install(app)
    install_security(app, given)
    try:
        yield WorkHouse(app, database, clock, app.state.chorus)
    finally:
        ingest.close()


async def _no_changes(_channels: frozenset[str]) -> Any:
    yield ""


def hours_later(clock: FakeClock, hours: float) -> datetime:
    """Let time pass."""
    clock.advance(timedelta(hours=hours))
    return clock()
