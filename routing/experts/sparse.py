"""Matrices with few entries, on numpy alone: the little that the experts' model needs of them.

The library for it takes 25 MB of every serving process, and longer to set up a small product than to compute
it.
"""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from routing.model.arrays import Floats, Ints

_WORTH_COUNTING = 8
"""Entries are added up in a dense array up to so many times their number, else by sorting them."""
_AT_ONCE = 1 << 15
"""Products that are worked out at once."""

Numbers = NDArray[Any]


class CsrMatrix:
    """A matrix in compressed sparse rows (CSR).

    ``indices[indptr[row]:indptr[row + 1]]`` are the columns of a row's entries, ``data`` at the same places
    their values; ``width`` is the number of columns. ``data`` may be replaced by values of the same number.
    """

    __slots__ = ("data", "indices", "indptr", "width")

    def __init__(self, data: Numbers, indices: Numbers, indptr: Ints, width: int) -> None:
        self.data = data
        self.indices = indices
        self.indptr = indptr
        self.width = width

    @classmethod
    def dense(cls, cells: Floats) -> Self:
        """The entries of a dense matrix that are not 0."""
        rows, columns = np.nonzero(cells)
        return cls(cells[rows, columns], columns, _indptr(rows, len(cells)), cells.shape[1])

    @classmethod
    def summed(cls, rows: Ints, columns: Numbers, values: Numbers, height: int, width: int) -> Self:
        """A matrix of the sums of all values that share row and column, in any order."""
        cells, sums = sum_duplicates(rows * width + columns, values, height * width)
        indptr = np.searchsorted(cells, np.arange(height + 1) * width)
        indices = cells - np.repeat(np.arange(height) * width, np.diff(indptr))
        return cls(sums.astype(values.dtype, copy=False), indices, indptr, width)

    @classmethod
    def stacked(cls, parts: "Sequence[CsrMatrix]", width: int) -> Self:
        """The rows of several matrices, one below the other."""
        sizes = [len(part.data) for part in parts]
        starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
        indptr = [part.indptr[:-1] + start for part, start in zip(parts, starts[:-1], strict=True)]
        return cls(
            np.concatenate([part.data for part in parts]) if parts else np.empty(0),
            np.concatenate([part.indices for part in parts]) if parts else np.empty(0, np.int64),
            np.concatenate([*indptr, starts[-1:]]),
            width,
        )

    def __len__(self) -> int:
        return len(self.indptr) - 1

    @property
    def sizes(self) -> Ints:
        """How many entries each row has."""
        return np.diff(self.indptr)

    @property
    def rows(self) -> Ints:
        """Each entry's row, shape (entries,)."""
        return np.repeat(np.arange(len(self)), self.sizes)

    def row_sums(self) -> Floats:
        """What each row adds up to."""
        return np.bincount(self.rows, self.data, len(self)).astype(np.float64, copy=False)

    def row(self, number: int) -> "tuple[Numbers, Numbers]":
        """One row's columns and values."""
        start, end = self.indptr[number], self.indptr[number + 1]
        return self.indices[start:end], self.data[start:end]

    def to_dense(self) -> Floats:
        """All cells."""
        cells = np.zeros((len(self), self.width))
        cells[self.rows, self.indices] = self.data
        return cells

    def __matmul__(self, other: "CsrMatrix") -> "CsrMatrix":
        """The product: for each entry, the other's row of its column times its value, added up by row.

        Some rows at a time, so that what lies in between stays in the processor's cache: two to three times
        faster than all at once.
        """
        sizes = other.sizes[self.indices]
        ends = np.concatenate(([0], np.cumsum(sizes)))[self.indptr]
        parts, first = [], 0
        while first < len(self):
            last = max(first + 1, int(np.searchsorted(ends, ends[first] + _AT_ONCE, side="right")) - 1)
            parts.append(self._times(other, sizes, first, last))
            first = last
        return CsrMatrix.stacked(parts, other.width)

    def _times(self, other: "CsrMatrix", sizes: Ints, first: int, last: int) -> "CsrMatrix":
        """The product of the rows from ``first`` to before ``last``; ``sizes``: of the other's, per entry."""
        indptr = self.indptr[first : last + 1]
        ours = slice(indptr[0], indptr[-1])
        indices, sizes = self.indices[ours], sizes[ours]
        ends = np.concatenate(([0], np.cumsum(sizes)))
        places = np.arange(ends[-1])
        places += np.repeat(other.indptr[indices] - ends[:-1], sizes)
        return CsrMatrix.summed(
            np.repeat(np.arange(last - first), np.diff(ends[indptr - indptr[0]])),
            other.indices[places],
            np.repeat(self.data[ours], sizes) * other.data[places],
            last - first,
            other.width,
        )


def _indptr(rows: Ints, height: int) -> Ints:
    return np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=height)))).astype(np.int64)


def sum_duplicates(places: Numbers, values: Numbers, size: int) -> tuple[Ints, Floats]:
    """The places, of ``size`` in all, that occur, ascending, and the sum of each one's values."""
    count = len(places)
    if not count:
        return np.empty(0, np.int64), np.empty(0)
    if size <= _WORTH_COUNTING * count:
        counted = np.bincount(places, values, size)
        there = np.flatnonzero(counted != 0)  # several times faster than to look for numbers that are not
        return there, np.asarray(counted[there], dtype=np.float64)
    # Sorting numbers is several times faster than finding out the order that would sort them: so each
    # carries where it stood.
    bits = count.bit_length()
    packed = np.sort((places.astype(np.int64) << bits) | np.arange(count))
    ordered, order = packed >> bits, packed & ((1 << bits) - 1)
    first = np.concatenate(([0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1))
    sums = np.add.reduceat(values[order].astype(np.float64), first)
    return ordered[first], np.asarray(sums, dtype=np.float64)
