"""What a matter is about: its most representative question, and the words that set it apart."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from routing.matters.features import Features, GatheredQuestion, comparable
from routing.matters.frame import VectorRows
from routing.model.text import SaidText, stems, tokens, words

_PRIOR = 500.0
"""How many words of everything else are mixed into both sides before they are compared."""
_LEAST_SCORE = 1.0
"""Standard deviations by which a word has to be more frequent here than elsewhere."""


@dataclass(frozen=True, slots=True)
class DistinguishingWord:
    """A word, and by how many standard deviations it is more frequent in the matter than elsewhere."""

    word: str
    score: float


@dataclass(frozen=True, slots=True)
class Description:
    """A matter in its customers' words.

    ``typical`` is the place of the question that is most like all others; None where there is none.
    """

    words: tuple[str, ...]
    typical: int | None


def describe(here: Sequence[SaidText], elsewhere: Iterable[SaidText], least_people: int = 2) -> Description:
    """The words that set a matter apart, as its customers spell them, and its most typical question.

    A word counts that ``least_people`` people used: what one alone wrote may be a name or a number of theirs.
    """
    terms = [tuple(tokens(comparable(one.text), one.language)) for one in here]
    people: dict[str, set[object]] = defaultdict(set)
    for one, found in zip(here, terms, strict=True):
        for term in found:
            people[term].add(one.person)
    shared = [[term for term in found if len(people[term]) >= least_people] for found in terms]
    others = Counter(
        term for one in elsewhere for term in dict.fromkeys(tokens(comparable(one.text), one.language))
    )
    spelled = _spellings(here)
    chosen = distinguishing_words(shared, others)
    return Description(
        tuple(spelled.get(one.word, one.word) for one in chosen),
        medoid(_by_words(terms)) if here else None,
    )


def _spellings(said: Iterable[SaidText]) -> dict[str, str]:
    """The spelling of each stem that most have used; of several the shortest, and of those the first."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for one in said:
        text = comparable(one.text)
        for stem, word in zip(stems(text, one.language), words(text), strict=True):
            seen[stem][word] += 1
    return {
        stem: min(found.items(), key=lambda one: (-one[1], len(one[0]), one[0]))[0]
        for stem, found in seen.items()
    }


def _by_words(terms: Sequence[Sequence[str]]) -> VectorRows:
    features = Features(None)
    asked = [GatheredQuestion(number, found) for number, found in enumerate(terms)]
    for one in asked:
        features.count(one)
    return np.stack([features.vector(one) for one in asked])


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
