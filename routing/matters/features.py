"""A question as the vector by which it is grouped: its meaning or its words, and the entry linked to it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from routing.matters.frame import unit
from routing.model.arrays import Ints, Vector
from routing.model.entities import without_links_and_handles

WORD_DIMENSIONS = 512
ENTRY_DIMENSIONS = 64
_BUCKETS = 1 << 16
_QUESTIONS_BEFORE = 300.0
_SEEN_BEFORE = 10.0
"""A word counts as if 10 of 300 earlier questions had had it: seen once or never makes little difference."""
_ENTRY_WEIGHT = 0.5
"""Two questions with the same entry are as alike as if a fifth of all they say were the same."""


def comparable(text: str) -> str:
    """What of a post is embedded and read for words: not the handles, links and addresses."""
    return " ".join(without_links_and_handles(text).split())


@dataclass(frozen=True, slots=True)
class GatheredQuestion:
    """What is known of a question when it is grouped.

    Attributes:
        id: The question's own.
        terms: Its words in comparing form, as ``routing.model.text.tokens`` gives them.
        vector: Its embedding, of length 1; None where there is no model.
        entry: The archive's entry that answers it, if one is known.
    """

    id: int
    terms: Sequence[str] = ()
    vector: Vector | None = None
    entry: int | None = None


@dataclass(slots=True)
class Features:
    """Turns questions into vectors of length 1.

    By meaning it is the embedding. By words it is the question's words, weighted by how rare they have been
    so far (idf), each added with its sign at one of ``WORD_DIMENSIONS`` places that its hash names: a
    question takes the same few bytes whatever the vocabulary (Weinberger et al., "Feature hashing for large
    scale multitask learning", 2009). Either is followed by a fixed random direction of the linked entry.

    Attributes:
        meaning: Dimensions of the embeddings; None to go by words.
        seen: In how many questions each bucket of words has occurred, shape (65536,); by words only.
        questions: How many questions that was in all.
    """

    meaning: int | None
    seen: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    questions: int = 0

    def __post_init__(self) -> None:
        if self.meaning is None and len(self.seen) == 0:
            self.seen = np.zeros(_BUCKETS, dtype=np.int64)

    @property
    def dimensions(self) -> int:
        """How long each vector is."""
        return (self.meaning or WORD_DIMENSIONS) + ENTRY_DIMENSIONS

    def count(self, question: GatheredQuestion) -> None:
        """Let the question's words count as seen once more."""
        if self.meaning is None:
            buckets = list({_places(term)[2] for term in question.terms})
            self.seen[buckets] += 1
            self.questions += 1

    def vector(self, question: GatheredQuestion) -> Vector:
        """The question's vector, by the words counted so far.

        Raises:
            ValueError: It has no embedding, or one of another length, where questions go by meaning.
        """
        row = np.zeros(self.dimensions, dtype=np.float32)
        if self.meaning is None:
            row[:WORD_DIMENSIONS] = self._by_words(question.terms)
        elif question.vector is None or len(question.vector) != self.meaning:
            raise ValueError(f"question {question.id} has no embedding of {self.meaning} dimensions")
        else:
            row[: self.meaning] = unit(question.vector)
        if question.entry is not None:
            row[-ENTRY_DIMENSIONS:] = _ENTRY_WEIGHT * _direction(question.entry)
        return unit(row)

    def _by_words(self, terms: Sequence[str]) -> Vector:
        row = np.zeros(WORD_DIMENSIONS, dtype=np.float32)
        for term in dict.fromkeys(terms):
            place, sign, bucket = _places(term)
            row[place] += sign * np.log1p(
                (self.questions + _QUESTIONS_BEFORE) / (self.seen[bucket] + _SEEN_BEFORE)
            )
        return unit(row)


@lru_cache(maxsize=100_000)
def _places(term: str) -> tuple[int, int, int]:
    """Where a word is added, with which sign, and the bucket in which it is counted."""
    digest = hashlib.blake2b(term.encode(errors="surrogatepass"), digest_size=8).digest()
    number = int.from_bytes(digest, "little")
    return number % WORD_DIMENSIONS, 1 if number >> 63 else -1, (number >> 20) % _BUCKETS


def _direction(entry: int) -> Vector:
    digest = hashlib.blake2b(str(entry).encode(), digest_size=ENTRY_DIMENSIONS // 8).digest()
    bits = np.unpackbits(np.frombuffer(digest, dtype=np.uint8)).astype(np.float32)
    return unit(2.0 * bits - 1.0)
