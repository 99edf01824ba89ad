"""Which of the clusters found anew is which of the matters that there were."""

from dataclasses import dataclass

import numpy as np

from routing.model.arrays import Floats, Ints, Mask

NEW = -1


@dataclass(frozen=True, slots=True)
class Nodes:
    """What was clustered: single questions, and the cores of matters.

    Attributes:
        matters: The matter each belonged to.
        sizes: How many questions each stands for.
        cores: Which of them are cores.
    """

    matters: Ints
    sizes: Floats
    cores: Mask


def name_clusters(clusters: Ints, nodes: Nodes) -> Ints:
    """The matter that each cluster is, by the cluster's number; ``NEW`` where it is none of the former.

    A cluster with cores is the matter of its largest core (of equal ones the eldest). Among the others a
    matter's name goes to the cluster that has most of its questions.
    """
    count = int(clusters.max()) + 1 if len(clusters) else 0
    names = np.full(count, NEW, dtype=np.int64)
    places = np.flatnonzero(nodes.cores)
    order = np.lexsort((nodes.matters[places], -nodes.sizes[places]))
    taken: set[int] = set()
    for place in places[order].tolist():
        taken.add(int(nodes.matters[place]))
        if names[clusters[place]] == NEW:
            names[clusters[place]] = nodes.matters[place]
    pairs, shared = np.unique(
        np.stack([clusters[~nodes.cores], nodes.matters[~nodes.cores]]), axis=1, return_counts=True
    )
    for place in np.lexsort((pairs[0], pairs[1], -shared)).tolist():
        cluster, matter = pairs[:, place].tolist()
        if names[cluster] == NEW and matter not in taken:
            names[cluster] = matter
            taken.add(matter)
    return names
