"""The model as bytes and back, so that it outlives a restart.

Layout: the magic word with the version, the checksum of all that follows, the length of the head, the head
(JSON: scalars, and name, type and length of every array), the arrays one after the other.
"""

import json
import struct
import zlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from routing.experts.growable import DecayedCounts, GrowableArray
from routing.experts.knowledge import Knowledge
from routing.experts.question_index import Vocabulary
from routing.experts.weights import FeatureWeights

VERSION = 3

_REMEDY = "delete it, and the model is learned anew from the answers."

_MAGIC = b"chorus-experts"
_FRONT = struct.Struct("<14sHII")
_BETWEEN = "\0"


class DamagedSnapshot(Exception):
    """The bytes are no snapshot of this version; the model must be learned anew from the answers."""


def pack(knowledge: Knowledge, weights: FeatureWeights) -> bytes:
    """The model as bytes in the layout above."""
    box = _Box({}, {})
    questions, employees = knowledge.questions, knowledge.employees
    box.scalars = {
        "half_life": knowledge.half_life,
        "vectors_kept": questions.vectors.kept,
        "vectors_seen": questions.vectors.seen,
        "length_sum": questions.length_sum,
        "landmarks": employees.landmarks,
    }
    for name, column in _columns(knowledge):
        box.arrays[name] = column.values
    for name, tallies in _tallies(knowledge):
        _pack_tallies(box, name, tallies)
    for name, vocabulary in (("words", questions.words), ("topics", questions.topics)):
        box.put_text(name, vocabulary.names)
    box.put_lists("places", questions.postings)
    box.put_lists("strengths", questions.strengths)
    box.arrays["vectors"] = questions.vectors.rows[: len(questions.vectors.places)].ravel()
    out_of_order = sorted(questions.out_of_order.items())
    box.arrays["stragglers"] = np.array(out_of_order, dtype=np.int64).reshape(-1)
    box.arrays["weights"] = weights.values.ravel()
    return box.sealed()


def unpack(data: bytes | memoryview) -> tuple[Knowledge, FeatureWeights]:
    """The model of a snapshot.

    Raises:
        DamagedSnapshot: The bytes are cut short, altered, of another version, or no snapshot at all.
    """
    try:
        box = _Box.opened(data)
        return _restored(box), FeatureWeights.of_values(box.arrays["weights"])
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise DamagedSnapshot(f"The snapshot of the experts does not add up ({error}); {_REMEDY}") from error


@dataclass(slots=True)
class _Box:
    """Named scalars and arrays."""

    scalars: dict[str, Any]
    arrays: dict[str, NDArray[Any]]

    def put_text(self, name: str, words: Iterable[str]) -> None:
        self.arrays[name] = np.frombuffer(_BETWEEN.join(words).encode(), dtype=np.uint8)

    def text(self, name: str) -> list[str]:
        joined = self.arrays[name].tobytes().decode()
        return joined.split(_BETWEEN) if joined else []

    def put_lists(self, name: str, lists: "Sequence[array[int] | array[float]]") -> None:
        self.arrays[f"{name}.sizes"] = np.array([len(one) for one in lists], dtype=np.int64)
        kind = np.dtype(lists[0].typecode if lists else "i")
        self.arrays[name] = np.frombuffer(b"".join(memoryview(one) for one in lists), dtype=kind)

    def lists(self, name: str, kind: str) -> "list[array[Any]]":
        flat, at = self.arrays[name], 0
        lists: list[array[Any]] = []
        for size in self.arrays[f"{name}.sizes"].tolist():
            lists.append(array(kind, flat[at : at + size].tobytes()))
            at += size
        return lists

    def sealed(self) -> bytes:
        listed = [[name, values.dtype.str, len(values)] for name, values in self.arrays.items()]
        head = json.dumps({"scalars": self.scalars, "arrays": listed}).encode()
        head += b" " * (-(len(head) + _FRONT.size) % 8)
        checksum = zlib.crc32(head, len(head))
        parts = [head]
        for values in self.arrays.values():
            raw = values.tobytes() + b"\0" * (-values.nbytes % 8)
            checksum = zlib.crc32(raw, checksum)
            parts.append(raw)
        return b"".join([_FRONT.pack(_MAGIC, VERSION, checksum, len(head)), *parts])

    @classmethod
    def opened(cls, data: bytes | memoryview) -> Self:
        view = memoryview(data)
        if len(view) < _FRONT.size:
            raise DamagedSnapshot(f"The snapshot of the experts is cut short; {_REMEDY}")
        magic, version, checksum, head_size = _FRONT.unpack_from(view)
        if magic != _MAGIC:
            raise DamagedSnapshot(f"This is no snapshot of the experts; {_REMEDY}")
        if version != VERSION:
            raise DamagedSnapshot(
                f"The snapshot of the experts has version {version}, not {VERSION}; {_REMEDY}"
            )
        if zlib.crc32(view[_FRONT.size :], head_size) != checksum:
            raise DamagedSnapshot(f"The snapshot of the experts is damaged or cut short; {_REMEDY}")
        head = json.loads(bytes(view[_FRONT.size : _FRONT.size + head_size]))
        arrays, at = {}, _FRONT.size + head_size
        for name, kind, size in head["arrays"]:
            arrays[name] = np.frombuffer(view, dtype=kind, count=size, offset=at)
            at += arrays[name].nbytes + (-arrays[name].nbytes % 8)
        return cls(head["scalars"], arrays)


