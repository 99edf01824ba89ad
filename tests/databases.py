"""The databases of a test process on its PostgreSQL server: emptied after a test, and used again.

Making a database and dropping it takes many times as long as most tests do. One that comes back is as empty
as a new one, its tables' files and numbers too; else it is dropped and another one is made.
"""

from uuid import uuid4

from sqlalchemy import Connection, Engine, NullPool, create_engine, text

from bot.store import migrations
from bot.store.engine import open_engine

TEMPLATE = "chorus_template"

_END_SESSIONS = text("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = :name")
_SHAPE = text(
    "SELECT (SELECT md5(string_agg(concat_ws(' ', oid, relname, relnatts, relchecks), ',' ORDER BY oid))"
    " FROM pg_class WHERE relnamespace = 'public'::regnamespace),"
    " (SELECT string_agg(version_num, ',') FROM alembic_version),"
    " (SELECT count(*) FROM pg_trigger), (SELECT count(*) FROM pg_proc), (SELECT count(*) FROM pg_statistic"
    " JOIN pg_class ON oid = starelid WHERE relnamespace = 'public'::regnamespace)"
)
"""What the tables are, and whether anybody has analysed them."""
_USED = text(
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
    " AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0"
)
_BEGIN_ANEW = text(
    "SELECT setval(seqrelid, seqstart, false) FROM pg_sequence"
    " WHERE pg_sequence_last_value(seqrelid) IS NOT NULL"
)
_GROWN = text(
    "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'i'"
    " AND pg_relation_size(oid) > 65536"
)
"""Indexes keep their pages, by which the planner would know that a great deal was there."""
_FORGET_SIZES = text("UPDATE pg_class SET reltuples = -1, relallvisible = 0 WHERE relname = ANY(:tables)")
"""The planner takes a table that was vacuumed for an empty one, and a new one for one of ten pages."""


class Databases:
    """Migrated, empty databases. ``url`` is the server's own one."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._server = create_engine(url, isolation_level="AUTOCOMMIT")
        self._free: list[str] = []
        self._engines: dict[str, Engine] = {}
        """Those that empty a database, by its name: a new one asks the server a good deal first."""
        with self._server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {TEMPLATE}"))
        template = open_engine(self.url_of(TEMPLATE))
        migrations.upgrade(template)
        with template.connect() as connection:
            self._shape = _shape(connection)
            assert not _used(connection), "rows of migrations would not be there in a database used again"
        template.dispose()

    def url_of(self, name: str) -> str:
        head, _, rest = self._url.partition("/postgres?")
        return f"{head}/{name}?{rest}"

    def take(self) -> str:
        """The name of a database that nobody else has."""
        if self._free:
            return self._free.pop()
        name = f"t{uuid4().hex}"
        with self._server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY"))
        return name

    def give_back(self, name: str) -> None:
        with self._server.connect() as connection:
            connection.execute(_END_SESSIONS, {"name": name})
            if self._is_emptied(name):
                self._free.append(name)
            else:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
                del self._engines[name]

    def close(self) -> None:
        self._server.dispose()

    def _is_emptied(self, name: str) -> bool:
        engine = self._engines.get(name)
        if engine is None:
            engine = create_engine(self.url_of(name), isolation_level="AUTOCOMMIT", poolclass=NullPool)
            self._engines[name] = engine
        with engine.connect() as connection:
            if _shape(connection) != self._shape:
                return False
            if tables := _used(connection):
                _empty(connection, tables)
            connection.execute(_BEGIN_ANEW)
            return not _used(connection) and not connection.execute(_GROWN).scalar_one()


def _shape(connection: Connection) -> tuple[object, ...]:
    return tuple(connection.execute(_SHAPE).one())


def _used(connection: Connection) -> list[str]:
    return list(connection.execute(_USED).scalars())


def _empty(connection: Connection, tables: list[str]) -> None:
    """Delete and vacuum: truncating makes every file of a table and its indexes anew."""
    deletions = "; ".join(f'DELETE FROM "{table}"' for table in tables)
    connection.exec_driver_sql(f"BEGIN; SET LOCAL session_replication_role = replica; {deletions}; COMMIT")
    names = ", ".join(f'"{table}"' for table in tables)
    connection.exec_driver_sql(f"VACUUM (INDEX_CLEANUP ON, TRUNCATE ON) {names}")
    connection.execute(_FORGET_SIZES, {"tables": tables})
