"""An index of past questions: words (BM25), topics, answerers and embeddings; which are like a new one?"""

from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from routing.experts.growable import AdjacencyLists, GrowableArray
from routing.experts.sparse import CsrMatrix, sum_duplicates
from routing.model.arrays import Floats, Ints, Vector

_SATURATION = 1.2
"""``k1`` of BM25."""
_LENGTH_SHARE = 0.5
"""``b`` of BM25."""
_QUANTUM = 80.0
"""Steps per unit of a stored word weight; weights stay below 2.2, so that a byte holds them."""
_LONGEST_LIST = 3000
"""Postings of a word that are looked at, the latest first: more of a common word tells nothing."""


class QuestionIndex:
    """Past questions by position ("place"), with their postings (word -> places) and embeddings.

    BM25: Robertson and Zaragoza, "The probabilistic relevance framework", 2009.
    """

    def __init__(self, vectors_kept: int = 20_000) -> None:
        self.answerers = AdjacencyLists()
        self.filed = AdjacencyLists()
        self.words = Vocabulary()
        self.topics = Vocabulary()
        self.length_sum = 0.0
        self.postings: list[array[int]] = []
        self.strengths: list[array[int]] = []
        self.ids = GrowableArray("int64")
        self.vectors = VectorRing(vectors_kept)
        self.out_of_order: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.ids)

    def place(self, question_id: int) -> int | None:
        """Where a question is kept; None if it is new."""
        ids = self.ids.values
        if not len(ids) or question_id > ids[-1]:
            return None
        found = self.out_of_order.get(question_id)
        if found is not None:
            return found
        place = int(np.searchsorted(ids, question_id))
        return place if place < len(ids) and ids[place] == question_id else None

    def add(self, question_id: int, tokens: Sequence[str], vector: Vector | None) -> tuple[int, list[int]]:
        """Take in a new question; returns its place and its distinct words' numbers."""
        place = len(self.ids)
        self._name(question_id)
        counts = Counter(tokens)
        self.length_sum += len(tokens)
        relative = len(tokens) / max(self.length_sum / (place + 1), 1.0)
        norm = _SATURATION * (1 - _LENGTH_SHARE + _LENGTH_SHARE * relative)
        strengths = {
            count: min(255, max(1, round(count * (_SATURATION + 1) / (count + norm) * _QUANTUM)))
            for count in set(counts.values())
        }
        words = self.words.numbers(counts)
        for _ in range(len(self.words) - len(self.postings)):
            self.postings.append(array("i"))
            self.strengths.append(array("B"))
        for number, count in zip(words, counts.values(), strict=True):
            self.postings[number].append(place)
            self.strengths[number].append(strengths[count])
        if vector is not None:
            self.vectors.add(place, vector)
        return place, words

    def words_of(self, places: Ints) -> dict[int, list[int]]:
        """The numbers of some questions' distinct words, by place; all words are looked at."""
        wanted = np.unique(places)
        found: dict[int, list[int]] = {one: [] for one in wanted.tolist()}
        for number, posted in enumerate(self.postings):
            for place in _shared(np.frombuffer(posted, np.int32), wanted):
                found[place].append(number)
        return found

    def without_vector(self, limit: int, before: int | None) -> list[int]:
        """Ids of the latest questions without an embedding, newest first, of those below ``before``.

        Only so many of the latest questions are looked at as embeddings are kept; those whose ids came out of
        order are passed over.
        """
        first = max(0, len(self) - self.vectors.kept)
        ids = self.ids.values[first:]
        is_missing = np.diff(ids, prepend=-1) > 0
        if before is not None:
            is_missing &= ids < before
        remembered = self.vectors.places.values - first
        is_missing[remembered[remembered >= 0]] = False
        return [int(one) for one in ids[is_missing][::-1][:limit]]

    def recall(self, vectors: Mapping[int, Vector]) -> None:
        """Remember the embeddings of known questions, by their ids."""
        places = {number: self.place(number) for number in vectors}
        known = {number: place for number, place in places.items() if place is not None}
        if known:
            self.vectors.recall(list(known.values()), [vectors[number] for number in known])

    def rarest(self, words: Sequence[int], occurrences: int) -> list[int]:
        """The rarer ones of some words, up to so many occurrences together; at least one."""
        chosen: list[int] = []
        for word in sorted(words, key=lambda word: (len(self.postings[word]), word)):
            occurrences -= min(len(self.postings[word]), _LONGEST_LIST)
            if chosen and occurrences < 0:
                break
            chosen.append(word)
        return chosen

    def idf(self, words: Ints) -> Floats:
        """The inverse document frequency of words, as in BM25."""
        found = np.array([len(self.postings[word]) for word in words], dtype=np.float64)
        return np.asarray(np.log(1 + (len(self) - found + 0.5) / (found + 0.5)), dtype=np.float64)

    def similar(self, words: Ints, occurs: CsrMatrix) -> Iterator[tuple[Ints, Floats]]:
        """How like each query past questions are by words: their places and BM25 scores, query by query.

        ``occurs`` has a row for each query and a column for each of ``words``.
        """
        idf = self.idf(words) / _QUANTUM
        lists = [np.frombuffer(self.postings[word], np.int32)[-_LONGEST_LIST:] for word in words]
        scores = [
            np.frombuffer(self.strengths[word], np.uint8)[-_LONGEST_LIST:] * weight
            for word, weight in zip(words, idf, strict=True)
        ]
        for row in range(len(occurs)):
            columns = occurs.row(row)[0].tolist()
            if columns:
                yield sum_duplicates(
                    np.concatenate([lists[column] for column in columns]),
                    np.concatenate([scores[column] for column in columns]),
                    len(self),
                )
            else:
                yield sum_duplicates(np.empty(0, np.int64), np.empty(0), 0)

    def _name(self, question_id: int) -> None:
        ids = self.ids.values
        if len(ids) and question_id <= ids[-1]:
            self.out_of_order[question_id] = len(ids)
            self.ids.append(int(ids[-1]))
            return
        self.ids.append(question_id)


