"""An answer that follows its author's post, in a process that can be killed at any point of that.

``main`` dies (``tests/mortals.py``). A way is ``edit``, ``delete``, or ``challenge``: a colleague's,
agreed to.
"""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.actions.taking_back.challenge import SaidWrong, accept, challenge
from bot.posts import PostEvent
from bot.roles import Role
from bot.store.tables.conversations import AnswerRow
from bot.store.tables.house import ChallengeRow
from bot.store.tables.people import EmployeeRow
from tests.conftest import FakeClock
from tests.crashing import ANSWER, QUESTION, START
from tests.house import House
from tests.ledger_platform import LedgerPlatform

RIGHT = "Try the other socket."
POINTS = {
    "edit": ("after_intake", "before_send", "after_send", "while_archiving", "before_delete", "after_noting"),
    "delete": ("after_intake", "before_delete", "after_delete", "while_noting"),
    "challenge": ("before_send", "after_send", "after_record", "after_delete"),
}
"""Where the process dies, of each way."""


class Following:
    """A house whose answers follow their authors' posts, on a feed that keeps a ledger."""

    def __init__(self, url: str, ledger: Path, checkpoint: Callable[[str], None] = lambda _: None) -> None:
        self.ledger = LedgerPlatform(ledger)
        self.clock = FakeClock(START)
        self.house = House(
            url,
            self.clock,
            platforms={"x": self.ledger},
            publish={"author_edits": "follow"},
            mail={"host": "localhost"},
        )
        self.house.checkpoint = checkpoint

    def answer(self) -> None:
        """Sam asks, Jane answers by a post of hers, and it is out."""
        self.house.hire("x", "jane-id", "jane")
        for name in ("Ann Lee", "Mei Ito"):
            self.house.employee(name, role=Role.MODERATOR if name == "Mei Ito" else Role.EMPLOYEE)
        for post in (QUESTION, ANSWER):
            self.house.ingest.write([post])
            self.work(1)

    def change(self, way: str) -> None:
        """What is done to it then; a platform may tell of the same twice."""
        if way == "challenge":
            self._challenge()
            return
        edited = replace(
            ANSWER,
            text=f"@sam {RIGHT} #chorus",
            event=PostEvent.EDITED,
            edited_at=START + timedelta(minutes=9),
        )
        self.house.ingest.write([edited if way == "edit" else replace(ANSWER, event=PostEvent.DELETED)])

    def _challenge(self) -> None:
        with self.house.database.write() as session:
            ann = session.get_one(EmployeeRow, 2)
            challenge(session, session.get_one(AnswerRow, 1), ann, SaidWrong("No.", RIGHT), self.clock())
        with self.house.database.write() as session:
            mei, row = session.get_one(EmployeeRow, 3), session.get_one(ChallengeRow, 1)
            accept(session, self.house.answering, row, RIGHT, mei, self.clock())

    def work(self, minutes: int = 8) -> None:
        """Work while time passes: leases run out, unknown outcomes are looked up."""
        for _ in range(minutes * 2):
            self.house.worker.run_until_idle("intake", "deliver", turns=20)
            self.clock.advance(timedelta(seconds=30))


def main(url: str, ledger: str, point: str, way: str) -> None:
    """Go the way and die at ``point``, once the answer is out."""
    is_out = False

    def die(name: str) -> None:
        if is_out and name == point:
            os.kill(os.getpid(), signal.SIGKILL)

    following = Following(url, Path(ledger), die)
    following.answer()
    is_out = True
    following.change(way)
    following.work()
