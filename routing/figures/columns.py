"""The facts of many questions as columns of numbers: small enough to keep by day, quick enough to count anew.

A column holds one number for each question, in the order of their days and ids. What is a name (a topic, a
platform) is kept as its position in a list of names beside it.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from routing.figures.history import Fact

Values = NDArray[Any]
"""One number for each question, [question]."""
_LONGEST = 2**31 - 1
_MOST = 2**16 - 1


class Column(StrEnum):
    """A column, how its numbers are stored (as numpy says it), and what it has of a fact."""

    dtype: str
    read: Callable[[Fact], Any]
    is_named: bool

    def __new__(cls, value: str, dtype: str, read: Callable[[Fact], Any], is_named: bool = False) -> Self:
        """A column of this name."""
        column = str.__new__(cls, value)
        column._value_ = value
        column.dtype, column.read, column.is_named = dtype, read, is_named
        return column

    ID = "id", "<i8", lambda fact: fact.id
    DAY = "day", "<i4", lambda fact: fact.day.toordinal()
    ASKED = "asked", "<i8", lambda fact: fact.asked
    HOUR = "hour", "<u1", lambda fact: fact.hour
    PERSON = "person", "<i8", lambda fact: fact.person
    CUSTOMER = "customer", "<i8", lambda fact: customer_number(fact.customer, fact.id)
    FIRST = "first", "<i4", lambda fact: min(fact.first_response, _LONGEST)
    FIRST_WORKING = "first_working", "<i4", lambda fact: min(fact.first_response_working, _LONGEST)
    RESOLUTION = "resolution", "<i4", lambda fact: min(fact.resolution, _LONGEST)
    OFFERS = "offers", "<u2", lambda fact: min(fact.offers, _MOST)
    FLAGS = "flags", "<u2", lambda fact: int(fact.flags)
    SURVEY = "survey", "<u1", lambda fact: fact.survey
    PLATFORM = "platform", "<u2", lambda fact: fact.platform, True
    LANGUAGE = "language", "<u2", lambda fact: fact.language, True
    TOPIC = "topic", "<u2", lambda fact: fact.topic, True


def customer_number(customer: str, question: int) -> int:
    """A number that stands for a customer, the same on every day; who is not known is one of their own.

    Sixty-three bits of a hash: among ten million customers two share one with a chance of 1 in 180,000.
    """
    digest = blake2b((customer or f"question {question}").encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True) >> 1


@dataclass(frozen=True, slots=True)
class FactTable:
    """Facts by column, all of one length, and the names that named columns point into."""

    columns: dict[Column, Values]
    names: dict[Column, tuple[str, ...]]

    def __len__(self) -> int:
        """How many questions there are."""
        return len(next(iter(self.columns.values()), ()))

    def __getitem__(self, column: Column) -> Values:
        """The numbers of a column. Raises KeyError where it was not read."""
        return self.columns[column]

    def is_set(self, flag: int) -> NDArray[np.bool_]:
        """Of which questions a flag is true."""
        return np.asarray((self.columns[Column.FLAGS] & flag) != 0, dtype=np.bool_)

    def chosen(self, which: NDArray[np.bool_]) -> "FactTable":
        """The questions that are chosen."""
        return FactTable({column: values[which] for column, values in self.columns.items()}, self.names)


def empty_table(columns: Collection[Column] = tuple(Column)) -> FactTable:
    """No questions at all."""
    return FactTable(
        {column: np.zeros(0, dtype=column.dtype) for column in columns},
        {column: () for column in columns if column.is_named},
    )


def table_of(facts: Sequence[Fact]) -> FactTable:
    """Facts as columns, in the order of their days and ids."""
    ordered = sorted(facts, key=lambda fact: (fact.day, fact.id))
    columns: dict[Column, Values] = {}
    names: dict[Column, tuple[str, ...]] = {}
    for column in Column:
        values = [column.read(fact) for fact in ordered]
        if column.is_named:
            names[column] = tuple(dict.fromkeys(values))
            position = {name: number for number, name in enumerate(names[column])}
            values = [position[name] for name in values]
        columns[column] = np.array(values, dtype=column.dtype)
    return FactTable(columns, names)


def patched(table: FactTable, looked_at: Collection[int], facts: Sequence[Fact]) -> FactTable:
    """A table after some of its questions were looked at again: ``facts`` are what they are now.

    Of a question that was looked at and has no fact here, nothing stays. The columns are those that the table
    has, ``Column.ID`` and ``Column.DAY`` among them.
    """
    ids = np.fromiter(looked_at, dtype=np.int64, count=len(looked_at))
    kept = table.chosen(~np.isin(table[Column.ID], ids))
    return _tidied(_in_order(joined([kept, table_of(facts)], tuple(table.columns))))


def joined(tables: Sequence[FactTable], columns: Sequence[Column]) -> FactTable:
    """Several tables as one, in the order given: names get positions in one list."""
    if not tables:
        return empty_table(columns)
    together: dict[Column, Values] = {}
    names: dict[Column, tuple[str, ...]] = {}
    for column in columns:
        parts = [table.columns[column] for table in tables]
        if column.is_named:
            known: dict[str, int] = {}
            for number, table in enumerate(tables):
                own = [known.setdefault(name, len(known)) for name in table.names[column]]
                parts[number] = np.array(own, dtype=column.dtype)[parts[number]] if own else parts[number]
            names[column] = tuple(known)
        together[column] = np.concatenate(parts).astype(column.dtype, copy=False)
    return FactTable(together, names)


def _in_order(table: FactTable) -> FactTable:
    order = np.lexsort((table[Column.ID], table[Column.DAY]))
    return FactTable({column: values[order] for column, values in table.columns.items()}, table.names)


def _tidied(table: FactTable) -> FactTable:
    """Without names that no question has any more."""
    columns, names = dict(table.columns), dict(table.names)
    for column in (one for one in table.columns if one.is_named):
        used, positions = np.unique(columns[column], return_inverse=True)
        names[column] = tuple(table.names[column][number] for number in used)
        columns[column] = positions.astype(column.dtype)
    return FactTable(columns, names)
