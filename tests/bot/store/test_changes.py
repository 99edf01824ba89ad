"""The change log: numbers rise in the order of commits, so that nobody who follows it misses a line."""

import threading
from datetime import timedelta

from sqlmodel import Session, select

from bot.states import ChangeKind
from bot.store import changes
from bot.store.engine import Database
from bot.store.tables.conversations import ChangeRow
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
