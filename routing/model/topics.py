"""What a text is about: topics by keyword, phrase and tree; proposals for topics still missing.

Imports no numpy: intake classifies in processes that route nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from routing.model.domain import Topic, TopicWeight
from routing.model.text import language_code, stems, tokens, words
from routing.model.words import CHATTER, STOP_WORDS

_PARENT_SHARE = 0.4
"""What a mention of a topic says for its parent, and again for that one's parent."""
_NAME_WORD = 0.35
"""What a single word of a longer name or keyword says, against the whole of it."""
_DOUBT = 0.5
"""How much stands against any topic: one plain keyword alone makes a weight of 1 / (1 + 0.5) = 0.67."""
_LEAST_WEIGHT = 0.1
"""Lighter topics are noise."""
_LONGEST_PHRASE = 5
"""Words in the longest keyword that is looked for."""
_COMPOUNDING = frozenset({"da", "de", "fi", "nl", "no", "sv"})
"""Languages that write compounds in one word: a keyword may begin or end a longer word there."""
_SHORTEST_PART = 5
"""Characters; shorter keywords inside of compounds are chance."""


@dataclass(frozen=True, slots=True)
class _Phrases:
    """The keywords of all topics as stems of one language: phrase -> topic -> strength."""

    strength: dict[tuple[str, ...], dict[str, float]]
    longest: int


class Taxonomy:
    """The topics of the organisation, ready to be recognised in texts. Cheap to share, never changed.

    Raises:
        ValueError: when two topics have the same slug or a topic is its own ancestor.
    """

    def __init__(self, topics: Sequence[Topic], former: Mapping[str, str] | None = None) -> None:
        """``former`` are slugs that topics had before, each with the one that it stands for now."""
        self.topics = tuple(topics)
        self._former = dict(former or {})
        self._by_slug = {topic.slug: topic for topic in topics}
        if len(self._by_slug) < len(self.topics):
            twice = [slug for slug, count in Counter(t.slug for t in topics).items() if count > 1]
            raise ValueError(f"Topic slugs must be unique, but these occur twice: {', '.join(twice)}.")
        self._ancestors = {topic.slug: self._walk_up(topic) for topic in topics}
        self._phrases: dict[str, _Phrases] = {}

    def __contains__(self, slug: object) -> bool:
        return slug in self._by_slug

    def name(self, slug: str) -> str:
        """The topic's name for people; the slug itself when the topic is unknown."""
        topic = self._by_slug.get(slug)
        return topic.name if topic else slug

    def ancestors(self, slug: str) -> tuple[str, ...]:
        """The broader topics, the nearest first."""
        return self._ancestors.get(slug, ())

    def renamed(self, topics: Sequence[TopicWeight]) -> tuple[TopicWeight, ...]:
        """The same topics by the slugs that they have now; of two that are one by now the weights add up."""
        return _summed((self._former.get(one.slug, one.slug), one.weight) for one in topics)

    def for_new_questions(self, topics: Sequence[TopicWeight]) -> tuple[TopicWeight, ...]:
        """As ``renamed``, with the successors of retired topics; those that have none are left out."""
        found = ((self._in_use(one.slug), one.weight) for one in self.renamed(topics))
        return _summed((slug, weight) for slug, weight in found if slug is not None)

    def _in_use(self, slug: str) -> str | None:
        seen = set[str]()
        while (topic := self._by_slug.get(slug)) is not None and topic.retired:
            seen.add(slug)
            if topic.successor is None or topic.successor in seen:
                return None
            slug = topic.successor
        return slug

    def classify(self, text: str, language: str | None = None) -> tuple[TopicWeight, ...]:
        """The topics of a text, the heaviest first; empty when unsure.

        A keyword counts in any inflection, as a phrase, and written apart or together ("wi-fi", "wifi"). The
        more topics share a keyword, the less it says. A topic implies its parent, more weakly. Weights are
        ``strength / (sum of strengths + 0.5)``, so that they add up to less than 1.
        """
        strengths: dict[str, float] = defaultdict(float)
        for slug, strength in self._matches(text, language_code(language)).items():
            strengths[slug] += strength
            for distance, ancestor in enumerate(self.ancestors(slug), start=1):
                if not self._by_slug[ancestor].retired:
                    strengths[ancestor] += strength * _PARENT_SHARE**distance
        total = sum(strengths.values()) + _DOUBT
        weighed = [TopicWeight(slug, round(s / total, 4)) for slug, s in strengths.items()]
        heavy = [topic for topic in weighed if topic.weight >= _LEAST_WEIGHT]
        return tuple(sorted(heavy, key=lambda topic: (-topic.weight, topic.slug)))

    def _matches(self, text: str, code: str) -> dict[str, float]:
        """How strongly each topic is named, every keyword counted once."""
        phrases = self._phrases.get(code)
        if phrases is None:
            phrases = self._phrases[code] = self._stemmed(code)
        found: dict[str, float] = defaultdict(float)
        seen: set[tuple[str, ...]] = set()
        covered: set[int] = set()
        for reading in _readings(stems(text, code), phrases.longest, code in _COMPOUNDING):
            owners = phrases.strength.get(reading.phrase)
            if owners is None or not covered.isdisjoint(reading.span):
                continue
            covered.update(reading.span)
            if reading.phrase not in seen:
                seen.add(reading.phrase)
                for slug, strength in owners.items():
                    found[slug] += strength * reading.share
        return found

    def _stemmed(self, code: str) -> _Phrases:
        strength: dict[tuple[str, ...], dict[str, float]] = defaultdict(dict)
        for topic in (one for one in self.topics if not one.retired):
            for phrase, value in _phrases_of(topic, code):
                known = strength[phrase]
                known[topic.slug] = max(known.get(topic.slug, 0.0), value)
        shared = {
            phrase: {slug: value / len(owners) for slug, value in owners.items()}
            for phrase, owners in strength.items()
        }
        return _Phrases(shared, max((len(phrase) for phrase in shared), default=1))

    def _walk_up(self, topic: Topic) -> tuple[str, ...]:
        path: list[str] = []
        parent = topic.parent
        while parent is not None and parent in self._by_slug:
            if parent in path or parent == topic.slug:
                raise ValueError(f"Topic {topic.slug!r} is its own ancestor by way of {parent!r}.")
            path.append(parent)
            parent = self._by_slug[parent].parent
        return tuple(path)


