"""Percentiles by bins are those of sorting, whatever the numbers."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from routing.figures.selection import Spans, by_bins, by_sorting

GROUPS = 3
SECONDS = (
    st.integers(0, 3)
    | st.integers(2**24 - 2, 2**24 + 40)  # where single precision begins to round
    | st.integers(0, 2**31 - 1)
    | st.sampled_from((63, 64, 65, 127, 128, 2**31 - 1))
)


@given(st.lists(st.tuples(SECONDS, st.integers(0, GROUPS - 1)), min_size=1, max_size=200))
def test_bins_find_what_sorting_finds(some: list[tuple[int, int]]) -> None:
    seconds = np.array([one for one, _ in some], dtype=np.int32)
    groups = np.array([group for _, group in some], dtype=np.int64)
    every = np.arange(len(some))
    assert (
        by_bins(seconds, groups, GROUPS, every).tolist()
        == by_sorting(seconds, groups, GROUPS, every).tolist()
    )


@given(arrays.arrays(np.int32, 30_000, elements=st.integers(-1, 2**31 - 1), fill=st.integers(0, 9)))
def test_many_and_few_are_told_alike(seconds: np.ndarray) -> None:
    groups = (np.arange(len(seconds)) % GROUPS).astype(np.int64)
    apart = Spans(seconds, groups, GROUPS)
    nowhere = np.zeros(len(seconds), dtype=np.int64)
    found = [
        *zip(*apart.at(5, 9), strict=True),
        *zip(*apart.together().at(5, 9), strict=True),
        *zip(*Spans(seconds, nowhere, 1).at(5, 9), strict=True),
    ]
    everywhere = [*(groups == group for group in range(GROUPS)), nowhere == 0, nowhere == 0]
    for which, (median, ninth) in zip(everywhere, found, strict=True):
        own = seconds[which & (seconds >= 0)]
        if len(own):
            assert np.allclose((median, ninth), np.percentile(own, [50, 90]), rtol=1e-12)
        else:
            assert (median, ninth) == (None, None)
