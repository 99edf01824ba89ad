"""Column types and the columns that every table of work shares."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Dialect,
    Index,
    Integer,
    String,
    Table,
    case,
    literal,
    text,
)
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel


def _in_utc(value: datetime) -> datetime:
    """Refuse naive times: nobody could say what they mean."""
    if value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone")
    return value.astimezone(UTC)


def _as_text(value: datetime | None) -> str | None:
    """ISO 8601 in UTC with a blank and always six decimals, so that texts sort as moments do."""
    return None if value is None else _in_utc(value).isoformat(" ", "microseconds")[:26]


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)


class Utc(TypeDecorator[datetime]):
    """A moment: aware in Python, UTC in the database, on SQLite as text that sorts."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        """On SQLite all in one step instead of four, for every row has several moments."""
        return _as_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """As ``bind_processor``, the other way."""
        return _from_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """The moment in UTC. Raises ValueError where it has no time zone."""
        return None if value is None else _in_utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the time its zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Id = BigInteger().with_variant(Integer, "sqlite")
"""A row id: 64 bits everywhere (SQLite's INTEGER is, and only that counts up by itself)."""


LONGEST_REASON = 2_000
"""Characters that are kept of why something went wrong: platforms send whole pages."""


def moment(*, index: bool = False, nullable: bool = True) -> Any:
    """A time column."""
    if nullable:
        return Field(default=None, sa_type=Utc, index=index)
    return Field(sa_type=Utc, index=index)


def state_column(default: str) -> Any:
    """A state, stored as a string so that adding one needs no change of type."""
    return Field(default=default, sa_type=String(20), sa_column_kwargs={"server_default": default})


def table_of(model: type[SQLModel]) -> Table:
    """The bare table of a model: statements on it skip the ORM, which costs several times the insert."""
    mapped: Any = model
    table: Table = mapped.__table__
    return table


def index_where(name: str, *columns: str, condition: str, unique: bool = False) -> Index:
    """An index of the rows that ``condition`` is true of: the others cost it nothing.

    On PostgreSQL it is the same, by the migrations. Said here too, it would load that database's whole
    dialect into every process.
    """
    return Index(name, *columns, unique=unique, sqlite_where=text(condition))


def index_where_given(table: str, column: str) -> Index:
    """An index of the rows that have a value there."""
    return index_where(f"ix_{table}_{column}", column, condition=f"{column} IS NOT NULL")


def said(value: str) -> ColumnElement[str]:
    """A value that stands in the statement itself: one beside it would match no index of such rows alone."""
    return literal(value, String, literal_execute=True)


def among(column: Any, *values: str) -> ColumnElement[bool]:
    """Whether ``column`` is one of these values, for rows that are found by their ids.

    Said so that no index offers itself: SQLite takes an equality for rarer than a few ids, and would walk
    over all public entries to find ten of them.
    """
    is_one = column == values[0] if len(values) == 1 else column.in_(values)
    return case((is_one, 1), else_=0) == 1


class Numbered(SQLModel):
    """A row with a number that the database gives it when it is first stored; whoever reads one finds it."""

    id: int = Field(default=None, primary_key=True, sa_type=Id)


class Work(Numbered):
    """Columns of a table that steps claim rows of.

    ``due_at`` says when the row wants to be worked on; ``lease_until`` until when ``owner`` has it;
    ``fence`` grows with every claim, and only its latest holder may finish the row.
    """

    due_at: datetime | None = moment()
    lease_until: datetime | None = moment()
    owner: str | None = Field(default=None, sa_type=String(80))
    fence: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    last_error: str | None = None
