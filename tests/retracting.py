"""An answer of three posts, taken back or corrected, in a process that can be killed at any point of it.

``main`` dies (``tests/mortals.py``).
"""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.actions.taking_back.correct import Rewording, correct
from bot.actions.taking_back.retract import Retracted, Wish, retract
from bot.posts import Author, Mention, Post, Visibility
from bot.roles import Role
from bot.states import Via
from bot.store.tables.conversations import AnswerRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from tests.conftest import FakeClock
from tests.house import House
from tests.ledger_platform import LedgerPlatform

START = datetime(2026, 3, 4, 12, tzinfo=UTC)
PLATFORMS = {"edit": "mastodon", "replace": "x", "below": "x"}
"""On which of them an answer is corrected in which way."""
CORRECTING = ("before_send", "after_send", "while_archiving", "after_record")
POINTS = ("before_delete", "after_delete", "while_noting", "after_noting")
TEXT = " ".join(f"Sentence number {number} says a little more about the cable." for number in range(12))
"""Three posts."""
RIGHT = TEXT.replace("cable", "socket")
QUESTION = Post(
    platform="x",
    external_id="q1",
    author=Author("sam-id", "sam"),
    text="@brand no picture since the update",
    mentions=(Mention("brand", "brand-id"),),
    visibility=Visibility.PUBLIC,
    posted_at=START,
)


class Retracting:
    """A house in front of one feed that keeps a ledger."""

    def __init__(
        self,
        url: str,
        ledger: Path,
        checkpoint: Callable[[str], None] = lambda _: None,
        way: str = "replace",
    ) -> None:
        self.name = PLATFORMS[way]
        self.ledger = LedgerPlatform(ledger, self.name)
        self.clock = FakeClock(START)
        publish = {"correction": way} if way != "edit" else {}
        self.house = House(url, self.clock, platforms={self.name: self.ledger}, publish=publish)
        self.house.checkpoint = checkpoint

    def answer(self, text: str = TEXT) -> None:
        """Sam asks, and Jane answers; nothing of it has gone out yet."""
        house = self.house
        jane = house.employee("Jane Doe").id
        house.ingest.write([replace(QUESTION, platform=self.name)])
        house.worker.run_until_idle("intake", turns=5)
        with house.database.write() as session:
            question, author = session.get_one(QuestionRow, 1), session.get_one(EmployeeRow, jane)
            house.answering.take(session, question, author, text, via=Via.DESK, now=self.clock())

    def work(self, minutes: int = 8) -> None:
        """Work while time passes: leases run out, unknown outcomes are looked up."""
        for _ in range(minutes * 2):
            self.house.worker.run_until_idle("deliver", turns=20)
            self.clock.advance(timedelta(seconds=30))

    def retract(self, **wish: object) -> Retracted:
        """Somebody in charge takes the answer back."""
        wanted = Wish(**{"why": "It is wrong.", "by": 99, **wish})  # type: ignore[arg-type]
        with self.house.database.write() as session:
            answer = session.get_one(AnswerRow, 1)
            return retract(session, self.house.answering, answer, wanted, self.clock())

    def correct(self, text: str = RIGHT) -> None:
        """Mei puts its words right."""
        mei = self.house.employee("Mei Ito", role=Role.MODERATOR).id
        with self.house.database.write() as session:
            answer, author = session.get_one(AnswerRow, 1), session.get_one(EmployeeRow, mei)
            wanted = Rewording(text, "It is wrong.", author)
            correct(session, self.house.answering, answer, wanted, self.clock())


def main(url: str, ledger: str, point: str, times: str, way: str = "") -> None:
    """Go the way and die at ``point``, when it is reached for the last of these ``times``.

    With a ``way`` the answer is corrected; the times are counted from then on.
    """
    left = int(times) if not way else -1

    def die(name: str) -> None:
        nonlocal left
        left -= name == point
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    retracting = Retracting(url, Path(ledger), die, way or "replace")
    retracting.answer()
    retracting.work(1)
    if way:
        left = int(times)
        retracting.correct()
    else:
        retracting.retract()
    retracting.work()
