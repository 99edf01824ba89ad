"""An outage on three feeds, told in a process of its own that can be killed at any moment from outside.

Run as a program, it goes on telling until nothing is left: ``python -m tests.telling <database url> <ledgers>
<moment>``. The clock begins at ``moment`` (seconds after the beginning of the outage) and runs on with each
turn, so that what a killed process has left behind is taken over without waiting for it.
"""

import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.actions import statements
from bot.actions.matters import decisions
from bot.posts import Author, Mention, Post, Visibility
from bot.states import StatementAudience, StatementKind, StatementState
from bot.store.tables.matters import MatterRow, StatementRow
from tests.conftest import FakeClock
from tests.ledger_platform import LedgerPlatform
from tests.outage import Outage

START = datetime(2026, 3, 4, 12, tzinfo=UTC)
FEEDS = ("x", "mastodon", "bluesky")
ASKED = {
    "en": "@brand the streaming service is down, I cannot watch anything",
    "de": "@brand das Streaming ist ausgefallen, ich kann nichts mehr sehen",
    "fr": "@brand la plateforme est en panne, je ne peux plus rien regarder",
    "es": "@brand la plataforma no funciona, no puedo ver nada",
}
DOWN = {code: f"{code}: it is down for everybody, and we are on it." for code in ASKED}
BACK = {code: f"{code}: it is back for everybody. Thank you for your patience." for code in ASKED}
UPSET = "@brand the streaming service is down, I cannot watch anything. This is unacceptable!!!"


class Telling:
    """A house whose three feeds keep their ledgers in a directory."""

    def __init__(self, url: str, directory: Path, *, after: float = 0.0) -> None:
        self.ledgers = {name: LedgerPlatform(directory / name, name) for name in FEEDS}
        self.clock = FakeClock(START + timedelta(seconds=after))
        self.house = Outage(url, self.clock, founded=bool(after), platforms=self.ledgers)

    def ask(self, people: int) -> None:
        """So many ask, in four languages on three feeds, one after the other; every twentieth is upset."""
        languages = tuple(ASKED)
        posts = []
        for number in range(people):
            self.clock.advance(timedelta(seconds=7_200 / people / 10))
            language = languages[number % len(languages)]
            upset = number % 20 == 0
            posts.append(
                Post(
                    FEEDS[number % len(FEEDS)],
                    f"q{number}",
                    Author(f"c{number}", f"c{number}", followers=200_000 if number % 50 == 1 else 10),
                    UPSET if upset else ASKED[language],
                    mentions=(Mention("brand", "brand-id"),),
                    visibility=Visibility.PUBLIC,
                    language="en" if upset else language,
                    posted_at=self.clock(),
                )
            )
        for first in range(0, people, 100):
            self.house.ingest.write(posts[first : first + 100])
        self.take_in()

    def take_in(self) -> None:
        """Intake, routing and gathering, until nothing is left."""
        steps = self.house.steps
        while steps.intake.run(100) or steps.route.run() or steps.gather.run():
            pass

    def join(self) -> MatterRow:
        """A person says that what each language tells is one matter."""
        kept, *others = [one.id for one in self.house.rows(MatterRow) if one.questions]
        for other in others:
            with self.house.database.write() as session:
                kept = decisions.merge(session, kept, other, "mei", self.clock()).id
        self.take_in()
        return next(one for one in self.house.rows(MatterRow) if one.id == kept)

    def say(self, kind: StatementKind, words: dict[str, str]) -> None:
        """Mei writes it, Ravi approves it."""
        house = self.house
        said = {"": words["en"]} | {code: text for code, text in words.items() if code != "en"}
        with house.database.write() as session:
            matter = next(one for one in house.rows(MatterRow) if one.questions)
            row = statements.propose(
                session,
                session.get_one(MatterRow, matter.id),
                kind,
                said,
                StatementAudience.ALL,
                house.mei,
                house.answering,
                self.clock(),
            )
            number = row.id
        house.approves(number, house.ravi)

    def tell(self, minutes: int = 60) -> None:
        """Tell, publish and settle while time passes, until nothing is on its way any more."""
        steps = self.house.steps
        for _ in range(minutes * 2):
            while steps.tell.run() + steps.deliver.run() + steps.settle.run():
                pass
            if self.is_done():
                return
            self.clock.advance(timedelta(seconds=30))

    def is_done(self) -> bool:
        """Whether everything that is to be said is out."""
        waiting = any(one.state in ("ready", "sending", "unknown") for one in self.house.deliveries())
        active = [one for one in self.house.rows(StatementRow) if one.state == StatementState.ACTIVE]
        told = all(one.kind == StatementKind.STATEMENT for one in active)
        return not waiting and told

    def heard(self, words: dict[str, str]) -> Counter[str]:
        """How often each customer's post was answered with these words, by the feeds' own ledgers."""
        return Counter(
            to or ""
            for ledger in self.ledgers.values()
            for text, to in ledger.accepted()
            if any(each in text for each in words.values())
        )


def main(url: str, directory: str, after: str) -> None:
    """Go on telling from a moment on."""
    telling = Telling(url, Path(directory), after=float(after))
    telling.tell()
    telling.house.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
