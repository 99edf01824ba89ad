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
_MOST = 0.6
"""The share of a surge's people from which on they are mostly of one kind."""
_MORE = 0.2
"""By so much that share is larger than everybody else's."""
_IN_HALF = 0.5
_RARER = 0.25
"""A word is rare elsewhere when at most this part of the share of people here use it there."""
_FEWEST = 3


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
    people = _people_by_word(here)
    shared = [[term for term in found if len(people[term]) >= least_people] for found in terms]
    others = Counter(term for one in elsewhere for term in _terms(one))
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


def most_of(here: Sequence[str | None], elsewhere: Sequence[str | None]) -> str | None:
    """The kind (a language, a platform) that most people here are of, and clearly fewer elsewhere.

    None where there is no such kind: where everybody is of it there is nothing to tell.
    """
    found = Counter(one for one in here if one).most_common(1)
    if not found:
        return None
    kind, people = found[0]
    usual = elsewhere.count(kind) / len(elsewhere) if elsewhere else 1.0
    is_most = people >= _FEWEST and people / len(here) >= max(_MOST, usual + _MORE)
    return kind if is_most else None


def shared_words(here: Sequence[SaidText], elsewhere: Sequence[SaidText], count: int = 3) -> tuple[str, ...]:
    """The words that half of these people used and few others, as they spell them: the most used first.

    Shares are compared, not odds as in ``distinguishing_words``: of four people that would tell nothing.
    """
    used = _people_by_word(here)
    people = len({one.person for one in here})
    others = Counter(term for one in elsewhere for term in _terms(one))
    spelled = _spellings(here)
    found = [
        (len(users), term)
        for term, users in used.items()
        if len(users) >= max(_FEWEST, people * _IN_HALF)
        and others[term] / max(len(elsewhere), 1) <= len(users) / people * _RARER
    ]
    chosen = sorted(found, key=lambda one: (-one[0], one[1]))[:count]
    return tuple(spelled.get(term, term) for _, term in chosen)


def _people_by_word(said: Iterable[SaidText]) -> dict[str, set[object]]:
    used: dict[str, set[object]] = defaultdict(set)
    for one in said:
        for term in _terms(one):
            used[term].add(one.person)
    return used


def _terms(one: SaidText) -> dict[str, None]:
    """Its words, each once, in their order."""
    return dict.fromkeys(tokens(comparable(one.text), one.language))
