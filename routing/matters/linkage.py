"""Average-linkage agglomerative clustering (UPGMA) up to a given likeness, with pairs that must stay apart.

The two clusters whose members are most alike on average are joined, again and again, until no two are alike
enough. Sokal and Michener, "A statistical method for evaluating systematic relationships" (1958); the update
of a row after a join is that of Lance and Williams (1967); pairs that must not be joined (cannot-links) as
in Davidson and Ravi (2005).
"""

import numpy as np
from numpy.typing import NDArray

from routing.model.arrays import Floats, Ints

_NEVER = np.float32(-np.inf)


def average_linkage(vectors: NDArray[np.float32], sizes: Floats, apart: Ints, alike: float) -> Ints:
    """The cluster of each node, numbered from 0 in the order of each cluster's first node.

    Args:
        vectors: One row per node: the mean of its members' vectors, so that the product of two rows is the
            mean likeness of their members.
        sizes: How many members each node has.
        apart: Pairs of nodes that never come into one cluster, shape (pairs, 2).
        alike: The mean likeness from which two clusters are one.
    """
    count = len(vectors)
    if count == 0:
        return np.zeros(0, dtype=np.int64)
    likeness = vectors @ vectors.T
    np.fill_diagonal(likeness, _NEVER)
    likeness[apart[:, 0], apart[:, 1]] = _NEVER
    likeness[apart[:, 1], apart[:, 0]] = _NEVER
    owner = np.arange(count)
    weights = sizes.astype(np.float32)
    nearest = likeness.argmax(axis=1)
    best = likeness[owner, nearest]
    while True:
        one = int(best.argmax())
        if not best[one] >= alike:
            return np.unique(owner, return_inverse=True)[1].astype(np.int64)
        keep, gone = sorted((one, int(nearest[one])))
        _join(likeness, weights, keep, gone)
        owner[owner == gone] = keep
        best[gone] = _NEVER
        for row in (keep, *np.flatnonzero((nearest == keep) | (nearest == gone)).tolist()):
            if best[row] > _NEVER or row == keep:
                nearest[row] = likeness[row].argmax()
                best[row] = likeness[row, nearest[row]]


def _join(likeness: NDArray[np.float32], sizes: NDArray[np.float32], keep: int, gone: int) -> None:
    """Let ``keep`` stand for both; a pair that must stay apart stays so, for minus infinity has no mean."""
    both = sizes[keep] + sizes[gone]
    row = (sizes[keep] / both) * likeness[keep] + (sizes[gone] / both) * likeness[gone]
    row[keep] = row[gone] = _NEVER
    likeness[keep], likeness[:, keep] = row, row
    likeness[gone], likeness[:, gone] = _NEVER, _NEVER
    sizes[keep] = both
