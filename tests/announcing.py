"""An announcement on its way to two feeds, in a process that can be killed at any point of it.

``main`` dies (``tests/mortals.py``); told ``correct`` or ``retract``, only when it is put right or taken
back, once it is out.
"""

import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.actions.announce import decide
from bot.actions.announce.correct import approve_correction, propose_correction
from bot.actions.announce.propose import Proposal, propose
from bot.actions.announce.retract import retract
from bot.actions.announce.shown import AnnouncedWords
from bot.roles import Role
from bot.store.tables.announcements import AnnouncementRow
from bot.store.tables.people import EmployeeRow
from tests.conftest import FakeClock
from tests.house import House
from tests.ledger_platform import LedgerPlatform

START = datetime(2026, 3, 4, 12, tzinfo=UTC)
FEEDS = ("x", "mastodon")
POINTS = ("before_send", "after_send", "while_archiving", "after_record")
DELETING = ("before_delete", "after_delete", "while_noting", "after_noting")
TEXT = " ".join(f"Sentence number {number} says a little more about it." for number in range(8))
"""Two posts on each of the feeds."""
RIGHT = TEXT.replace("Sentence", "Paragraph")
"""The words that put it right: edited on one of the feeds, posted anew on the other."""


class Announcing:
    """A house whose two feeds keep their ledgers in a directory."""

    def __init__(
        self,
        url: str,
        directory: Path,
        checkpoint: Callable[[str], None] = lambda _name: None,
        **settings: Any,
    ) -> None:
        self.ledgers = {name: LedgerPlatform(directory / name, name) for name in FEEDS}
        self.clock = FakeClock(START)
        self.house = House(url, self.clock, platforms=self.ledgers, **settings)
        self.house.checkpoint = checkpoint

    def plan(self) -> None:
        """It is proposed, approved by somebody else, and planned for now."""
        house, chorus = self.house, self.house.chorus
        jane, mei = house.employee("Jane Doe").id, house.employee("Mei Tan", role=Role.MODERATOR).id
        house.employee("Kay Roe", role=Role.MODERATOR)
        with house.database.write() as session:
            proposal = Proposal(TEXT, FEEDS, {})
            row = propose(session, proposal, chorus.platforms, chorus.rules, jane, START)
            decide.approve(session, row, 1, mei, START)
            decide.plan(session, row, START, chorus.platforms, chorus.rules, START)

    def correct(self, text: str = RIGHT) -> AnnouncementRow:
        """Other words are proposed, and approved by somebody else: they go out at once."""
        house, chorus = self.house, self.house.chorus
        mei, kay = (one.id for one in house.rows(EmployeeRow) if one.name in ("Mei Tan", "Kay Roe"))
        words = AnnouncedWords(text, FEEDS)
        with house.database.write() as session:
            root = session.get_one(AnnouncementRow, 1)
            way = (chorus.platforms, chorus.rules)
            row = propose_correction(session, root, words, "It was wrong.", *way, mei, self.clock())
            approve_correction(session, row, 1, *way, kay, self.clock())
            return row

    def retract(self) -> None:
        """It is taken back everywhere."""
        with self.house.database.write() as session:
            retract(session, session.get_one(AnnouncementRow, 1), "It is not true.", self.clock())

    def work(self, minutes: int = 8) -> None:
        """Work while time passes: leases run out, unknown outcomes are read back."""
        for _ in range(minutes * 2):
            self.house.worker.run_until_idle("deliver", turns=20)
            self.clock.advance(timedelta(seconds=30))

    def announcement(self) -> AnnouncementRow:
        return self.house.rows(AnnouncementRow)[0]


def main(url: str, directory: str, point: str, times: str, what: str = "") -> None:
    """Go the way and die at ``point``, when it is reached for the last of these ``times``."""
    left = int(times)

    def die(name: str) -> None:
        nonlocal left
        left -= name == point
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    announcing = Announcing(url, Path(directory), die if not what else lambda _name: None)
    announcing.plan()
    if what:
        announcing.work(1)
        announcing.house.checkpoint = die
        {"correct": announcing.correct, "retract": announcing.retract}[what]()
    announcing.work()
