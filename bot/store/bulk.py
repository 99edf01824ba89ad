"""Many rows in one statement, for the hottest way in.

An ``executemany`` steps through SQLite row by row, and at each step gives the interpreter away and waits to
get it back, up to a switch interval at a time. One statement with many rows gives it away once.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import JSON, Connection, DateTime, Dialect, Table, bindparam, column
from sqlalchemy import table as bare_table

_SIZES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)
"""Rows in a statement: few sizes, for each is prepared once; SQLite takes 32,766 parameters."""
MOST_ROWS = _SIZES[-1]

_Adapter = Callable[[Any], Any]


def insert_of(dialect: str) -> Callable[..., Any]:
    """The database's own ``insert``, which knows ON CONFLICT; the other database's is not even imported."""
    if dialect == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as insert_sqlite

        return insert_sqlite
    from sqlalchemy.dialects.postgresql import insert as insert_postgresql

    return insert_postgresql


class BulkInsert:
    """Inserts rows of always the same columns, leaving out those that are there already."""

    def __init__(self, table: Table, columns: Sequence[str], unique: Sequence[str], dialect: Dialect) -> None:
        """``columns`` are what every row brings; ``unique`` are the columns of the index that tells twins."""
        self._columns = tuple(columns)
        # Only these, for the whole table would bring its defaults along: those of the database do.
        self._table = bare_table(table.name, *[column(name, table.c[name].type) for name in self._columns])
        self._unique = tuple(unique)
        self._dialect = dialect
        self._statements: dict[int, tuple[str, tuple[str, ...]]] = {}
        adapters = [(place, _adapter(table, name, dialect)) for place, name in enumerate(self._columns)]
        self._adapters = [(place, adapt) for place, adapt in adapters if adapt is not None]

    def execute(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> None:
        """Insert ``rows``, values in the order of the columns; up to ``MOST_ROWS`` are one statement."""
        for first in range(0, len(rows), MOST_ROWS):
            self._insert(connection, rows[first : first + MOST_ROWS])

    def _insert(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> None:
        size = next(size for size in _SIZES if size >= len(rows))
        statement, names = self._statement(size)
        # The last row stands for those that are missing: what is there already is left out.
        columns: list[Iterable[Any]] = list(zip(*rows, *[rows[-1]] * (size - len(rows)), strict=True))
        for place, adapt in self._adapters:
            columns[place] = map(adapt, columns[place])
        values = chain.from_iterable(zip(*columns, strict=True))
        parameters = tuple(values) if self._dialect.positional else dict(zip(names, values, strict=True))
        connection.exec_driver_sql(statement, parameters)

    def _statement(self, size: int) -> tuple[str, tuple[str, ...]]:
        """The statement for so many rows, and its parameters' names in order."""
        if size not in self._statements:
            insert = insert_of(self._dialect.name)(self._table)
            names = tuple(f"{name}_{row}" for row in range(size) for name in self._columns)
            every = [
                {name: bindparam(f"{name}_{row}", type_=self._table.c[name].type) for name in self._columns}
                for row in range(size)
            ]
            statement = insert.values(every).on_conflict_do_nothing(index_elements=self._unique)
            self._statements[size] = str(statement.compile(dialect=self._dialect)), names
        return self._statements[size]


def _adapter(table: Table, name: str, dialect: Dialect) -> _Adapter | None:
    """What turns a column's Python value into the driver's; None where nothing has to be done."""
    kind = table.c[name].type
    adapt: _Adapter | None = kind.dialect_impl(dialect).bind_processor(dialect)
    if adapt is None:
        return None
    if isinstance(kind, JSON):
        return _quick_where_empty(adapt)
    if kind._type_affinity is DateTime:  # noqa: SLF001
        return lru_cache(maxsize=256)(adapt)  # rows that came together share most of their moments
    return adapt


def _quick_where_empty(adapt: _Adapter) -> _Adapter:
    no_list, no_dict = adapt([]), adapt({})
    return lambda value: adapt(value) if value else no_dict if isinstance(value, dict) else no_list
