"""A house at work: people, questions and answers for the signed-in pages and the local feed."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import select

from bot.actions.people import employees, topics
from bot.actions.people.details import Details
from bot.platforms.accounts import Account
from bot.roles import Role
from bot.states import ChangeKind, PostKind, PostState, Via
from bot.store import changes
from bot.store.engine import Database
from bot.store.house.feed import StoredFeed
from bot.store.tables.conversations import AnswerRow, OfferRow, PostRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from routing.model.domain import OfferState, QuestionState
from tests.browser import ADDRESS
from tests.conftest import FakeClock
from tests.fake_live import FakeLive
from tests.house import House


class WorkHouse(House):
    """A house with the local feed of the product, and ways to fill it and to look at one row."""

    def __init__(self, database: Database, clock: FakeClock, **given: Any) -> None:
        at_work = {"base_url": ADDRESS, "brand_name": "Acme", "local": {"enabled": True}, "platforms": None}
        super().__init__(database, clock, **{**at_work, **given})
        self.rings = 0
        """How often the bell was rung."""
        self.chorus.bell.tell(self._rung)
        self.give(live=FakeLive())

    def _rung(self) -> None:
        self.rings += 1

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
            changes.append(session, ChangeKind.WORK, question_id, self.clock())
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
        self.steps.deliver.run()

    def take_in(self) -> None:
        """Look at the posts that have come in."""
        self.steps.intake.run()

    def row(self, table: type[Any], number: int) -> Any:
        with self.database.read() as session:
            return session.get_one(table, number)

    def offer_state(self, question_id: int, employee_id: int) -> str:
        with self.database.read() as session:
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


def hours_later(clock: FakeClock, hours: float) -> datetime:
    """Let time pass."""
    clock.advance(timedelta(hours=hours))
    return clock()
