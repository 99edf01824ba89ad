"""Opening databases: durability settings, writers that queue up, and full disks."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session, select

from bot.posts import Author, Post
from bot.store.conversations.ingest import Ingest, NotStored
from bot.store.engine import Database, DatabaseDown, is_passing, open_engine, sqlite_file
from bot.store.running import switches
from bot.store.tables.columns import Utc
from bot.store.tables.conversations import PostRow
from bot.store.tables.house import SwitchRow
from tests.conftest import FakeClock


def test_sqlite_survives_a_power_cut_and_keeps_references(sqlite_database: Database) -> None:
    with sqlite_database.read() as session:
        pragmas = {
            name: session.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}  # 2 is FULL


def test_sqlite_writers_take_the_lock_when_they_begin(sqlite_database: Database, clock: FakeClock) -> None:
    """Two that read first and write later would both fail otherwise; like this the second one waits."""
    inside, order = threading.Event(), []

    def second() -> None:
        inside.wait(5)
        with sqlite_database.write() as session:
            found = switches.value_of(session, "x")
            order.append("second")
            switches.put(session, "x", found + 1, by="t", now=clock())

    thread = threading.Thread(target=second)
    thread.start()
    with sqlite_database.write() as session:
        assert switches.value_of(session, "x") is None  # even reading first
        inside.set()
        thread.join(0.2)
        switches.put(session, "x", 1, by="t", now=clock())
        session.flush()
        order.append("first")
    thread.join(10)
    with sqlite_database.read() as session:
        assert switches.value_of(session, "x") == 2
    assert order == ["first", "second"]


def test_a_reader_sees_one_moment_and_does_not_wait(sqlite_database: Database, clock: FakeClock) -> None:
    with sqlite_database.read() as reader:
        assert reader.exec(select(SwitchRow)).all() == []
        with sqlite_database.write() as session:
            switches.put(session, "x", 1, by="t", now=clock())
        assert reader.exec(select(SwitchRow)).all() == []
    with sqlite_database.read() as reader:
        assert len(reader.exec(select(SwitchRow)).all()) == 1


def test_an_error_takes_everything_of_a_transaction_back(database: Database, clock: FakeClock) -> None:
    def write_and_fail(session: Session) -> None:
        switches.put(session, "x", 1, by="t", now=clock())
        session.flush()
        raise RuntimeError

    with pytest.raises(RuntimeError), database.write() as session:
        write_and_fail(session)
    with database.read() as session:
        assert switches.value_of(session, "x") is None


def test_times_come_back_in_utc_and_naive_ones_are_refused(database: Database) -> None:
    from datetime import timedelta, timezone

    at = datetime(2026, 3, 29, 2, 30, tzinfo=timezone(timedelta(hours=2)))
    with database.write() as session:
        switches.put(session, "x", 1, by="t", now=at)
    with database.read() as session:
        [row] = session.exec(select(SwitchRow)).all()
    assert row.set_at == at
    assert row.set_at.tzinfo == UTC
    with pytest.raises(ValueError, match="no time zone"):
        Utc().process_bind_param(datetime(2026, 1, 1), database.engine.dialect)  # noqa: DTZ001


def test_the_databases_own_clock_counts_where_none_is_given(engine: object) -> None:
    database = Database(engine)  # type: ignore[arg-type]
    with database.read() as session:
        now = database.now(session)
    assert now.tzinfo == UTC
    assert abs((datetime.now(UTC) - now).total_seconds()) < 60


def test_a_database_that_does_not_answer_is_named_without_its_password() -> None:
    database = Database(open_engine("postgresql+psycopg://chorus:hunter2@127.0.0.1:1/chorus"))
    with pytest.raises(DatabaseDown) as caught:
        database.ping()
    assert "127.0.0.1:1/chorus" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    database.close()


def test_only_sqlite_has_a_file(tmp_path: Path) -> None:
    assert sqlite_file(f"sqlite:///{tmp_path}/a.db") == tmp_path / "a.db"
    assert sqlite_file("postgresql+psycopg://h/name") is None


def test_r10_on_a_full_disk_nothing_is_reported_as_stored_and_all_goes_on_afterwards(
    sqlite_database: Database,
) -> None:
    """SQLite's own limit of pages stands in for the disk: the error is the same."""
    ingest = Ingest(sqlite_database)
    with sqlite_database.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    sqlite_database.engine.dispose()

    def limit(connection: object, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages + full[0]}")  # type: ignore[attr-defined]

    full = [4]
    event.listen(sqlite_database.engine, "connect", limit)
    stored, refused = [], []
    for number in range(40):
        failure = ingest.submit([Post("local", str(number), Author("sam"), text="x" * 2_000)]).exception(30)
        if failure is None:
            stored.append(str(number))
            continue
        assert isinstance(failure, NotStored)
        assert isinstance(failure.__cause__, DBAPIError)
        assert is_passing(failure.__cause__)
        refused.append(str(number))
    assert stored
    assert refused
    with sqlite_database.read() as session:
        assert sorted(session.exec(select(PostRow.external_id)).all()) == sorted(stored)
    full[0] = 10_000
    sqlite_database.engine.dispose()
    ingest.write([Post("local", one, Author("sam"), text="x" * 2_000) for one in refused])
    with sqlite_database.read() as session:
        assert len(session.exec(select(PostRow.external_id)).all()) == 40
    ingest.close()


def test_r22_a_value_beyond_a_limit_of_the_program_does_not_pass(fresh_postgresql_url: str) -> None:
    """PostgreSQL calls it operational, like a restart; waiting for it would never end."""
    engine = open_engine(fresh_postgresql_url)
    long = "".join(chr(0x4E00 + number % 5000) for number in range(3600))
    with pytest.raises(DBAPIError) as refused, engine.begin() as connection:
        connection.execute(
            text("INSERT INTO cursor (name, value, moved_at) VALUES (:name, '', now())"), {"name": long}
        )
    engine.dispose()
    assert isinstance(refused.value, OperationalError)
    assert not is_passing(refused.value)


def test_s23_what_goes_with_a_statement_is_not_repeated_when_it_fails(database: Database) -> None:
    """The error is shown at the page of what was set aside, and in the log."""
    statement = text("INSERT INTO no_such_table (words) VALUES (:words)")
    with pytest.raises(DBAPIError) as refused, database.write() as session:
        session.execute(statement, {"words": "between you and me"})
    assert "between you and me" not in str(refused.value)
