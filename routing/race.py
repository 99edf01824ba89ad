"""The best of very many candidates for each of many queries, without looking at everybody each time."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from routing.columns import Floats, Ids
from routing.evidence import Ranked
from routing.signals import Feature, Sparse


class Race:
    """Finds leaders: whoever has no evidence of their own keeps the order of the static features.

    So it is enough to look at those with evidence, and at the first of the others.
    """

    def __init__(self, candidates: Ids, slots: Ids, static: NDArray[np.float32], limit: int) -> None:
        self._candidates = candidates
        self._slots = slots
        self._rows = static
        self._limit = limit
        self._runs_at = np.full(static.shape[1], -1, dtype=np.int64)
        self._runs_at[slots] = np.arange(len(slots))
        self._gains = np.zeros(static.shape[1])
        self._touched = np.zeros(len(slots), dtype=np.bool_)
        self._static: Floats = np.zeros(0)
        self._order: Ids = np.zeros(0, dtype=np.int64)
        strangers = np.flatnonzero(slots == 0)
        self._runs_at[0] = -1 if len(strangers) else self._runs_at[0]

    def start(self, weights: Floats) -> None:
        """Order the candidates by the static features."""
        self._static = (weights @ self._rows.astype(np.float64))[self._slots]
        self._order = np.lexsort((self._candidates, -self._static))

    def run(self, features: Mapping[Feature, Sparse], weights: Floats, queries: int) -> list[Ranked]:
        """The leaders for each query of a batch."""
        weighted = [(gains, weights[feature]) for feature, gains in features.items() if weights[feature] > 0]
        return [self._leaders(row, weighted) for row in range(queries)]

    def _leaders(self, row: int, weighted: list[tuple[Sparse, float]]) -> Ranked:
        touched_slots = []
        for gains, weight in weighted:
            start, end = gains.indptr[row], gains.indptr[row + 1]
            slots = gains.indices[start:end]
            self._gains[slots] += weight * gains.data[start:end]
            touched_slots.append(slots)
        runners = self._with_evidence(touched_slots)
        scores = self._static[runners] + self._gains[self._slots[runners]]
        for slots in touched_slots:
            self._gains[slots] = 0.0
        others = self._without_evidence(runners)
        everybody = np.concatenate((runners, others))
        scores = np.concatenate((scores, self._static[others]))
        first = self._first(everybody, scores)
        return Ranked(self._candidates[everybody[first]], scores[first])

    def _first(self, runners: Ids, scores: Floats) -> Ids:
        if len(scores) > self._limit:
            bar = np.partition(scores, -self._limit)[-self._limit]
            ahead = np.flatnonzero(scores >= bar)
        else:
            ahead = np.arange(len(scores))
        order = np.lexsort((self._candidates[runners[ahead]], -scores[ahead]))
        return ahead[order[: self._limit]]

    def _with_evidence(self, touched_slots: list[Ids]) -> Ids:
        if not touched_slots:
            return np.empty(0, dtype=np.int64)
        runners = self._runs_at[np.concatenate(touched_slots)]
        runners = runners[runners >= 0]
        self._touched[runners] = True
        distinct = np.flatnonzero(self._touched)
        self._touched[distinct] = False
        return distinct

    def _without_evidence(self, runners: Ids) -> Ids:
        self._touched[runners] = True
        others = self._order[: self._limit + len(runners)]
        others = others[~self._touched[others]][: self._limit]
        self._touched[runners] = False
        return others
