"""Matrices with few entries, on numpy alone: the little that the experts' model needs of them.

The library for it takes 25 MB of every serving process, and longer to set up a small product than to compute
it.
"""

from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from routing.columns import Floats, Ids

_WORTH_COUNTING = 8
"""Entries are added up in a dense array up to so many times their number, else by sorting them."""
_SHORT_ROWS = 1_000
"""Entries per row, on average, up to which all rows are added up at once."""

Numbers = NDArray[Any]


class Sparse:
    """A matrix in compressed rows.

    ``indices[bounds[row]:bounds[row + 1]]`` are the columns of a row's entries, ``data`` at the same places
    their values; ``width`` is the number of columns. ``data`` may be replaced by values of the same number.
    """

    __slots__ = ("bounds", "data", "indices", "width")

    def __init__(self, data: Numbers, indices: Numbers, bounds: Ids, width: int) -> None:
        self.data = data
        self.indices = indices
        self.bounds = bounds
        self.width = width

    @classmethod
    def dense(cls, cells: Floats) -> Self:
        """The entries of a dense matrix that are not 0."""
        rows, columns = np.nonzero(cells)
        return cls(cells[rows, columns], columns, _bounds(rows, len(cells)), cells.shape[1])

    @classmethod
    def summed(cls, rows: Ids, columns: Numbers, values: Numbers, height: int, width: int) -> Self:
        """A matrix of the sums of all values that share row and column, in any order."""
        if len(rows) <= _SHORT_ROWS * height:
            cells, sums = added_up(rows * width + columns, values, height * width)
            there = cells // max(width, 1)
            return cls(sums.astype(values.dtype), cells - there * width, _bounds(there, height), width)
        if np.any(rows[1:] < rows[:-1]):
            order = np.argsort(rows, kind="stable")
            rows, columns, values = rows[order], columns[order], values[order]
        parts = [
            added_up(columns[start:end], values[start:end], width)
            for start, end in pairwise(_bounds(rows, height).tolist())
        ]
        ends = np.concatenate(([0], np.cumsum([len(found) for found, _ in parts]))).astype(np.int64)
        indices = np.concatenate([found for found, _ in parts])
        data = np.concatenate([sums for _, sums in parts])
        return cls(data.astype(values.dtype), indices, ends, width)

    def __len__(self) -> int:
        return len(self.bounds) - 1

    @property
    def sizes(self) -> Ids:
        """How many entries each row has."""
        return np.diff(self.bounds)

    @property
    def rows(self) -> Ids:
        """Each entry's row."""
        return np.repeat(np.arange(len(self)), self.sizes)

    def row_sums(self) -> Floats:
        """What each row adds up to."""
        return np.bincount(self.rows, self.data, len(self)).astype(np.float64, copy=False)

    def row(self, number: int) -> "tuple[Numbers, Numbers]":
        """One row's columns and values."""
        start, end = self.bounds[number], self.bounds[number + 1]
        return self.indices[start:end], self.data[start:end]

    def to_dense(self) -> Floats:
        """All cells."""
        cells = np.zeros((len(self), self.width))
        cells[self.rows, self.indices] = self.data
        return cells

    def __matmul__(self, other: "Sparse") -> "Sparse":
        """The product: for each entry, the other's row of its column times its value, added up by row."""
        sizes = other.sizes[self.indices]
        ends = np.cumsum(sizes)
        places = np.arange(int(ends[-1]) if len(ends) else 0)
        places += np.repeat(other.bounds[self.indices] - (ends - sizes), sizes)
        return Sparse.summed(
            np.repeat(self.rows, sizes),
            other.indices[places],
            np.repeat(self.data, sizes) * other.data[places],
            len(self),
            other.width,
        )


def _bounds(rows: Ids, height: int) -> Ids:
    return np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=height)))).astype(np.int64)


def added_up(places: Numbers, values: Numbers, size: int) -> tuple[Ids, Floats]:
    """The places, of ``size`` in all, that occur, ascending, and the sum of each one's values."""
    count = len(places)
    if not count:
        return np.empty(0, np.int64), np.empty(0)
    if size <= _WORTH_COUNTING * count:
        counted = np.bincount(places, values, size)
        there = np.flatnonzero(counted)
        return there, np.asarray(counted[there], dtype=np.float64)
    # Sorting numbers is several times faster than finding out the order that would sort them: so each
    # carries where it stood.
    bits = count.bit_length()
    packed = np.sort((places.astype(np.int64) << bits) | np.arange(count))
    ordered, order = packed >> bits, packed & ((1 << bits) - 1)
    first = np.concatenate(([0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1))
    sums = np.add.reduceat(values[order].astype(np.float64), first)
    return ordered[first], np.asarray(sums, dtype=np.float64)
