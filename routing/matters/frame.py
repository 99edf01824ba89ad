"""The frame in which questions are compared: what all have in common taken away, then neighbours drawn near.

All questions of a brand are alike in being about that brand, which a raw cosine takes for likeness of
subject; so the mean of all is taken away first (Mu and Viswanath, "All-but-the-Top", 2018, without the
components). Where hundreds ask about one thing that would be the mean, so questions count the less the more
others say nearly the same. Then each question moves a little towards its nearest ones (one step of mean
shift on the graph of nearest neighbours, as in Fukunaga and Hostetler, 1975): chance differences of wording
even out, and a question with no neighbours stays where it is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.model.arrays import Vector

VectorRows = NDArray[np.float32]
"""Shape (questions, dimensions)."""

NEIGHBOURS = 10
_ONE_OF = 80
"""Among few questions the tenth nearest is a far one: each is drawn to one in eighty at the most."""
_PULL = 0.3
_PRIOR = 25.0
_NEARLY_THE_SAME = 0.6
"""So many questions with nothing in common are added to the mean."""
_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Frame:
    """What is taken away of every vector before comparing."""

    mean: Vector

    @classmethod
    def of(cls, vectors: VectorRows) -> "Frame":
        """The frame of these questions."""
        weights = np.empty(len(vectors), dtype=np.float32)
        for start in range(0, len(vectors), _BLOCK):
            likeness = vectors[start : start + _BLOCK] @ vectors.T
            crowd = (likeness >= _NEARLY_THE_SAME).sum(axis=1)
            weights[start : start + _BLOCK] = 1.0 / np.maximum(crowd, 1)
        return cls((weights @ vectors / (weights.sum() + _PRIOR)).astype(np.float32))

    def centred(self, vectors: VectorRows) -> VectorRows:
        """Each row relative to the mean, of length 1 (a row that is the mean itself stays zero)."""
        return unit(vectors - self.mean)


def unit(rows: VectorRows) -> VectorRows:
    """Each row at length 1; zero stays zero."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    scaled: VectorRows = (rows / np.maximum(lengths, np.float32(1e-6))).astype(np.float32)
    return scaled


def drawn_near(row: Vector, others: VectorRows) -> Vector:
    """One centred row after its step towards the nearest of ``others`` (itself not among them)."""
    if len(others) == 0:
        return row
    return unit(row + _pull((others @ row)[None, :], others)[0])


def all_drawn_near(rows: VectorRows) -> VectorRows:
    """All centred rows after their step towards their nearest ones among themselves."""
    if len(rows) < 2:
        return rows
    moved = np.empty_like(rows)
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        likeness = block @ rows.T
        likeness[np.arange(len(block)), np.arange(start, start + len(block))] = 0.0
        moved[start : start + _BLOCK] = unit(block + _pull(likeness, rows))
    return moved


def _pull(likeness: VectorRows, others: VectorRows) -> VectorRows:
    """The sum of the nearest others, each weighted with the square of its likeness."""
    count = min(NEIGHBOURS, len(others) // _ONE_OF)
    if count == 0:
        return np.zeros((len(likeness), others.shape[1]), dtype=np.float32)
    nearest = np.argpartition(-likeness, count - 1, axis=1)[:, :count]
    weights = _PULL * np.maximum(np.take_along_axis(likeness, nearest, axis=1), 0.0) ** 2
    pulled: VectorRows = np.einsum("qn,qnd->qd", weights, others[nearest]).astype(np.float32)
    return pulled