def _summed(topics: Iterable[tuple[str, float]]) -> tuple[TopicWeight, ...]:
    """Each slug once, where it came first, with its weights together."""
    found: dict[str, float] = {}
    for slug, weight in topics:
        found[slug] = found.get(slug, 0.0) + weight
    return tuple(TopicWeight(slug, min(weight, 1.0)) for slug, weight in found.items())


def blend(first: Sequence[TopicWeight], second: Sequence[TopicWeight]) -> tuple[TopicWeight, ...]:
    """Two opinions on what a text is about: the second gets the weight that the first leaves in doubt."""
    doubt = 1.0 - min(sum(topic.weight for topic in first), 1.0)
    total = max(sum(topic.weight for topic in second), 1.0)
    weights = {topic.slug: topic.weight for topic in first}
    for topic in second:
        weights[topic.slug] = weights.get(topic.slug, 0.0) + doubt * topic.weight / total
    heavy = [TopicWeight(slug, round(w, 4)) for slug, w in weights.items() if w >= _LEAST_WEIGHT]
    return tuple(sorted(heavy, key=lambda topic: (-topic.weight, topic.slug)))


def _phrases_of(topic: Topic, code: str) -> Iterable[tuple[tuple[str, ...], float]]:
    """The stemmed phrases that point to a topic, with their strengths."""
    stop = STOP_WORDS.get(code, frozenset())
    for keyword in (*topic.keywords, topic.name, topic.slug):
        phrase = tuple(stems(keyword, code))[:_LONGEST_PHRASE]
        if not phrase:
            continue
        yield phrase, 1.0 + 0.25 * (len(phrase) - 1)
        if len(phrase) > 1:
            yield ("".join(phrase),), 1.0
    for word in words(topic.name):
        if word not in stop and word not in CHATTER and len(word) > 1:
            yield tuple(stems(word, code)), _NAME_WORD


