"""A customer who is asked how it went, in a process that can be killed at any point of it.

``main`` dies (``tests/mortals.py``): a settled question's customer is asked, and SIGKILL comes the first time
that the point is reached.
"""

import os
import re
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.platforms.base import Platform
from bot.platforms.local.adapter import FeedPost
from bot.store.tables.figures import SurveyRow
from tests.bot.actions.talk import Talk
from tests.conftest import FakeClock
from tests.crashing import ANSWER, QUESTION, START
from tests.house import House
from tests.ledger_platform import LedgerPlatform

POINTS = ("while_asking", "after_asking", "before_send", "after_send", "after_record")
FEED = "mastodon"
_LATER = timedelta(minutes=61)


class Surveyed(Talk):
    """Sam's question was answered and settled, and the brand has asked how it went."""

    def __init__(self, database: Any, clock: FakeClock, kind: str = "csat", **given: Any) -> None:
        survey = {"kind": kind, **given.pop("survey", {})}
        super().__init__(House(database, clock, brand_name="Acme", survey=survey, **given))
        self.answer = self.answers("Hold the power button for ten seconds.", self.opening)
        self.thanks = self.says("Thanks, it works again!", self.answer)

    @property
    def path(self) -> str:
        """Where the page is that the brand's post names."""
        found = re.search(r"/s/[a-z]+", self.asked.text)
        assert found is not None, self.asked.text
        return found[0]

    @property
    def asked(self) -> FeedPost:
        """What the brand said last."""
        return self.house.by_brand()[-1]

    @property
    def rows(self) -> list[SurveyRow]:
        return self.house.rows(SurveyRow)

    @property
    def row(self) -> SurveyRow:
        (row,) = self.rows
        return row

    def ask(self, after: timedelta = _LATER) -> int:
        """Time passes, and the customers who are due are asked; how many posts of the brand's that makes."""
        before = len(self.house.by_brand())
        self.house.clock.advance(after)
        self.house.steps.ask_customers.run()
        self.house.work()
        return len(self.house.by_brand()) - before


class Way(House):
    """A settled question on a ledger."""

    def __init__(self, url: str, ledger: Path, checkpoint: Callable[[str], None] = lambda _: None) -> None:
        self.platform = LedgerPlatform(ledger, FEED)
        connected: dict[str, Platform] = {FEED: self.platform}
        files = ledger.with_name(f"{ledger.name}-{os.getpid()}")
        super().__init__(
            url, FakeClock(START), platforms=connected, data_directory=files, survey={"kind": "csat"}
        )
        steps = self.steps
        self.at_work = (
            steps.intake.run,
            steps.route.run,
            steps.ask_customers.run,
            steps.deliver.run,
            steps.settle.run,
        )
        self.checkpoint = checkpoint

    def settle(self) -> None:
        """Sam asks, Jane answers, Sam thanks."""
        self.hire(FEED, "jane-id", "jane")
        thanks = replace(QUESTION, external_id="t1", in_reply_to="q1", text="@brand thanks, it works again!")
        for post in (QUESTION, ANSWER, thanks):
            self.ingest.write([replace(post, platform=FEED, posted_at=self.clock())])
            self.work(2)

    def work(self, minutes: int) -> None:
        """Work while time passes."""
        for _ in range(minutes * 2):
            while sum(step() for step in self.at_work):
                pass
            self.clock.advance(30)


def main(url: str, ledger: str, point: str) -> None:
    """Ask, and die at ``point``."""

    def die(name: str) -> None:
        if name == point:
            os.kill(os.getpid(), signal.SIGKILL)

    way = Way(url, Path(ledger), die)
    way.clock.advance(_LATER * 2)
    way.work(2)
