"""Sparse matrices are what dense ones are, without the zeros."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from routing.experts import sparse
from routing.experts.sparse import CsrMatrix

CELLS = st.sampled_from([0.0, 0.0, 0.0, 1.0, 2.5, 0.25])


def matrices(
    rows: st.SearchStrategy[int], columns: st.SearchStrategy[int]
) -> st.SearchStrategy[NDArray[np.float64]]:
    return st.tuples(rows, columns).flatmap(lambda shape: arrays.arrays(np.float64, shape, elements=CELLS))


SIZES = st.integers(1, 12)


@given(matrices(SIZES, SIZES))
def test_a_dense_matrix_comes_back(cells: NDArray[np.float64]) -> None:
    made = CsrMatrix.dense(cells)
    assert len(made) == len(cells)
    assert np.array_equal(made.to_dense(), cells)
    assert np.array_equal(made.sizes, (cells != 0).sum(axis=1))
    assert np.allclose(made.row_sums(), cells.sum(axis=1))


@given(st.tuples(SIZES, SIZES, st.integers(1, 400)), st.data())
def test_the_product_is_the_dense_ones(shape: tuple[int, int, int], data: st.DataObject) -> None:
    left = data.draw(arrays.arrays(np.float64, shape[:2], elements=CELLS))
    right = data.draw(arrays.arrays(np.float64, shape[1:], elements=CELLS, fill=st.just(0.0)))
    for at_once in (1, 7, 1 << 15):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sparse, "_AT_ONCE", at_once)
            product = CsrMatrix.dense(left) @ CsrMatrix.dense(right)
        assert np.allclose(product.to_dense(), left @ right)
        assert len(product) == len(left)
        assert all(np.all(np.diff(product.row(row)[0]) > 0) for row in range(len(left)))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 99), CELLS), max_size=60))
def test_what_shares_row_and_column_is_added_up_in_whatever_order_it_comes(
    entries: list[tuple[int, int, float]],
) -> None:
    expected = np.zeros((4, 100))
    for row, column, value in entries:
        expected[row, column] += value
    rows, columns, values = (np.array([entry[at] for entry in entries]) for at in range(3))
    made = CsrMatrix.summed(rows.astype(np.int64), columns.astype(np.int64), values, 4, 100)
    assert np.allclose(made.to_dense(), expected)
    assert all(np.all(np.diff(made.row(row)[0]) > 0) for row in range(4))


def test_nothing_times_anything_is_nothing() -> None:
    nothing = CsrMatrix.dense(np.zeros((2, 3)))
    assert (nothing @ CsrMatrix.dense(np.ones((3, 5)))).to_dense().tolist() == [[0.0] * 5] * 2
    assert len(CsrMatrix.dense(np.zeros((0, 3))) @ nothing.__class__.dense(np.ones((3, 5)))) == 0