@dataclass(frozen=True, slots=True)
class _Reading:
    """A stretch of the text read as a keyword, with how sure that reading is."""

    span: range
    phrase: tuple[str, ...]
    share: float = 1.0


def _readings(text: list[str], longest: int, compounding: bool) -> Iterator[_Reading]:
    """Every way to read a stretch of the text as a keyword, the longest stretches first."""
    for length in range(min(max(longest, 2), len(text)), 0, -1):
        for start in range(len(text) - length + 1):
            span = range(start, start + length)
            yield _Reading(span, tuple(text[start : start + length]))
            if length == 2:
                yield _Reading(span, (text[start] + text[start + 1],))
    if compounding:
        for at, word in enumerate(text):
            for cut in range(len(word) - 1, _SHORTEST_PART - 1, -1):
                yield _Reading(range(at, at + 1), (word[:cut],), 0.5)
                yield _Reading(range(at, at + 1), (word[-cut:],), 0.5)


@dataclass(frozen=True, slots=True)
class TopicProposal:
    """A topic that the taxonomy seems to lack: how many of the texts it would cover, and some of them."""

    name: str
    keywords: tuple[str, ...]
    count: int
    examples: tuple[str, ...]


def suggest_topics(
    texts: Sequence[str], taxonomy: Taxonomy, *, limit: int = 10, least: int = 3, language: str | None = None
) -> list[TopicProposal]:
    """Topics to add, from texts that went unanswered.

    Terms and two-word phrases of the texts that no topic matches are weighed by how many they cover and how
    much rarer they are in the texts that do have a topic; the best is proposed, its texts are set aside,
    and so on. A proposal covers at least ``least`` texts.
    """
    unmatched, background = [], Counter[str]()
    for text in dict.fromkeys(texts):
        terms = _terms(text, language)
        if taxonomy.classify(text, language):
            background.update(terms.keys())
        else:
            unmatched.append((text, terms))
    known = len(texts) - len(unmatched) + 1
    proposals: list[TopicProposal] = []
    while len(proposals) < limit:
        best = _most_distinctive(unmatched, background, known, least)
        if best is None:
            break
        covered = [(text, terms) for text, terms in unmatched if best in terms]
        unmatched = [(text, terms) for text, terms in unmatched if best not in terms]
        proposals.append(_proposal(best, covered, least))
    return proposals


def _terms(text: str, language: str | None) -> dict[str, str]:
    """Stem (or two stems) -> the words as written, for what might name a topic."""
    stop = CHATTER.union(*STOP_WORDS.values())
    kept = [word if word not in stop and len(word) > 2 and not word.isdigit() else "" for word in words(text)]
    single = {"".join(tokens(word, language)): word for word in kept if word}
    paired = {
        " ".join(stems(f"{first} {second}", language)): f"{first} {second}"
        for first, second in pairwise(kept)
        if first and second
    }
    return {stem: word for stem, word in (single | paired).items() if stem}


def _most_distinctive(
    texts: list[tuple[str, dict[str, str]]], background: Counter[str], known: int, least: int
) -> str | None:
    counts = Counter(term for _, terms in texts for term in terms)
    frequent = {term: count for term, count in counts.items() if count >= least}

    def weight(term: str) -> tuple[float, str]:
        rarity = (frequent[term] / len(texts)) / ((background[term] + 0.5) / known)
        phrase = 1.8 if " " in term else 1.0
        return frequent[term] * phrase * min(rarity, 4.0), term

    return max(frequent, key=weight, default=None)


def _proposal(best: str, covered: list[tuple[str, dict[str, str]]], least: int) -> TopicProposal:
    written = Counter(terms[best] for _, terms in covered)
    beside = Counter(term for _, terms in covered for term in terms if term != best)
    companions = [term for term, count in beside.most_common(8) if count >= max(least, len(covered) // 4)]
    also = [Counter(terms[c] for _, terms in covered if c in terms).most_common(1)[0][0] for c in companions]
    keywords = tuple(dict.fromkeys([*(word for word, _ in written.most_common(3)), *also]))
    return TopicProposal(
        name=written.most_common(1)[0][0].capitalize(),
        keywords=keywords,
        count=len(covered),
        examples=tuple(text for text, _ in covered[:3]),
    )
