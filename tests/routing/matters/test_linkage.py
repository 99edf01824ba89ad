"""Average linkage: what is alike on average comes together, and never what must stay apart."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from routing.matters.linkage import average_linkage

NONE_APART = np.zeros((0, 2), dtype=np.int64)
CELLS = st.floats(-1, 1, width=16)
VECTORS = st.integers(1, 9).flatmap(lambda count: arrays.arrays(np.float32, (count, 3), elements=CELLS))


def plain(vectors: NDArray[np.float32], alike: float) -> list[set[int]]:
    """The definition, without any shortcut: the mean of all products between two clusters."""
    clusters = [{place} for place in range(len(vectors))]
    likeness = vectors @ vectors.T
    while len(clusters) > 1:
        pairs = [
            (float(np.mean([likeness[i, j] for i in one for j in other])), a, b)
            for a, one in enumerate(clusters)
            for b, other in enumerate(clusters)
            if a < b
        ]
        best, a, b = max(pairs)
        if best < alike:
            break
        clusters[a] |= clusters.pop(b)
    return clusters


def as_sets(clusters: NDArray[np.int64]) -> list[set[int]]:
    return [set(np.flatnonzero(clusters == one).tolist()) for one in range(clusters.max(initial=-1) + 1)]


def test_two_directions_are_two_clusters() -> None:
    angles = np.radians([0, 5, 90, 95, 3])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    clusters = average_linkage(vectors, np.ones(5), NONE_APART, 0.5)
    assert clusters.tolist() == [0, 0, 1, 1, 0]


def test_of_nothing_there_is_no_cluster() -> None:
    assert average_linkage(np.zeros((0, 2), np.float32), np.ones(0), NONE_APART, 0.5).tolist() == []


@given(st.integers(0, 10_000), st.sampled_from([0.1, 0.4, 0.7]))
def test_it_is_what_its_definition_says(seed: int, alike: float) -> None:
    vectors = np.random.default_rng(seed).normal(size=(8, 3)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    clusters = average_linkage(vectors, np.ones(8), NONE_APART, alike)
    assert sorted(map(sorted, as_sets(clusters))) == sorted(map(sorted, plain(vectors, alike)))


@given(st.integers(0, 10_000))
def test_a_node_that_stands_for_many_counts_as_many(seed: int) -> None:
    """Given nodes, when one stands for three equal ones, then the clusters are those of the three."""
    vectors = np.random.default_rng(seed).normal(size=(6, 3)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    single = average_linkage(np.concatenate([vectors, vectors[:1], vectors[:1]]), np.ones(8), NONE_APART, 0.4)
    together = average_linkage(vectors, np.array([3.0, 1, 1, 1, 1, 1]), NONE_APART, 0.4)
    assert single[:6].tolist() == together.tolist()


@given(VECTORS, st.data())
def test_what_must_stay_apart_does(vectors: NDArray[np.float32], data: st.DataObject) -> None:
    places = st.integers(0, len(vectors) - 1)
    drawn = data.draw(st.lists(st.tuples(places, places), max_size=6))
    apart = np.array([pair for pair in drawn if pair[0] != pair[1]], dtype=np.int64).reshape(-1, 2)
    clusters = average_linkage(vectors, np.ones(len(vectors)), apart, -0.5)
    assert all(clusters[one] != clusters[other] for one, other in apart.tolist())


@given(st.integers(0, 10_000))
def test_the_order_of_the_nodes_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(9, 4)).astype(np.float32)
    order = rng.permutation(9)
    first = average_linkage(vectors, np.ones(9), NONE_APART, 0.3)
    second = average_linkage(vectors[order], np.ones(9), NONE_APART, 0.3)
    back = [set(order[sorted(one)].tolist()) for one in as_sets(second)]
    assert sorted(map(sorted, as_sets(first))) == sorted(map(sorted, back))
