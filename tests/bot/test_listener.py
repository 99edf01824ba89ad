"""Listening: one node at a time, from where it was left, and whatever a platform does."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlmodel import select

from bot.listener import LEASE, Listener
from bot.posts import Author, Page, Post, Reconnect, Retry, Visibility
from bot.states import ConnectionState
from bot.store.conversations.ingest import Ingest
from bot.store.engine import Database
from bot.store.house import connections
from bot.store.running import cursors, leases
from bot.store.tables.conversations import PostRow
from bot.worker import Worker
from tests.conftest import FakeClock
from tests.ledger_platform import LedgerPlatform

PACE = 10.0


class Feed(LedgerPlatform):
    """A platform with one post more at every look, unless it has ``trouble``."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.looks = 0
        self.trouble: Exception | None = None
        self.stream_trouble: Exception | None = None
        self.while_streaming: Callable[[], object] = lambda: None

    def stream(self) -> Iterator[Post]:
        self.while_streaming()
        if self.stream_trouble is not None:
            raise self.stream_trouble
        yield Post(self.name, "7", Author("2", "sam"), "hello", visibility=Visibility.PUBLIC)

    def poll(self, cursor: str | None) -> Page:
        self.looks += 1
        if self.trouble is not None:
            raise self.trouble
        number = int(cursor or 0) + 1
        post = Post(self.name, str(number), Author("2", "sam"), "help", visibility=Visibility.PUBLIC)
        return Page((post,), str(number))


class Node:
    """One node's listener; its own clock goes with the database's."""

    def __init__(self, database: Database, clock: FakeClock, directory: Path, owner: str) -> None:
        self.database = database
        self.feed = Feed(directory / owner)
        self.ingest = Ingest(database)
        self.listener = Listener(
            database, self.feed, self.ingest, owner, PACE, clock=lambda: clock().timestamp()
        )

    def stored(self) -> list[str]:
        with self.database.read() as session:
            return sorted(session.exec(select(PostRow.external_id)).all(), key=int)

    def state(self) -> tuple[str, str | None] | None:
        with self.database.read() as session:
            row = connections.of(session, self.feed.name)
        return None if row is None else (row.state, row.problem)


@pytest.fixture
def node(database: Database, clock: FakeClock, tmp_path: Path) -> Iterator[Node]:
    made = Node(database, clock, tmp_path, "one")
    yield made
    made.ingest.close()


@pytest.fixture
def other(database: Database, clock: FakeClock, tmp_path: Path) -> Iterator[Node]:
    made = Node(database, clock, tmp_path, "two")
    yield made
    made.ingest.close()


def test_it_reads_on_from_where_it_was(node: Node, clock: FakeClock) -> None:
    for _ in range(3):
        assert node.listener.turn() == PACE
        clock.advance(PACE)
    assert node.stored() == ["1", "2", "3"]


def test_one_node_listens_and_another_takes_over_when_it_is_gone(
    node: Node, other: Node, clock: FakeClock
) -> None:
    for _ in range(20):  # far longer than a lease: it is renewed
        node.listener.turn()
        assert other.listener.turn() == PACE
        clock.advance(PACE)
    assert (node.feed.looks, other.feed.looks) == (20, 0)
    clock.advance(LEASE)
    other.listener.turn()
    assert other.feed.looks == 1
    node.listener.turn()
    assert node.feed.looks == 20, "it is back, but this is no longer its own"
    assert node.stored() == [str(number) for number in range(1, 22)]


def test_whoever_loses_the_lease_midway_reads_no_further(node: Node, other: Node, clock: FakeClock) -> None:
    def slow(cursor: str | None) -> Page:
        node.feed.looks += 1
        if node.feed.looks == 2:  # held up for so long that another node takes over meanwhile
            clock.advance(LEASE)
            other.listener.turn()
        return Page((), cursor, more=True)

    node.feed.poll = slow  # type: ignore[method-assign]
    node.listener.turn()
    assert (node.feed.looks, other.feed.looks) == (2, 1)


