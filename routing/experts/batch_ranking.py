"""The top k of very many candidates for each query of a batch."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from routing.experts.evidence import Ranked
from routing.experts.features import STATIC, Feature
from routing.experts.sparse import CsrMatrix
from routing.model.arrays import Floats, Ints


class BatchRanker:
    """Scores candidates query by query; what is the same for all queries is added up once for the batch.

    ``static`` has shape (``STATIC`` features, slots), ``weights`` shape (features,).
    """

    def __init__(self, candidates: Ints, slots: Ints, static: NDArray[np.float32], weights: Floats) -> None:
        self._candidates = candidates
        self._slots = slots
        self._weights = weights
        self._static: Floats = weights[:STATIC] @ static.astype(np.float64)

    def top_k(self, features: Mapping[Feature, CsrMatrix], queries: int, limit: int) -> list[Ranked]:
        """The best ``limit`` for each query of a batch, best first; ties go to the smaller employee id."""
        weighted = [
            (gains.indptr.tolist(), gains.indices.astype(np.intp), self._weights[feature] * gains.data)
            for feature, gains in features.items()
            if self._weights[feature] > 0
        ]
        return [self._best(row, weighted, limit) for row in range(queries)]

    def _best(self, row: int, weighted: list[tuple[list[int], Ints, Floats]], limit: int) -> Ranked:
        by_slot = self._static.copy()
        for indptr, slots, gains in weighted:
            start, end = indptr[row], indptr[row + 1]
            by_slot[slots[start:end]] += gains[start:end]
        scores = by_slot[self._slots]
        ahead = np.arange(len(scores))
        if len(scores) > limit:
            bar = np.partition(scores, -limit)[-limit]
            ahead = np.flatnonzero(scores >= bar)
        order = np.lexsort((self._candidates[ahead], -scores[ahead]))
        first = ahead[order[:limit]]
        return Ranked(self._candidates[first], scores[first])
