"""A house in which many ask about the same thing, and two people say what it is about."""

from datetime import timedelta
from typing import Any

from bot.actions import statements
from bot.roles import Role
from bot.states import StatementAudience, StatementKind
from bot.store.engine import Database
from bot.store.tables.matters import MatterRow, StatementRow
from tests.conftest import FakeClock
from tests.house import House

DOWN = "@brand the streaming service is down, I cannot watch anything"
TEXT = "Streaming is down for everybody since noon. We are on it and tell you here as soon as it is back."
GERMAN = "Das Streaming ist seit Mittag gestört. Wir arbeiten daran und melden uns hier, sobald es läuft."


class Outage(House):
    """Many ask about the same thing; Mei writes, Ravi approves, Jane would answer."""

    def __init__(
        self, database: Database | str, clock: FakeClock, *, founded: bool = False, **given: Any
    ) -> None:
        """``founded`` is whether the database has these people already."""
        super().__init__(database, clock, **given)
        if founded:
            self.jane, self.mei, self.ravi = 1, 2, 3
            return
        topic = self.topic("tv", "TV", "streaming")
        self.jane = self.employee("Jane Doe", topic).id
        self.mei = self.employee("Mei Ito", role=Role.MODERATOR).id
        self.ravi = self.employee("Ravi Rao", role=Role.MODERATOR).id

    def asks(self, who: str, text: str = DOWN) -> None:
        self.clock.advance(timedelta(seconds=30))
        self.post(who, text)
        self.all_work()

    def all_work(self) -> None:
        """Work on a post's way, gathering and telling, until nothing of it is left to do now."""
        for _ in range(4):
            if not self.work() + self.steps.gather.run() + self.steps.tell.run():
                return

    def says(
        self,
        kind: StatementKind = StatementKind.STATEMENT,
        audience: StatementAudience = StatementAudience.ALL,
        **texts: str,
    ) -> int:
        """Mei writes it, Ravi approves it, and it is told."""
        number = self.writes(kind, audience, **texts)
        self.approves(number, self.ravi)
        self.all_work()
        return number

    def writes(
        self,
        kind: StatementKind = StatementKind.STATEMENT,
        audience: StatementAudience = StatementAudience.ALL,
        **texts: str,
    ) -> int:
        said = {"": TEXT} | {code.removeprefix("default"): text for code, text in texts.items()}
        with self.database.write() as session:
            matter = session.get_one(MatterRow, 1)
            row = statements.propose(
                session, matter, kind, said, audience, self.mei, self.answering, self.clock()
            )
            return row.id

    def approves(self, number: int, by: int) -> None:
        with self.database.write() as session:
            statements.approve(session, session.get_one(StatementRow, number), by, self.clock())

    def told(self, who: str) -> list[str]:
        """What the brand said to somebody."""
        theirs = {post.id for post in self.feed.read(None, 10_000) if post.author == who}
        return [post.text for post in self.by_brand() if post.in_reply_to in theirs]
