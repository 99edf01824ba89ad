"""What a matter is about: its most representative question, and the words that set it apart."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from routing.matters.frame import VectorRows

_PRIOR = 500.0
"""How many words of everything else are mixed into both sides before they are compared."""
_LEAST_SCORE = 1.0
"""Standard deviations by which a word has to be more frequent here than elsewhere."""


@dataclass(frozen=True, slots=True)
class DistinguishingWord:
    """A word, and by how many standard deviations it is more frequent in the matter than elsewhere."""

    word: str
    score: float


def medoid(vectors: VectorRows) -> int:
    """The place of the question that is most like all others on average; the first of equal ones.

    Raises:
        ValueError: There is no question.
    """
    if len(vectors) == 0:
        raise ValueError("a matter without questions has no representative one")
    likeness = vectors @ vectors.sum(axis=0)
    likeness -= (vectors * vectors).sum(axis=1)
    return int(np.argmax(np.round(likeness, 5)))


def distinguishing_words(
    questions: Iterable[Sequence[str]], elsewhere: Mapping[str, float], count: int = 5
) -> tuple[DistinguishingWord, ...]:
    """The words that occur in more of a matter's questions than those of everybody would make one expect.

    The log-odds ratio with an informative Dirichlet prior, divided by its standard deviation: Monroe,
    Colaresi and Quinn, "Fightin' Words" (2008). Without the prior the rarest words would come first.

    Args:
        questions: The words of each of the matter's questions; a word counts once in each.
        elsewhere: In how many of all other questions each word occurs.
        count: How many words at most, the most distinguishing first.
    """
    here = Counter(word for words in questions for word in dict.fromkeys(words))
    total_here, total_elsewhere = sum(here.values()), sum(elsewhere.values())
    everything = total_here + total_elsewhere
    scored = []
    for word, times in here.items():
        others = elsewhere.get(word, 0.0)
        prior = _PRIOR * (times + others) / everything
        ours = (times + prior) / max(total_here + _PRIOR - times - prior, 1e-9)
        theirs = (others + prior) / max(total_elsewhere + _PRIOR - others - prior, 1e-9)
        deviation = np.sqrt(1.0 / (times + prior) + 1.0 / (others + prior))
        scored.append(DistinguishingWord(word, float(np.log(ours / theirs) / deviation)))
    chosen = [one for one in scored if one.score >= _LEAST_SCORE]
    return tuple(sorted(chosen, key=lambda one: (-one.score, one.word))[:count])
