"""On PostgreSQL a node hears of another's commit at once; on SQLite nobody has to listen."""

import threading

from bot.states import ChangeKind
from bot.store import changes
from bot.store.engine import Database, open_engine
from bot.store.running.listen_notify import ChangeListener
from tests.conftest import FakeClock


def test_a_commit_elsewhere_is_heard(fresh_postgresql_url: str, clock: FakeClock) -> None:
    here, there = (Database(open_engine(fresh_postgresql_url), clock) for _ in range(2))
    heard = threading.Event()
    signals = ChangeListener(here, heard.set)
    signals.start()
    for _ in range(100):  # the first may come before this node listens
        with there.write() as session:
            changes.append(session, ChangeKind.WORK, 0, clock())
        if heard.wait(0.1):
            break
    signals.stop()
    assert heard.is_set()
    here.close()
    there.close()


def test_nothing_listens_on_sqlite(sqlite_database: Database) -> None:
    signals = ChangeListener(sqlite_database, lambda: None)
    signals.start()
    assert not [thread for thread in threading.enumerate() if thread.name == "signals"]
    signals.stop()
