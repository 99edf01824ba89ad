"""How well a grouping agrees with a known one: B-cubed precision, recall and F1."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BCubed:
    """Means over all items, 0 to 1.

    Attributes:
        precision: The share of an item's cluster that is of its class.
        recall: The share of an item's class that is in its cluster.
    """

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of the two."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def b_cubed(classes: Sequence[Hashable], clusters: Sequence[Hashable]) -> BCubed:
    """The figures of a grouping of at least one item, an item counting as of its own cluster and class.

    Bagga and Baldwin, "Entity-based cross-document coreferencing using the vector space model" (1998); Amigo
    et al., "A comparison of extrinsic clustering evaluation metrics" (2009), say why.
    """
    shared = Counter(zip(classes, clusters, strict=True))
    of_class, of_cluster = Counter(classes), Counter(clusters)
    count = len(classes)
    precision = sum(both * both / of_cluster[cluster] for (_, cluster), both in shared.items()) / count
    recall = sum(both * both / of_class[known] for (known, _), both in shared.items()) / count
    return BCubed(precision, recall)
