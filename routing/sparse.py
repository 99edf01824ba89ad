"""Matrices with few entries, on numpy alone: the little that the experts' model needs of them.

The library for it takes 25 MB of every serving process, and longer to set up a small product than to compute
it.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from routing.columns import Floats, Ids

_WORTH_COUNTING = 16
"""A row's entries are added up in a dense row up to so many times their number, else by sorting them."""

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
        if height > 1 and np.any(rows[1:] < rows[:-1]):
            order = np.argsort(rows, kind="stable")
            rows, columns, values = rows[order], columns[order], values[order]
        bounds = _bounds(rows, height)
        parts = [_added_up(columns[start:end], values[start:end], width) for start, end in _pairs(bounds)]
        ends = np.concatenate(([0], np.cumsum([len(found) for found, _ in parts]))).astype(np.int64)
        indices = np.concatenate([found for found, _ in parts]) if parts else np.empty(0, np.int64)
        data = np.concatenate([sums for _, sums in parts]) if parts else np.empty(0)
        return cls(data.astype(values.dtype, copy=False), indices, ends, width)

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


def _pairs(bounds: Ids) -> Iterator[tuple[int, int]]:
    return pairwise(bounds.tolist())


def _added_up(columns: Numbers, values: Numbers, width: int) -> tuple[Numbers, Numbers]:
    """The columns that occur, ascending, and the sum of each one's values."""
    if not len(columns):
        return np.empty(0, np.int64), np.empty(0)
    if width <= _WORTH_COUNTING * len(columns):
        sums = np.bincount(columns, values, width)
        there = np.flatnonzero(sums)
        return there, sums[there]
    order = np.argsort(columns, kind="stable")
    ordered = columns[order]
    first = np.concatenate(([0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1))
    return ordered[first].astype(np.int64), np.add.reduceat(values[order].astype(np.float64), first)