def test_a_lease_is_not_written_at_every_look(
    sqlite_database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    node = Node(sqlite_database, clock, tmp_path, "one")
    node.feed.poll = lambda cursor: Page((), cursor)  # type: ignore[method-assign]
    node.listener.turn()
    begun: list[str] = []
    event.listen(sqlite_database.engine, "before_cursor_execute", lambda *given: begun.append(given[2]))
    for _ in range(10):
        clock.advance(1)
        node.listener.turn()
    node.ingest.close()
    assert len(begun) >= 10
    assert "BEGIN IMMEDIATE" not in begun


def test_the_cursor_stays_where_nothing_could_be_stored(node: Node, database: Database) -> None:
    node.listener.turn()
    node.ingest.close()
    assert node.listener.turn() > PACE
    with database.read() as session:
        assert cursors.at(session, f"{node.feed.name}:mentions") == "1"


def test_ever_longer_pauses_while_it_fails_and_none_afterwards(node: Node) -> None:
    node.feed.trouble = Retry("The feed does not answer.")
    pauses = [node.listener.turn() for _ in range(8)]
    assert pauses == [20.0, 40.0, 80.0, 160.0, 300.0, 300.0, 300.0, 300.0]
    assert node.state() == (ConnectionState.CONNECTED, "The feed does not answer.")
    node.feed.trouble = None
    assert node.listener.turn() == PACE
    assert node.state() == (ConnectionState.CONNECTED, None)


def test_it_waits_as_long_as_the_platform_says(node: Node, clock: FakeClock) -> None:
    node.feed.trouble = Retry("slow down", clock() + timedelta(minutes=15))
    assert node.listener.turn() == pytest.approx(15 * 60)


def test_a_permission_that_is_gone_is_told_to_people(node: Node) -> None:
    node.feed.trouble = Reconnect("The account has to be connected again.")
    node.listener.turn()
    assert node.state() == (ConnectionState.RECONNECT, "The account has to be connected again.")


def test_whatever_happens_it_goes_on(node: Node) -> None:
    node.feed.trouble = ZeroDivisionError("a fault of ours")
    assert node.listener.turn() > PACE
    node.feed.trouble = None
    assert node.listener.turn() == PACE
    assert node.stored() == ["1"]


def test_a_listener_that_stops_lets_the_next_one_listen_at_once(node: Node, other: Node) -> None:
    node.listener.turn()
    other.listener.turn()
    assert other.feed.looks == 0
    node.listener.stop()
    other.listener.turn()
    assert other.feed.looks == 1


def test_a_listener_that_stops_late_gives_nobody_elses_lease_away(
    node: Node, other: Node, clock: FakeClock
) -> None:
    node.listener.turn()
    clock.advance(LEASE)
    other.listener.turn()
    node.listener.stop()
    clock.advance(1)
    node.listener.turn()
    assert (node.feed.looks, other.feed.looks) == (1, 1)


def test_what_a_worker_did_alone_is_free_when_it_stops(database: Database, clock: FakeClock) -> None:
    worker = Worker(database, [], name="one_%")
    worker.start()
    with database.write() as session:
        for name, owner in (("upkeep", "one_%"), ("alarms", "one_%"), ("watch", "one_x")):
            assert leases.take(session, name, owner, clock(), LEASE)
    worker.stop()
    with database.write() as session:
        taken = [leases.take(session, name, "two", clock(), LEASE) for name in ("upkeep", "alarms", "watch")]
    assert taken == [True, True, False]


def test_a_stream_that_fails_does_not_slow_polling_down_nor_the_other_way(node: Node) -> None:
    node.feed.stream_trouble = Retry("The stream broke off.")
    assert [node.listener.stream_turn() for _ in range(3)] == [10.0, 20.0, 40.0]
    node.feed.trouble = Retry("The feed does not answer.")
    assert [node.listener.turn() for _ in range(2)] == [20.0, 40.0]
    node.feed.stream_trouble = None
    assert node.listener.stream_turn() == PACE
    node.feed.stream_trouble = Retry("The stream broke off.")
    assert node.listener.stream_turn() == 10.0, "it stood in between"
    assert node.listener.turn() == 80.0, "polling still fails"


def test_a_stream_waits_as_long_as_the_platform_says(node: Node, clock: FakeClock) -> None:
    node.feed.stream_trouble = Retry("slow down", clock() + timedelta(minutes=15))
    assert node.listener.stream_turn() == pytest.approx(15 * 60)


def test_a_stream_that_fails_does_not_say_that_the_account_works_again(node: Node) -> None:
    node.feed.trouble = Reconnect("The account has to be connected again.")
    node.listener.turn()
    node.feed.stream_trouble = Retry("The stream broke off.")
    node.listener.stream_turn()
    assert node.state() == (ConnectionState.RECONNECT, "The account has to be connected again.")


def test_a_look_that_fails_otherwise_does_not_say_so_either(
    node: Node, database: Database, clock: FakeClock
) -> None:
    node.listener.turn()
    with database.write() as session:  # as a publication does that is refused
        connections.mark(session, node.feed.name, ConnectionState.RECONNECT, "Not allowed to post.", clock())
    node.feed.trouble = Retry("The feed does not answer.")
    node.listener.turn()
    node.feed.trouble = None
    node.listener.turn()
    assert node.state() == (ConnectionState.RECONNECT, "Not allowed to post.")


def test_people_read_of_a_stream_that_fails_until_it_stands(node: Node, clock: FakeClock) -> None:
    node.feed.stream_trouble = Retry("The stream broke off.")
    node.listener.stream_turn()
    node.listener.turn()
    told = "Posts come later than they could, for the stream does not stand: The stream broke off."
    assert node.state() == (ConnectionState.CONNECTED, told)

    def stand() -> None:
        clock.advance(5)
        node.listener.turn()
        assert node.state() == (ConnectionState.CONNECTED, told), "nobody knows yet"
        clock.advance(25)
        node.listener.turn()
        assert node.state() == (ConnectionState.CONNECTED, None)

    node.feed.while_streaming = stand
    node.feed.stream_trouble = None
    node.listener.stream_turn()
    assert node.stored()[-1] == "7"


def test_the_account_works_again_once_it_is_read_again(node: Node, other: Node) -> None:
    node.feed.trouble = Reconnect("The account has to be connected again.")
    node.listener.turn()
    node.listener.stop()
    other.listener.turn()  # a new process, with a new key in its settings
    assert other.state() == (ConnectionState.CONNECTED, None)


def test_it_looks_at_once_when_its_account_is_connected_again(
    node: Node, database: Database, clock: FakeClock
) -> None:
    node.feed.trouble = Reconnect("The account has to be connected again.")
    node.listener.poll_interval = 0.01
    resting = threading.Thread(target=node.listener.rest, args=(node.listener.turn() + 300,))
    resting.start()
    with database.write() as session:  # as ``chorus connect`` does with new tokens
        connections.mark(session, node.feed.name, ConnectionState.CONNECTED, None, clock())
    resting.join(timeout=20)
    assert not resting.is_alive()
