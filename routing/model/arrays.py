"""Kinds of arrays by what they hold; one dimension, unless the place that uses the name says more."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
"""Real numbers: shares, weights, scores, or one value per employee by position in a roster."""
Ints = NDArray[np.int64]
"""Whole numbers: ids, counts, and positions in other arrays."""
Mask = NDArray[np.bool_]
"""Shape (employees,): who is meant, by position in a roster."""
Vector = NDArray[np.float32]
"""Shape (dimensions,): an embedding of length 1, made outside of this floor."""
