"""The main job over a ledger, for processes that die on the way; run as a script it kills itself at a point.

``python -m tests.crashing URL LEDGER POINT``: receive a question and its answer, work, and send oneself
SIGKILL the first time that POINT is reached.
"""

import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.actions.answer import Answering
from bot.actions.rules import Rules
from bot.platforms.base import Platform
from bot.posts import Author, Mention, Post, Visibility
from bot.states import ChangeKind
from bot.steps.deliver import Deliver
from bot.steps.intake import Intake
from bot.steps.learn import Learner
from bot.steps.route import Route
from bot.steps.settle import Settle
from bot.store import changes
from bot.store.conversations.ingest import Ingest
from bot.store.engine import Database, open_engine
from bot.store.tables.people import EmployeeRow, IdentityRow
from routing.ladder.policy import Policy
from tests.ledger_platform import LedgerPlatform

START = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
POINTS = (
    "after_receive",
    "after_store",
    "after_intake",
    "after_route",
    "after_offer",
    "before_send",
    "after_send",
    "while_archiving",
    "after_record",
)
QUESTION = Post(
    platform="x",
    external_id="q1",
    author=Author("sam-id", "sam"),
    text="@brand no picture since the update",
    mentions=(Mention("brand", "brand-id"),),
    visibility=Visibility.PUBLIC,
    posted_at=START,
)
ANSWER = Post(
    platform="x",
    external_id="a1",
    author=Author("jane-id", "jane"),
    text="@sam Try the other cable. #chorus",
    in_reply_to="q1",
    visibility=Visibility.PUBLIC,
    posted_at=START,
)


class Way:
    """All steps of a post's way in one process."""

    def __init__(self, url: str, ledger: Path, checkpoint: Callable[[str], None], *, start: datetime) -> None:
        self.now = start
        self.database = Database(open_engine(url), lambda: self.now)
        self.platform = LedgerPlatform(ledger)
        self.checkpoint = checkpoint
        platforms: dict[str, Platform] = {"x": self.platform}
        self.connect = lambda platform: platforms.update({platform.name: platform})
        rules = Rules()
        owner = f"process-{os.getpid()}"
        self.ingest = Ingest(self.database)
        answering = Answering(platforms, rules)
        intake = Intake(self.database, platforms, rules, answering, self.ingest, owner, checkpoint=checkpoint)
        route = Route(self.database, rules, Policy(), owner, Learner(self.database), checkpoint=checkpoint)
        self.deliver = Deliver(self.database, platforms, rules, owner, checkpoint=checkpoint)
        settle = Settle(self.database, platforms, rules, owner)
        self.steps: tuple[Callable[[], int], ...] = (intake.run, route.run, self.deliver.run, settle.run)

    def hire(self) -> None:
        """Jane, who answers."""
        with self.database.write() as session:
            jane = EmployeeRow(name="Jane Doe", email="jane@example.com", opted_in_at=START, created_at=START)
            session.add(jane)
            session.flush()
            session.add(
                IdentityRow(
                    employee_id=jane.id,
                    platform="x",
                    account_id="jane-id",
                    handle="jane",
                    linked_at=START,
                )
            )
            changes.append(session, ChangeKind.ROSTER, jane.id, START)

    def receive(self) -> None:
        """Both posts come in, as often as the platform likes to send them."""
        for post in (QUESTION, ANSWER):
            self.checkpoint("after_receive")
            self.ingest.write([post])
            self.checkpoint("after_store")
            self.turn()

    def turn(self) -> None:
        """Do what is due now."""
        while sum(step() for step in self.steps):
            pass

    def work(self, minutes: int = 6) -> None:
        """Work while time passes: leases run out, unknown outcomes are read back."""
        for _ in range(minutes * 2):
            self.turn()
            self.now += timedelta(seconds=30)

    def close(self) -> None:
        """Give everything back."""
        self.ingest.close()
        self.deliver.close()
        self.database.close()


def main(url: str, ledger: str, point: str) -> None:
    """Go the way and die at ``point``."""

    def die(name: str) -> None:
        if name == point:
            os.kill(os.getpid(), signal.SIGKILL)

    way = Way(url, Path(ledger), die, start=START)
    way.receive()
    way.work()


if __name__ == "__main__":
    main(*sys.argv[1:])