def _shared(some: Ints, others: Ints) -> list[int]:
    """What is in both of two ascending arrays; the shorter one is looked up in the longer one."""
    short, long = sorted((some, others), key=len)
    at = np.minimum(long.searchsorted(short), len(long) - 1)
    found: list[int] = short[long[at] == short].tolist() if len(short) else []
    return found


class Vocabulary:
    """Numbers for words, in order of appearance."""

    def __init__(self, words: Sequence[str] = ()) -> None:
        self.names = list(words)
        self._numbers = {word: number for number, word in enumerate(self.names)}

    def __len__(self) -> int:
        return len(self.names)

    def number(self, word: str) -> int:
        """The word's number, given out when new."""
        number = self._numbers.setdefault(word, len(self.names))
        if number == len(self.names):
            self.names.append(word)
        return number

    def numbers(self, words: Collection[str]) -> list[int]:
        """The numbers of distinct words, given out where they are new."""
        numbers, known = self._numbers, len(self.names)
        found = [numbers.setdefault(word, len(numbers)) for word in words]
        if len(numbers) > known:
            self.names += [word for word, number in zip(words, found, strict=True) if number >= known]
        return found

    def find(self, word: str) -> int | None:
        """The word's number, if it has one."""
        return self._numbers.get(word)


class VectorRing:
    """A ring buffer of the latest questions' embeddings; ``rows`` has shape (capacity, dimensions)."""

    def __init__(self, kept: int) -> None:
        self.kept = kept
        self.places = GrowableArray("int64")
        self.rows: NDArray[np.float32] = np.empty((0, 0), dtype=np.float32)
        self.seen = 0

    def add(self, place: int, vector: Vector) -> None:
        """Remember a question's vector.

        Raises:
            ValueError: It has another number of dimensions than those before.
        """
        if self.rows.shape[1] not in (0, len(vector)):
            raise ValueError(
                f"A vector of {len(vector)} dimensions came where {self.rows.shape[1]} are usual: "
                "vectors of different models cannot be mixed."
            )
        at = self.seen % self.kept
        if at >= len(self.rows):
            grown = np.zeros((min(self.kept, max(256, at * 2)), len(vector)), dtype=np.float32)
            if len(self.rows):
                grown[: len(self.rows)] = self.rows
            self.rows = grown
        self.places.resize(at + 1)
        self.rows[at] = vector
        self.places.values[at] = place
        self.seen += 1

    def recall(self, places: Sequence[int], vectors: Sequence[Vector]) -> None:
        """Remember the vectors of earlier questions too, as far as they belong to the latest.

        Raises:
            ValueError: They have another number of dimensions than those before.
        """
        known, fresh = self.places.values, np.array(places, dtype=np.int64)
        rows = np.asarray(vectors, dtype=np.float32)
        if self.seen:
            rows = np.concatenate((self.rows[: len(known)], rows))
        every = np.concatenate((known, fresh))
        latest = np.argsort(every, kind="stable")[-self.kept :]
        self.places.restore(every[latest])
        self.rows = rows[latest]
        self.seen = len(latest)

    def similar(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Cosines, shape (queries, questions kept), in the order of ``places``."""
        return np.asarray(vectors @ self.rows[: len(self.places)].T, dtype=np.float32)


def top_k(scores: NDArray[np.float32], count: int) -> Ints:
    """Positions of the ``count`` highest scores, in no order; of equals at the end the later ones."""
    if len(scores) <= count:
        return np.arange(len(scores))
    bar = np.partition(scores, -count)[-count]  # many times faster than argpartition
    found = np.flatnonzero(scores >= bar)
    if len(found) == count:
        return found
    above = scores[found] > bar
    level = found[~above]
    return np.concatenate((found[above], level[len(level) - (count - int(above.sum())) :]))
