"""Queries prepared as a batch, since that takes a fraction of the time per query."""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from routing.experts.evidence import Query
from routing.experts.features import Feature, QueryFeatures
from routing.experts.knowledge import Knowledge
from routing.model.arrays import Floats, Ints


class PreparedBatch:
    """Some queries as of one moment (seconds since 1970); nothing is read before it is asked for."""

    def __init__(self, knowledge: Knowledge, queries: Sequence[Query], now: float) -> None:
        self._knowledge = knowledge
        self.queries = tuple(queries)
        self.now = now

    @cached_property
    def query_features(self) -> QueryFeatures:
        """What the queries have in common with the past."""
        return QueryFeatures(self._knowledge, self.queries, self.now)

    @cached_property
    def features(self) -> Mapping[Feature, tuple[list[int], Ints, NDArray[np.float32]]]:
        """Each feature with any evidence: where its rows begin, whom they are about, and the gains."""
        return {
            feature: (gains.indptr.tolist(), gains.indices, gains.data.astype(np.float32))
            for feature, gains in self.query_features.features().items()
        }


class PreparedQuery:
    """One query of a batch. Good until the model it comes from learns more."""

    def __init__(self, batch: PreparedBatch, row: int) -> None:
        self._batch = batch
        self._row = row

    @property
    def query(self) -> Query:
        return self._batch.queries[self._row]

    @property
    def now(self) -> float:
        """The moment that answers fade towards, in seconds since 1970."""
        return self._batch.now

    def predicted(self) -> tuple[Ints, Floats]:
        """The topics the query is likely about, and how likely each is."""
        return self._batch.query_features.predicted.row(self._row)

    def neighbour_answers(self) -> Ints:
        """How many of the near past questions each employee answered, by slot."""
        return self._batch.query_features.neighbour_answers(self._row)

    def fill(self, features: NDArray[np.float32], slots: Ints, width: int) -> None:
        """Write the gains of these slots, of ``width`` in all, into the rows of ``features``."""
        dense = np.zeros(width, dtype=np.float32)
        for feature, (indptr, members, gains) in self._batch.features.items():
            start, end = indptr[self._row], indptr[self._row + 1]
            dense[members[start:end]] = gains[start:end]
            np.take(dense, slots, out=features[feature], mode="clip")
            dense[members[start:end]] = 0.0
