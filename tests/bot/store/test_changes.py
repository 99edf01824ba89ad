"""The change log: numbers rise in the order of commits, so that nobody who follows it misses a line."""

import random
import threading
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from bot.states import ChangeKind
from bot.store import changes
from bot.store.engine import Database, open_engine
from bot.store.tables.house import ChangeRow
from tests.conftest import FakeClock


def test_lines_come_in_order_and_by_kind(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        for number in range(3):
            changes.append(session, ChangeKind.ENTRY, number, clock(), note=number)
            changes.append(session, ChangeKind.ANSWER, number, clock())
    with database.read() as session:
        assert changes.head(session) == 6
        found = changes.after(session, 1, (ChangeKind.ENTRY,), 10)
        assert [(row.seq, row.row_id, row.detail) for row in found] == [
            (3, 1, {"note": 1}),
            (5, 2, {"note": 2}),
        ]
        assert len(changes.after(session, 0, (ChangeKind.ENTRY, ChangeKind.ANSWER), 4)) == 4


def test_what_is_taken_back_leaves_no_line(database: Database, clock: FakeClock) -> None:
    class TakeBack(Exception):
        pass

    def append_and_fail(session: Session) -> None:
        changes.append(session, ChangeKind.ENTRY, 1, clock())
        raise TakeBack

    try:
        with database.write() as session:
            append_and_fail(session)
    except TakeBack:
        pass
    with database.read() as session:
        assert changes.head(session) == 0


def test_a_savepoint_is_not_yet_the_end(database: Database, clock: FakeClock) -> None:
    """Whoever has the numbers waits for no row any more: they are given out when nothing follows."""
    with database.write() as session:
        with session.begin_nested():
            changes.append(session, ChangeKind.ENTRY, 1, clock())
        assert changes.head(session) == 0
    with database.read() as session:
        assert changes.head(session) == 1


def test_a_later_number_is_never_visible_before_an_earlier_one(database: Database, clock: FakeClock) -> None:
    """Two writers at once: whoever writes down second gets its number only after the first has committed."""
    appended, may_commit, order = threading.Event(), threading.Event(), []

    def slow() -> None:
        with database.write() as session:
            changes.append(session, ChangeKind.ENTRY, 1, clock())
            changes.write_down(session)
            appended.set()
            may_commit.wait(10)
            order.append("slow")

    def fast() -> None:
        appended.wait(10)
        with database.write() as session:
            changes.append(session, ChangeKind.ENTRY, 2, clock())
            changes.write_down(session)
            order.append("fast")

    threads = [threading.Thread(target=slow), threading.Thread(target=fast)]
    for thread in threads:
        thread.start()
    appended.wait(10)
    threads[1].join(0.3)
    assert threads[1].is_alive()  # it waits
    with database.read() as session:
        assert changes.head(session) == 0
    may_commit.set()
    for thread in threads:
        thread.join(10)
    assert order == ["slow", "fast"]
    with database.read() as session:
        assert [row.row_id for row in changes.after(session, 0, (ChangeKind.ENTRY,), 10)] == [1, 2]


def test_a_follower_beside_many_writers_misses_nothing(database: Database, clock: FakeClock) -> None:
    writers, each = 4, 25
    done, followed = threading.Event(), []

    def write(name: int) -> None:
        for number in range(each):
            with database.write() as session:
                changes.append(session, ChangeKind.ENTRY, name * each + number, clock())

    def follow() -> None:
        seq = 0
        while True:
            last_round = done.is_set()
            with database.read() as session:
                for row in changes.after(session, seq, (ChangeKind.ENTRY,), 100):
                    followed.append(row.row_id)
                    seq = row.seq or seq
            if last_round:
                return

    follower = threading.Thread(target=follow)
    follower.start()
    threads = [threading.Thread(target=write, args=(name,)) for name in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    done.set()
    follower.join(20)
    assert sorted(followed) == list(range(writers * each))


KINDS = (ChangeKind.ENTRY, ChangeKind.ANSWER)


class Undone(Exception):
    """Raised where a writer takes all back."""


@dataclass
class Writer:
    """Writes over a connection of its own: by chance short and long, nested, ended and undone."""

    url: str
    clock: FakeClock
    number: int
    chance: random.Random
    written: list[tuple[str, int]] = field(default_factory=list)

    def run(self) -> None:
        database = Database(open_engine(self.url, pool_size=1), self.clock)
        for turn in range(30):
            first = (self.number * 100 + turn) * 10
            lines = [(self.chance.choice(KINDS), first + line) for line in range(self.chance.randrange(4))]
            with suppress(Undone):
                self._write(database, lines)
                self.written += lines
        database.close()

    def _write(self, database: Database, lines: Sequence[tuple[ChangeKind, int]]) -> None:
        with database.write() as session:
            for kind, row_id in lines:
                with session.begin_nested() if self.chance.random() < 0.3 else nullcontext():
                    changes.append(session, kind, row_id, self.clock())
            if self.chance.random() < 0.2:  # it has its numbers long before it commits
                changes.write_down(session)
                session.execute(text("SELECT pg_sleep(0.01)"))
            if self.chance.random() < 0.2:
                raise Undone


@dataclass
class Reader:
    """Follows lines of some kinds, a few at a time, until there are no more once ``done`` is set."""

    url: str
    clock: FakeClock
    kinds: tuple[ChangeKind, ...]
    limit: int
    done: threading.Event
    found: list[tuple[str, int]] = field(default_factory=list)

    def run(self) -> None:
        seq, database = 0, Database(open_engine(self.url, pool_size=1), self.clock)
        while True:
            is_last = self.done.is_set()
            with database.read() as session:
                news = changes.after(session, seq, self.kinds, self.limit)
            self.found += [(row.kind, row.row_id) for row in news]
            seq = news[-1].seq if news else seq
            if is_last and not news:
                break
        database.close()


@pytest.mark.parametrize("seed", range(3))
def test_no_line_is_ever_skipped_whatever_writers_do(
    fresh_postgresql_url: str, clock: FakeClock, seed: int
) -> None:
    done = threading.Event()
    writers = [
        Writer(fresh_postgresql_url, clock, number, random.Random(10 * seed + number)) for number in range(5)
    ]
    readers = [
        Reader(fresh_postgresql_url, clock, kinds, limit, done)
        for kinds, limit in ((KINDS, 1_000), (KINDS, 2), (KINDS[:1], 3))
    ]
    following = [threading.Thread(target=one.run) for one in readers]
    writing = [threading.Thread(target=one.run) for one in writers]
    for thread in (*following, *writing):
        thread.start()
    for thread in writing:
        thread.join(120)
    done.set()
    for thread in following:
        thread.join(60)
    for reader in readers:
        written = [line for one in writers for line in one.written if line[0] in reader.kinds]
        assert sorted(reader.found) == sorted(written)


def test_old_work_lines_are_forgotten_but_the_newest_number_stays(
    database: Database, clock: FakeClock
) -> None:
    with database.write() as session:
        changes.append(session, ChangeKind.ENTRY, 1, clock())
        changes.append(session, ChangeKind.WORK, 2, clock())
        changes.append(session, ChangeKind.WORK, 3, clock())
    clock.advance(timedelta(hours=2))
    with database.write() as session:
        changes.forget_work(session, clock() - timedelta(hours=1))
    with database.read() as session:
        assert [row.seq for row in session.exec(select(ChangeRow)).all()] == [1, 3]
        assert changes.head(session) == 3


def test_nobody_waits_for_a_lock_that_is_about_something_else() -> None:
    assert len(set(changes.LOCKS.values())) == len(changes.LOCKS)
