"""An announcement mailed to those who asked to hear first: turns that end, at most one mail to each.

``python tests/bench/bench_first_mails.py [--people N]``. The mail server is a stand-in on this machine, with
real connections, and is the judge. In the middle of it a process loses what it was doing.
"""

import argparse
import logging
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

sys.path.insert(0, str(Path(__file__).parents[2]))

from bot.channels.customers.announced import MailingKind
from bot.states import AnnouncementState
from bot.store import migrations
from bot.store.engine import open_engine
from bot.store.house import subscribers
from bot.store.tables.announcements import AnnouncementMailRow, AnnouncementRow, SubscriberRow
from tests.conftest import FakeClock
from tests.house import House
from tests.mail_server import MailServer


class Died(BaseException):
    """The process is gone, in the middle of it."""


def announced(house: House, people: int) -> None:
    """So many people who proved their mailboxes, and an announcement that has just gone out."""
    now = house.clock()
    with house.database.write() as session:
        session.add_all(
            SubscriberRow(address=f"p{number}@example.com", asked_at=now, confirmed_at=now)
            for number in range(people)
        )
        row = AnnouncementRow(
            text="We are open on Sunday.",
            state=AnnouncementState.PUBLISHED,
            created_at=now,
            changed_at=now,
            published_at=now,
        )
        session.add(row)
        session.flush()
        subscribers.begin(session, row.id, MailingKind.ANNOUNCED, now)


def send(house: House, people: int) -> list[float]:
    """Take turns until there is nothing to do; the seconds of each. Half-way a process dies."""
    step = house.steps.tell_first
    assert step is not None
    turns: list[float] = []
    has_died = False

    def die(name: str) -> None:
        nonlocal has_died
        if name == "after_mail" and not has_died and len(turns) * 20 > people // 2:
            has_died = True
            raise Died

    step.checkpoint = die
    while True:
        begun = time.perf_counter()
        try:
            done = step.run()
        except Died:
            house.clock.advance(timedelta(minutes=6).total_seconds())
            done = 1
        turns.append(time.perf_counter() - begun)
        if not done:
            return turns


def main() -> None:
    """Print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    people = parser.parse_args().people
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory() as directory, MailServer() as mails:
        url = f"sqlite:///{directory}/house.db"
        migrations.upgrade(open_engine(url))
        house = House(url, FakeClock(datetime(2026, 3, 2, 12, tzinfo=UTC)), mail=mails.settings)
        announced(house, people)
        begun = time.perf_counter()
        turns = send(house, people)
        took = time.perf_counter() - begun
        told = Counter(str(one["To"]) for one in mails.mails)
        states = Counter(one.state for one in house.rows(AnnouncementMailRow))
        house.close()
    twice = sum(count > 1 for count in told.values())
    print(
        f"{people:,} told first by mail in {took:.0f} s ({took / people * 1000:.1f} ms each), "
        f"{len(turns):,} turns, "
        f"the longest {max(turns):.2f} s; mailed {len(told):,}, twice {twice}; "
        + ", ".join(f"{state} {count:,}" for state, count in sorted(states.items()))
    )
    if twice or len(told) != people:
        raise SystemExit("somebody was mailed twice, or not at all")


if __name__ == "__main__":
    main()
