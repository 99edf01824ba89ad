"""Kim answers Sam, the house endorses that and says so below it, in a process that can be killed anywhere.

``main`` dies (``tests/mortals.py``).
"""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.actions.endorse import SayBelow, endorse
from bot.actions.taking_back.retract import Retracted, Wish, retract
from bot.posts import Author, Mention, Post
from bot.store.tables.conversations import AnswerRow, PostRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from bot.wording import by_itself
from tests.conftest import FakeClock
from tests.house import House
from tests.ledger_platform import LedgerPlatform
from tests.retracting import QUESTION, START

GIVING = ("before_send", "after_send", "while_archiving", "after_record")
GOING = ("before_delete", "after_delete", "while_noting", "after_noting")
SAM, BRAND = Mention("sam", "sam-id"), Mention("brand", "brand-id")
TIP = "Hold the ring for ten seconds until it blinks, then pair it again, that fixed mine"
HELPS = replace(
    QUESTION,
    external_id="tip-1",
    author=Author("kim-id", "kim"),
    text=f"@sam @brand {TIP}",
    mentions=(SAM, BRAND),
    in_reply_to="q1",
)
WORDS = by_itself.endorsed("en")
SAID = f"@kim {WORDS}"


class Endorsing:
    """A house in front of one feed that keeps a ledger."""

    def __init__(
        self,
        url: str,
        ledger: Path,
        checkpoint: Callable[[str], None] = lambda _: None,
        name: str = "x",
        **settings: object,
    ) -> None:
        self.name = name
        self.ledger = LedgerPlatform(ledger, name)
        self.clock = FakeClock(START)
        self.house = House(url, self.clock, platforms={name: self.ledger}, **settings)
        self.house.checkpoint = checkpoint

    def begin(self, helps: Post = HELPS) -> None:
        """Sam asks, and Kim answers."""
        self.jane = self.house.employee("Jane Doe").id
        self.house.ingest.write([replace(QUESTION, platform=self.name)])
        self.house.worker.run_until_idle("intake", turns=5)
        self.clock.advance(60)
        self.house.ingest.write([replace(helps, platform=self.name, posted_at=self.clock(), language="en")])
        self.house.worker.run_until_idle("intake", turns=5)

    def endorse(self, text: str = WORDS) -> bool:
        """Jane says that it is right, and the brand says so in these words."""
        with self.house.database.write() as session:
            question, jane = session.get_one(QuestionRow, 1), session.get_one(EmployeeRow, 1)
            post = session.get_one(PostRow, 2)
            said = SayBelow(text, jane) if text else None
            return endorse(session, self.house.answering, question, post, self.clock(), below=said)

    def retract(self, answer_id: int, **wish: object) -> Retracted:
        """Somebody in charge takes the endorsement back, or the reply."""
        wanted = Wish(**{"why": "It is wrong.", "by": 99, **wish})  # type: ignore[arg-type]
        with self.house.database.write() as session:
            answer = session.get_one(AnswerRow, answer_id)
            return retract(session, self.house.answering, answer, wanted, self.clock())

    def work(self, minutes: int = 8) -> None:
        """Work while time passes: leases run out, unknown outcomes are looked up."""
        for _ in range(minutes * 2):
            self.house.worker.run_until_idle("deliver", turns=20)
            self.clock.advance(timedelta(seconds=30))


def main(url: str, ledger: str, point: str, back: str = "") -> None:
    """Go the way and die at ``point``; with ``back`` the endorsement is taken back."""

    def die(name: str) -> None:
        if name == point:
            os.kill(os.getpid(), signal.SIGKILL)

    endorsing = Endorsing(url, Path(ledger), (lambda _: None) if back else die)
    endorsing.begin()
    endorsing.endorse()
    endorsing.work(1)
    endorsing.house.checkpoint = die
    if back:
        endorsing.retract(1)
    endorsing.work()
