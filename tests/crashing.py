"""The main job over a ledger, in a process that can be killed at any point of it.

``main`` dies (``tests/mortals.py``): it receives a question and its answer, works, and sends itself SIGKILL
the first time that the point is reached.
"""

import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bot.platforms.base import Platform
from bot.posts import Author, Mention, Post, Visibility
from bot.states import ChangeKind
from bot.store import changes
from bot.store.tables.people import EmployeeRow, IdentityRow
from tests.conftest import FakeClock
from tests.house import House
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


class Way(House):
    """The main job on a ledger, with a clock that stands at ``now``."""

    def __init__(
        self, url: str, ledger: Path, checkpoint: Callable[[str], None] = lambda _: None, *, start: datetime
    ) -> None:
        self.platform = LedgerPlatform(ledger)
        self.connected: dict[str, Platform] = {"x": self.platform}
        files = ledger.with_name(f"{ledger.name}-{os.getpid()}")
        super().__init__(url, FakeClock(start), platforms=self.connected, data_directory=files)
        self.checkpoint = checkpoint
        steps = self.steps
        self.at_work = (steps.intake.run, steps.route.run, steps.deliver.run, steps.settle.run)

    @property
    def now(self) -> datetime:
        return self.clock()

    @now.setter
    def now(self, at: datetime) -> None:
        self.clock.at = at

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
        while sum(step() for step in self.at_work):
            pass

    def work(self, minutes: int = 6) -> None:
        """Work while time passes: leases run out, unknown outcomes are read back."""
        for _ in range(minutes * 2):
            self.turn()
            self.clock.advance(30)


def main(url: str, ledger: str, point: str) -> None:
    """Go the way and die at ``point``."""

    def die(name: str) -> None:
        if name == point:
            os.kill(os.getpid(), signal.SIGKILL)

    way = Way(url, Path(ledger), die, start=START)
    way.receive()
    way.work()
