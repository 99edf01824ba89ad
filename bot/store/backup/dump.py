"""A whole database as JSON lines: the same file from SQLite and PostgreSQL, and for either of them.

What one kind of database took and the other cannot hold is made to fit on the way: characters when a dump is
written and when it is read, lengths, numbers and moments when it is read.

The first line says what it is, then follow the rows table by table, and the last line counts them: a file
that was cut off is refused. Tables are read as the database has them, not as this version's code sees them,
so that a dump of an older schema is loaded into that schema and migrated afterwards.
"""

import base64
import gzip
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import orjson
from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    Engine,
    LargeBinary,
    MetaData,
    Table,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.types import TypeEngine

from bot.store.fitting import fitter
from bot.store.storable import storable_parameters

_FORMAT = 1
_BATCH = 1_000
_NOT_OURS = "alembic_version"
_COUNTED = frozenset(("figures_due", "figures_day", "figures_column"))
"""Made of the other tables: where a dump is loaded everything is counted anew."""


class BadBackup(Exception):
    """A file is not a whole backup; ``str(error)`` says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a dump says of itself."""

    revision: str
    made_at: datetime


def write(engine: Engine, file: IO[bytes], revision: str, made_at: datetime) -> int:
    """Write everything as of one moment, while others go on writing; the number of rows is returned."""
    counts: dict[str, int] = {}
    with _snapshot(engine) as connection, gzip.open(file, "wb", compresslevel=6) as out:
        tables = _tables(connection)
        head = {"chorus_backup": _FORMAT, "revision": revision, "made_at": made_at.isoformat()}
        out.write(orjson.dumps(head) + b"\n")
        for table in tables:
            out.write(
                orjson.dumps({"table": str(table.name), "columns": [str(one.name) for one in table.columns]})
                + b"\n"
            )
            counts[str(table.name)] = 0
            for row in _rows(connection, table):
                out.write(orjson.dumps(storable_parameters(row)) + b"\n")
                counts[str(table.name)] += 1
        out.write(orjson.dumps({"rows": counts}) + b"\n")
    return sum(counts.values())


def header(path: Path) -> Header:
    """What a dump says of itself. Raises BadBackup."""
    with _lines(path) as lines:
        return _header(path, next(lines, b""))


def load(connection: Connection, path: Path) -> int:
    """Put a dump's rows into the empty tables of its own schema, in the caller's transaction.

    The number of rows is returned. Raises BadBackup, also when the file is cut off or damaged.
    """
    tables = {str(table.name): table for table in _tables(connection)}
    counts: dict[str, int] = {}
    expected: Mapping[str, int] | None = None
    with _lines(path) as lines:
        _header(path, next(lines, b""))
        put: _Into | None = None
        for line in lines:
            read = _json(path, line)
            if isinstance(read, list) and put is not None:
                put.add(read)
                continue
            if put is not None:
                counts[str(put.table.name)] = put.end()
                put = None
            if isinstance(read, dict) and "rows" in read:
                expected = read["rows"]
            elif isinstance(read, dict) and read.get("table") in tables:
                put = _Into(connection, tables[read["table"]], read["columns"])
            else:
                raise BadBackup(f"{path} does not fit this database: {line[:80]!r}.")
    if expected is None or dict(expected) != counts:
        raise BadBackup(f"{path} is cut off: its last lines are missing.")
    for table in tables.values():
        _set_sequence(connection, table)
    _count_anew(connection)
    return sum(counts.values())


def _count_anew(connection: Connection) -> None:
    """Of loaded rows nothing is counted, and nothing has to be looked at one by one."""
    if inspect(connection).has_table("figures_due"):
        connection.execute(text("DELETE FROM figures_due"))
        connection.execute(text("DELETE FROM cursor WHERE name = 'figures'"))


