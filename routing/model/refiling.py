"""When topics are put in order: which questions move, and what they are about after that."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from routing.model.domain import TopicWeight
from routing.model.text import stems, words
from routing.model.topics import Taxonomy, suggest_topics

_LEAST = 2
"""A part to which fewer of the questions belong that are looked at is none."""
_NEARLY_ALL = 0.8
"""What more of them say is what the topic itself is about."""


def refiled(topics: Sequence[TopicWeight], former: str, slug: str) -> tuple[TopicWeight, ...]:
    """The topics with one in the place of another; where both are there, the weights add up at the first."""
    return Taxonomy((), {former: slug}).renamed(topics)


def says_any(text: str, phrases: Iterable[str], language: str | None) -> bool:
    """Whether a text holds one of these words or phrases, in any inflection."""
    return _holds(_spaced(text, language), phrases, language)


def count_saying(
    texts: Iterable[tuple[object, str]], phrases: Sequence[Sequence[str]], language: str | None = None
) -> list[int]:
    """For each set of words or phrases, how many people wrote a text that holds one of them.

    ``texts`` are pairs of whatever tells one person from another, and a text.
    """
    people: list[set[object]] = [set() for _ in phrases]
    for person, text in texts:
        said = _spaced(text, language)
        for found, one in zip(people, phrases, strict=True):
            if _holds(said, one, language):
                found.add(person)
    return [len(found) for found in people]


def _holds(said: str, phrases: Iterable[str], language: str | None) -> bool:
    return any(phrase != "  " and phrase in said for phrase in (_spaced(one, language) for one in phrases))


@dataclass(frozen=True, slots=True)
class TopicPart:
    """A part that a topic's questions seem to have: its words, and how many of them it covers."""

    name: str
    keywords: tuple[str, ...]
    count: int
    examples: tuple[str, ...]


def suggest_parts(texts: Sequence[str], own_words: Sequence[str], limit: int) -> list[TopicPart]:
    """Into which parts these questions of one topic fall, by the words that some of them have in common.

    ``own_words`` are the topic's own: what nearly all of them say makes no part.
    """
    said = Counter(stem for text in texts for stem in set(stems(text)))
    common = {stem for stem, count in said.items() if count > len(texts) * _NEARLY_ALL}
    common.update(stem for word in own_words for stem in stems(word))
    bare = {_without(text, common): text for text in texts}
    found = suggest_topics(list(bare), Taxonomy(()), limit=limit, least=_LEAST)
    phrases = [_variants(one.name, one.keywords) for one in found]
    counts = count_saying(enumerate(texts), phrases)
    return [
        TopicPart(one.name, words_of, count, tuple(bare[text] for text in one.examples))
        for one, words_of, count in zip(found, phrases, counts, strict=True)
    ]


def _without(text: str, left_out: set[str]) -> str:
    """The words of a text; those that are left out leave a gap, so that nothing comes together over it."""
    return " ".join("0" if left_out.intersection(stems(word)) else word for word in words(text))


def _variants(name: str, keywords: Iterable[str]) -> tuple[str, ...]:
    """The keywords that are the name as people write it; what only comes along with it makes no part."""
    return tuple(word for word in keywords if stems(word) == stems(name))


def _spaced(text: str, language: str | None) -> str:
    return f" {' '.join(stems(text, language))} "