def _columns(knowledge: Knowledge) -> list[tuple[str, GrowableArray]]:
    questions, employees = knowledge.questions, knowledge.employees
    found = [
        ("questions", questions.ids),
        ("vector_places", questions.vectors.places),
        ("topic_questions", knowledge.topic_questions),
        ("turned_out", knowledge.turned_out),
        ("turned_out_at", knowledge.turned_out_at),
        ("employees", employees.ids),
        ("answers", employees.answers),
        ("last_answered", employees.last_answered),
        ("last_question", employees.last_question),
    ]
    found += [(f"activity{scale}", column) for scale, column in enumerate(employees.activity)]
    for name, lists in (("answerers", questions.answerers), ("filed", questions.filed)):
        found += [(f"{name}.{part}", getattr(lists, part)) for part in ("head", "next", "item", "time")]
    return found


def _tallies(knowledge: Knowledge) -> list[tuple[str, DecayedCounts]]:
    return [
        ("by_word", knowledge.by_word),
        ("by_topic", knowledge.by_topic),
        ("by_topic_recent", knowledge.by_topic_recent),
        ("topics_by_word", knowledge.topics_by_word),
        ("outcomes", knowledge.employees.outcomes),
    ]


def _pack_tallies(box: _Box, name: str, tallies: DecayedCounts) -> None:
    tallies.order()
    box.scalars[f"{name}.landmark"] = tallies.landmark
    box.arrays[f"{name}.sums"] = tallies.sums.values
    box.put_lists(f"{name}.members", tallies.members)
    box.put_lists(f"{name}.weights", tallies.weights)


def _restored(box: _Box) -> Knowledge:
    knowledge = Knowledge(timedelta(seconds=box.scalars["half_life"]), box.scalars["vectors_kept"])
    questions, employees = knowledge.questions, knowledge.employees
    for name, column in _columns(knowledge):
        column.restore(box.arrays[name])
    for name, tallies in _tallies(knowledge):
        tallies.landmark = box.scalars[f"{name}.landmark"]
        tallies.sums.restore(box.arrays[f"{name}.sums"])
        tallies.members = box.lists(f"{name}.members", "i")
        tallies.weights = box.lists(f"{name}.weights", "f")
        tallies.ordered = [len(members) for members in tallies.members]
    questions.words, questions.topics = Vocabulary(box.text("words")), Vocabulary(box.text("topics"))
    questions.postings, questions.strengths = box.lists("places", "i"), box.lists("strengths", "B")
    questions.length_sum = box.scalars["length_sum"]
    questions.out_of_order = dict(box.arrays["stragglers"].reshape(-1, 2).tolist())
    vectors = questions.vectors
    vectors.seen = box.scalars["vectors_seen"]
    if len(vectors.places):
        vectors.rows = box.arrays["vectors"].reshape(len(vectors.places), -1).copy()
    employees.landmarks = list(box.scalars["landmarks"])
    employees.reindex()
    return knowledge