class _Into:
    """Collects rows of one table and inserts them in batches."""

    def __init__(self, connection: Connection, table: Table, columns: list[str]) -> None:
        self.table = table
        self._connection = connection
        self._columns = columns
        self._decode = [_reader(table, name, connection.dialect.name) for name in columns]
        self._rows: list[dict[str, Any]] = []
        self._count = 0

    def add(self, row: list[Any]) -> None:
        values = zip(self._columns, self._decode, row, strict=True)
        self._rows.append({name: decode(value) for name, decode, value in values})
        if len(self._rows) >= _BATCH:
            self._flush()

    def end(self) -> int:
        self._flush()
        return self._count

    def _flush(self) -> None:
        if self._rows:
            self._connection.execute(self.table.insert(), self._rows)
            self._count += len(self._rows)
            self._rows = []


def _snapshot(engine: Engine) -> Connection:
    """A connection whose every read sees the same moment."""
    if engine.dialect.name == "sqlite":
        return engine.connect()  # a reader of a write-ahead log does so anyway
    return engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _tables(connection: Connection) -> list[Table]:
    """The database's tables, those first that others refer to."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name not in {_NOT_OURS, *_COUNTED}]


def _rows(connection: Connection, table: Table) -> Iterator[list[Any]]:
    statement = select(table).order_by(*table.primary_key.columns)
    for row in connection.execution_options(yield_per=_BATCH).execute(statement):
        yield [_encoded(value) for value in row]


def _encoded(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat()
    return value


def _reader(table: Table, name: str, dialect: str) -> Callable[[Any], Any]:
    """What makes a column's value of what stands in a dump; PostgreSQL's columns take less than SQLite's."""
    decode = _decoder(table.columns[name].type, naive=dialect == "sqlite")
    if dialect == "sqlite":
        return decode
    fit = fitter(table, name)
    return lambda value: fit(decode(value))


def _decoder(kind: TypeEngine[Any], *, naive: bool) -> Callable[[Any], Any]:
    def moment(value: Any) -> Any:
        if value is None:
            return None
        at = datetime.fromisoformat(value)
        return at.replace(tzinfo=None) if naive else at

    if isinstance(kind, DateTime):
        return moment
    if isinstance(kind, LargeBinary):
        return lambda value: None if value is None else base64.b64decode(value)
    if isinstance(kind, JSON):
        return lambda value: value
    return lambda value: value


def _set_sequence(connection: Connection, table: Table) -> None:
    """New rows are numbered on after the loaded ones; SQLite does that by itself."""
    if connection.dialect.name != "postgresql":
        return
    [*keys] = table.primary_key.columns
    if len(keys) != 1:
        return
    sequence = connection.execute(
        text("SELECT pg_get_serial_sequence(:table, :column)"),
        {"table": f'"{table.name}"', "column": keys[0].name},
    ).scalar_one()
    latest = connection.execute(select(func.max(keys[0]))).scalar_one()
    if sequence is not None and latest is not None:
        connection.execute(
            text("SELECT setval(:sequence, :latest)"), {"sequence": sequence, "latest": latest}
        )


class _lines:  # noqa: N801 - used like a function
    """The lines of a gzipped file; what breaks while reading is said in words."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = gzip.open(path, "rb")  # noqa: SIM115 - closed by __exit__

    def __enter__(self) -> Iterator[bytes]:
        return self._read()

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def _read(self) -> Iterator[bytes]:
        try:
            yield from self._file
        except (OSError, EOFError) as error:
            raise BadBackup(f"{self._path} is damaged or cut off: {error}.") from error


def _json(path: Path, line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise BadBackup(f"{path} is damaged: {error}.") from error


def _header(path: Path, line: bytes) -> Header:
    read = _json(path, line)
    if not isinstance(read, dict) or read.get("chorus_backup") != _FORMAT:
        raise BadBackup(f"{path} is no backup of Chorus that this version can read.")
    return Header(str(read["revision"]), datetime.fromisoformat(read["made_at"]))
