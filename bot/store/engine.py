"""Opening the database: SQLite or PostgreSQL, one code path."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlmodel import Session

from bot.private_files import make_private_directory, make_private_file
from bot.store.storable import dump_json, storable_parameters

__all__ = [
    "Database",
    "DatabaseDown",
    "Session",
    "check_url",
    "is_passing",
    "open_engine",
    "sqlite_file",
]

_BUSY_TIMEOUT_SECONDS = 30.0
_WANTED = "should start with sqlite:/// or postgresql+psycopg://"


class DatabaseDown(Exception):
    """The database does not answer; ``str(error)`` says which one and what to look at."""


class Database:
    """The one database: short transactions for reading and for writing, and its clock.

    ``clock`` replaces the database's own clock; tests use that to move time.
    """

    def __init__(self, engine: Engine, clock: Callable[[], datetime] | None = None) -> None:
        self.engine = engine
        self._writer = engine.execution_options(writes=True)
        self._clock = clock
        self._writing = threading.Lock() if self.is_sqlite else None
        self.shared: dict[str, Any] = {}
        """What this process knows of the database; writing sessions find it by ``Database.of``."""

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the single-file database."""
        return self.engine.dialect.name == "sqlite"

    @property
    def name(self) -> str:
        """The address without its password, for people."""
        return self.engine.url.render_as_string(hide_password=True)

    @staticmethod
    def of(session: Session) -> "Database | None":
        """The database in which a session writes; None of one that only reads."""
        database: Database | None = session.info.get("database")
        return database

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session on one consistent snapshot that never waits for writers on SQLite."""
        with Session(self.engine, expire_on_commit=False, autoflush=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose transaction commits at the end, or rolls back on an error."""
        session = Session(self._writer, expire_on_commit=False, info={"database": self})
        with self._turn(), session, session.begin():
            yield session

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A bare connection in a writing transaction, for the hot paths."""
        with self._turn(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """On SQLite, where only one can write, wait for this process's other writers.

        SQLite itself has those who wait look again after ever longer naps. Whoever has waited in vain goes
        on regardless: the database then says what is wrong.
        """
        is_held = self._writing is not None and self._writing.acquire(timeout=_BUSY_TIMEOUT_SECONDS)
        try:
            yield
        finally:
            if is_held and self._writing is not None:
                self._writing.release()

    def now(self, session: Session | Connection) -> datetime:
        """The time by the database's clock: leases of all nodes run on this one."""
        if self._clock is not None:
            return self._clock()
        if self.is_sqlite:
            return datetime.now(UTC)  # the file lives on this machine: its clock is ours
        value: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
        return value.astimezone(UTC)

    def ping(self) -> None:
        """Raise DatabaseDown unless the database answers."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except DBAPIError as error:
            advice = "Check that it runs and that CHORUS_DATABASE_URL is right."
            if _is_crowded(sqlite_file(self.engine.url.render_as_string(hide_password=False))):
                advice = "Its disk is full: make room."
            raise DatabaseDown(f"The database {self.name} does not answer: {error.orig}. {advice}") from error

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def open_engine(url: str, *, pool_size: int = 10) -> Engine:
    """An engine for ``sqlite:///...`` or ``postgresql+psycopg://...``.

    SQLite runs with a write-ahead log, ``synchronous=FULL`` (a commit survives a power cut), foreign
    keys, and ``BEGIN IMMEDIATE`` for writers, so that they queue up instead of failing midway.

    Whatever is written or asked through it is cleaned of what no database can hold (``bot.store.storable``),
    so that no door has to think of that and none can forget it. Its errors do not repeat what was asked or
    written: they are shown at pages and in the log.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(
            parsed,
            connect_args={"timeout": _BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
            pool_size=pool_size,
            max_overflow=20,
            json_serializer=dump_json,
            hide_parameters=True,
        )
        _set_up_sqlite(engine, Path(parsed.database or ""))
    else:
        engine = create_engine(
            parsed,
            pool_size=pool_size,
            max_overflow=10,
            pool_pre_ping=True,
            json_serializer=dump_json,
            hide_parameters=True,
        )
    event.listen(engine, "before_cursor_execute", _clean, retval=True)
    return engine


def _clean(
    _connection: Connection, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool
) -> tuple[str, Any]:
    return statement, storable_parameters(parameters)


def check_url(url: str) -> None:
    """Raise ValueError with what a database's address should be, unless this is one that can be opened.

    Whether there is a database, and whether it answers, is another question.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise ValueError(_WANTED) from None
    if parsed.drivername not in ("sqlite", "postgresql+psycopg"):
        raise ValueError(f"{_WANTED} (it starts with {url.split(':', 1)[0]!r})")
    if parsed.drivername != "sqlite":
        return
    if parsed.host or parsed.database in (None, "", ":memory:"):
        raise ValueError(
            "should name a file, like sqlite:///chorus.db or sqlite:////var/lib/chorus/chorus.db"
        )
    if Path(parsed.database or "").is_dir():
        raise ValueError("should name a file, and this is a directory")


def _is_crowded(file: Path | None) -> bool:
    """Whether the disk under a database's file has no room left to speak of."""
    place = None if file is None else file.parent
    return place is not None and place.is_dir() and shutil.disk_usage(place).free < 2**20


def sqlite_file(url: str) -> Path | None:
    """The absolute path of a SQLite database's file; None for other databases."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return None
    return Path(parsed.database).resolve()


def _set_up_sqlite(engine: Engine, file: Path) -> None:
    @event.listens_for(engine, "do_connect")
    def _keep_private(*_: Any) -> None:
        with suppress(OSError):  # SQLite says so itself where it cannot open the file
            make_private_directory(file.parent)
            make_private_file(file)  # its log and what else it writes beside get the same mode

    @event.listens_for(engine, "connect")
    def _configure(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # we say BEGIN ourselves, below
        cursor = raw.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA cache_size=-8000")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def is_passing(error: Exception) -> bool:
    """Whether a database error is likely to go away by itself (restart, lock, full disk).

    PostgreSQL's class 54, a value beyond a limit of the program, is operational by name only.
    """
    if not isinstance(error, DBAPIError):
        return False
    if str(getattr(error.orig, "sqlstate", None) or "").startswith("54"):
        return False
    return isinstance(error, OperationalError) or error.connection_invalidated
