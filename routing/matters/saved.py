"""A clustering as plain values and back, so that it goes on after a restart as if there had been none."""

from dataclasses import dataclass

import numpy as np

from routing.matters.clustering import MatterClustering
from routing.matters.features import Features
from routing.matters.frame import Frame, VectorRows
from routing.model.arrays import Floats, Ints, Mask, Vector


@dataclass(frozen=True, slots=True)
class SavedClustering:
    """All that a clustering knows, in arrays that any file format takes.

    Attributes:
        settings: Dimensions of the embeddings (0: by words), window, matters kept, next matter, questions
            since the last look, questions whose words were counted.
        mean: What is taken away in the present frame.
        seen: In how many questions each bucket of words has occurred.
        question_ids: The window's questions, the oldest first; as are the next four.
        question_matters: The matter of each.
        bound: Whether people have said so.
        vectors: As they came, shape (questions, dimensions).
        centred: In the frame in which they were last looked at.
        drawn: The same after the step towards the nearest ones.
        matter_ids: The matters kept; as are the next five.
        touched: When a question last came to each, in seconds since 1970.
        sizes: How many questions each has.
        sums: The sums of their vectors, shape (matters, dimensions).
        core_sizes: How many of them are the core.
        core_sums: The sums of those.
        apart: The pairs of matters that people parted, shape (pairs, 2).
        joined: The matters that people made of several.
    """

    settings: Ints
    mean: Vector
    seen: Ints
    question_ids: Ints
    question_matters: Ints
    bound: Mask
    vectors: VectorRows
    centred: VectorRows
    drawn: VectorRows
    matter_ids: Ints
    touched: Floats
    sizes: Floats
    sums: VectorRows
    core_sizes: Floats
    core_sums: VectorRows
    apart: Ints
    joined: Ints


def save(clustering: MatterClustering) -> SavedClustering:
    """What the clustering knows now; what it does later does not change it."""
    features, window, table = clustering.features, clustering.window, clustering.table
    settings = (
        features.meaning or 0,
        window.size,
        table.kept,
        clustering.next_matter,
        clustering.added_since,
        features.questions,
    )
    return SavedClustering(
        settings=np.array(settings, dtype=np.int64),
        mean=clustering.frame.mean.copy(),
        seen=features.seen.copy(),
        question_ids=window.ids.copy(),
        question_matters=window.matters.copy(),
        bound=window.bound.copy(),
        vectors=window.vectors.copy(),
        centred=window.centred.copy(),
        drawn=window.drawn.copy(),
        matter_ids=table.ids.copy(),
        touched=table.touched.copy(),
        sizes=table.sizes.copy(),
        sums=table.sums.copy(),
        core_sizes=table.core_sizes.copy(),
        core_sums=table.core_sums.copy(),
        apart=np.array(sorted(clustering.apart), dtype=np.int64).reshape(-1, 2),
        joined=np.array(sorted(clustering.joined), dtype=np.int64),
    )


def restore(saved: SavedClustering) -> MatterClustering:
    """The clustering as it was."""
    meaning, window, kept, next_matter, added_since, counted = saved.settings.tolist()
    made = MatterClustering(meaning or None, window=window, kept=kept, first_matter=next_matter)
    made.features = Features(meaning or None, saved.seen.copy(), counted)
    made.added_since = added_since
    made.frame = Frame(saved.mean.copy())
    made.apart = {(one, other) for one, other in saved.apart.tolist()}
    made.joined = set(saved.joined.tolist())
    for place, question_id in enumerate(saved.question_ids.tolist()):
        rows = (saved.vectors[place], saved.centred[place], saved.drawn[place])
        matter, bound = int(saved.question_matters[place]), bool(saved.bound[place])
        made.window.append(question_id, matter, bound=bound, rows=rows)
    for matter, touched in zip(saved.matter_ids.tolist(), saved.touched.tolist(), strict=True):
        made.table.open(matter, touched)
    made.table.sizes[:], made.table.sums[:] = saved.sizes, saved.sums
    made.table.core_sizes[:], made.table.core_sums[:] = saved.core_sizes, saved.core_sums
    return made
