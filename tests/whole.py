"""A house at work in threads of its own, over a ledger: one employee, any number of conversations."""

import threading
from collections.abc import Iterable, Mapping

from sqlmodel import select

from bot.actions.people import employees
from bot.actions.people.details import Details
from bot.platforms.accounts import Account
from bot.posts import Author, Mention, Post, Visibility
from bot.store.conversations.ingest import NotStored
from bot.store.tables.conversations import DeliveryRow
from tests.conftest import FakeClock
from tests.house import House
from tests.ledger_platform import LedgerPlatform

MOMENT = 0.05
"""Seconds between two looks at something that other threads are about to do."""


class Whole(House):
    """One process as ``chorus serve`` puts it together, with the ledger as its only platform, ``x``."""

    def __init__(self, url: str, clock: FakeClock, platform: LedgerPlatform) -> None:
        super().__init__(url, clock, platforms={"x": platform})
        self.platform = platform

    def hire(self) -> None:
        """Jane, who answers."""
        with self.chorus.database.write() as session:
            details = Details(name="Jane Doe", email="jane@example.com")
            account = Account("x", "jane-id", "jane")
            employees.add_employee(session, details, accounts=[account], now=self.clock())

    def conversation(self, number: int) -> tuple[Post, Post]:
        """A customer's question, and Jane's tagged answer to it."""
        customer = Author(f"sam-{number}", f"sam{number}")
        question = Post(
            "x",
            f"q{number}",
            customer,
            f"@brand the remote of room {number} has no picture",
            mentions=(Mention("brand", "brand-id"),),
            visibility=Visibility.PUBLIC,
            posted_at=self.clock(),
        )
        answer = Post(
            "x",
            f"a{number}",
            Author("jane-id", "jane"),
            f"@sam{number} Please take the cable number {number}. #chorus",
            in_reply_to=question.external_id,
            visibility=Visibility.PUBLIC,
            posted_at=self.clock(),
        )
        return question, answer

    def receive(self, posts: Iterable[Post]) -> None:
        """Posts come in, and come again until they are stored, as every platform sends them."""
        waiting = threading.Event()
        for post in posts:
            for _ in range(400):
                try:
                    self.chorus.ingest.write([post])
                    break
                except NotStored:
                    waiting.wait(MOMENT)
            else:
                raise AssertionError(f"{post.external_id} was never stored")

    def states(self) -> Mapping[str, str]:
        """The state of each conversation's delivery, by the customer's post."""
        with self.chorus.database.read() as session:
            rows = session.exec(select(DeliveryRow)).all()
        return {str(row.payload["in_reply_to"]): row.state for row in rows}
