"""What telling costs: many people with one question in one process, told one thing and that it is settled.

``python tests/bench/bench_telling.py [--people N] [--meaning]``. The feed is kept outside of the database and
is the judge: everybody stored, everybody told once, nobody twice, while the process that tells is put down
on the way (its transaction fails) and goes on. Shown with it: what telling costs a person, against what an
employee's answer costs.
"""

import argparse
import contextlib
import logging
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

sys.path.insert(0, str(Path(__file__).parents[2]))

from bot.actions import statements
from bot.roles import Role
from bot.states import StatementAudience, StatementKind
from bot.store import migrations
from bot.store.engine import open_engine
from bot.store.tables.matters import MatterRow, StatementRow
from tests.conftest import FakeClock
from tests.house import House

_WORDINGS = (
    "@brand streaming is down, I cannot watch anything",
    "@brand the streaming service has been down since noon, when is it back?",
    "@brand is streaming down for everybody? nothing plays here",
    "@brand no stream plays on my TV, it says the service is not available",
)
DOWN = "Streaming is down for everybody since noon. We are on it and tell you here as soon as it is back."
BACK = "Streaming is back for everybody. Thank you for your patience."
_OTHERS = 200
_LASTS = timedelta(hours=2)


class Replay:
    """One house through an outage of two hours."""

    def __init__(self, directory: Path, people: int, *, meaning: bool) -> None:
        self.clock = FakeClock(datetime(2026, 3, 4, 12, 0, tzinfo=UTC))
        url = f"sqlite:///{directory / 'chorus.db'}"
        engine = open_engine(url)
        migrations.upgrade(engine)
        engine.dispose()
        self.house = House(url, self.clock, data_directory=directory, search={"meaning": meaning})
        self.people = people
        topic = self.house.topic("tv", "TV", "streaming")
        self.jane = self.house.employee("Jane Doe", topic, daily_cap=1_000_000, open_cap=1_000_000).id
        self.mei = self.house.employee("Mei Ito", role=Role.MODERATOR).id
        self.ravi = self.house.employee("Ravi Rao", role=Role.MODERATOR).id

    def ask(self) -> None:
        """Everybody asks, at moments drawn over two hours."""
        for number in range(self.people):
            self.clock.advance(_LASTS / self.people)
            self.house.post(f"cust{number}", _WORDINGS[number % len(_WORDINGS)])

    def take_in(self) -> float:
        """Intake, routing and gathering; seconds."""
        began = time.process_time()
        while self.house.steps.intake.run(500):
            pass
        while self.house.steps.route.run():
            pass
        while self.house.steps.gather.run():
            self.house.steps.gather.look_again()
        return time.process_time() - began

    def say(self, kind: StatementKind, text: str) -> float:
        """Approve it and tell it to everybody, dying now and then; seconds."""
        with self.house.database.write() as session:
            largest = max(self.house.rows(MatterRow), key=lambda one: one.questions)
            row = statements.propose(
                session,
                session.get_one(MatterRow, largest.id),
                kind,
                {"": text},
                StatementAudience.ALL,
                self.mei,
                self.house.answering,
                self.clock(),
            )
            number = row.id
        with self.house.database.write() as session:
            statements.approve(session, session.get_one(StatementRow, number), self.ravi, self.clock())
        deaths = Counter[str]()

        def die(name: str) -> None:
            deaths[name] += 1
            if name == "after_telling" and deaths[name] % 50 == 7:
                raise RuntimeError("put down")

        self.house.checkpoint = die
        began, idle = time.process_time(), 0
        while idle < 3:
            told = 0
            with contextlib.suppress(RuntimeError):
                told = self.house.steps.tell.run()
            while self.house.steps.deliver.run():
                told += 1
            idle = 0 if told else idle + 1
        self.house.checkpoint = lambda _name: None
        return time.process_time() - began

    def answer(self, count: int) -> float:
        """So many others ask and Jane answers each; seconds of answering and publishing."""
        posts = [self.house.post(f"other{n}", f"@brand how do I pair remote {n}?") for n in range(count)]
        self.take_in()
        for number, post in enumerate(posts):
            self.house.post("jane", f"Hold P and {number} for five seconds. #chorus", post)
        began = time.process_time()
        while self.house.steps.intake.run(500):
            pass
        while self.house.steps.deliver.run():
            pass
        return time.process_time() - began

    def told(self, text: str) -> Counter[str]:
        """How often each customer was told something, by the feed."""
        everything = self.house.feed.read(None, 10_000_000)
        authors = {post.id: post.author for post in everything}
        said = [post for post in everything if post.author == "brand" and post.text.endswith(text)]
        return Counter(authors[post.in_reply_to or ""] for post in said)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--people", type=int, default=1_000)
    arguments.add_argument("--meaning", action="store_true")
    chosen = arguments.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory() as directory:
        replay = Replay(Path(directory), chosen.people, meaning=chosen.meaning)
        replay.ask()
        taken = replay.take_in()
        matters = [one for one in replay.house.rows(MatterRow) if one.questions]
        largest = max(matters, key=lambda one: one.questions)
        telling = replay.say(StatementKind.STATEMENT, DOWN)
        down = replay.told(DOWN)
        settling = replay.say(StatementKind.SETTLED, BACK)
        back = replay.told(BACK)
        answering = replay.answer(_OTHERS)
        print(f"people {chosen.people}, stored {len(replay.house.questions()) - _OTHERS}")
        print(f"gathered in {len(matters)} matter(s), the largest with {largest.questions}: {largest.surge}")
        for name, told in (("statement", down), ("settled", back)):
            missed = largest.questions - len(told)
            doubled = sum(count > 1 for count in told.values())
            print(f"{name}: told {len(told)}, missed {missed} (0), doubled {doubled} (0)")
        each, answer = telling / max(len(down), 1) * 1000, answering / _OTHERS * 1000
        print(f"taken in and gathered: {taken / chosen.people * 1000:.1f} ms a person")
        print(f"told: {each:.1f} ms a person, {each / answer:.2f} times an answer ({answer:.1f} ms)")
        print(f"settled: {settling / max(len(back), 1) * 1000:.1f} ms a person")
        lost = largest.questions - len(down) or len(down) - len(back)
        twice = max([*down.values(), *back.values()], default=0) > 1
        replay.house.close()
    return 1 if lost or twice else 0


if __name__ == "__main__":
    raise SystemExit(main())
