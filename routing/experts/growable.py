"""Arrays that grow: what the experts' model keeps its millions of small facts in."""

from array import array
from bisect import bisect_left
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.model.arrays import Ints

_FIRST = 64
_UNSORTED = 128
"""Entries of a tally looked through one by one before they are sorted in."""


class GrowableArray:
    """A numpy array with a cheap ``append``: capacity grows by half when it runs out."""

    def __init__(self, dtype: str, fill: float = 0) -> None:
        self._fill = fill
        self._data = np.full(_FIRST, fill, dtype=dtype)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def values(self) -> NDArray[Any]:
        """The values, as a view: changing it changes the column."""
        return self._data[: self._size]

    def restore(self, values: NDArray[Any]) -> None:
        """Put these values in the place of all there are."""
        self._size = 0
        self.resize(len(values))
        self._data[: len(values)] = values

    def append(self, value: float) -> None:
        self.resize(self._size + 1)
        self._data[self._size - 1] = value

    def resize(self, size: int) -> None:
        """Make the column at least ``size`` long, filling up."""
        if size > len(self._data):
            grown = np.full(max(size, len(self._data) * 3 // 2), self._fill, dtype=self._data.dtype)
            grown[: self._size] = self._data[: self._size]
            self._data = grown
        self._size = max(self._size, size)


class AdjacencyLists:
    """One linked list per owner, in flat arrays: who answered a question, what it was filed under."""

    def __init__(self) -> None:
        self.head = GrowableArray("int32", fill=-1)
        self.next = GrowableArray("int32")
        self.item = GrowableArray("int32")
        self.time = GrowableArray("float64")

    def add(self, owner: int, item: int, at: float) -> None:
        """Put an item at the front of the owner's list; ``at`` is when, in seconds since 1970."""
        self.head.resize(owner + 1)
        heads = self.head.values
        self.next.append(float(heads[owner]))
        self.item.append(item)
        self.time.append(at)
        heads[owner] = len(self.item) - 1

    def of(self, owner: int) -> list[int]:
        """The owner's items, the latest first."""
        _, entries = self.gather(np.array([owner]))
        return [int(item) for item in self.item.values[entries]]

    def linked_one(self, owner: int) -> bool:
        """Whether the owner has anything on its list."""
        return owner < len(self.head) and bool(self.head.values[owner] >= 0)

    def linked(self, owners: Ints) -> NDArray[np.bool_]:
        """Which of the owners have anything on their list."""
        known = owners < len(self.head)
        heads = self.head.values
        found: NDArray[np.bool_] = known.copy()
        found[known] = heads[owners[known]] >= 0
        return found

    def gather(self, owners: Ints) -> tuple[Ints, Ints]:
        """All entries of many owners: the position in ``owners`` of each, and the entry's number."""
        where = np.flatnonzero(self.linked(owners))
        at = self.head.values[owners[where]].astype(np.int64)
        positions, entries = [where], [at]
        following = self.next.values
        while at.size:
            at = following[at].astype(np.int64)
            more = at >= 0
            at, where = at[more], where[more]
            positions.append(where)
            entries.append(at)
        return np.concatenate(positions), np.concatenate(entries)


class DecayedCounts:
    """Decayed counts by key and member: how often an employee answered under a topic, or a word.

    Counts halve every ``half_life`` seconds. They are kept as they would weigh at a fixed moment
    (``landmark``), so that nothing has to be touched as time goes by (Cormode et al., "Forward decay",
    ICDE 2009).
    """

    def __init__(self, half_life: float, landmark: float | None = None) -> None:
        self.half_life = half_life
        self.landmark = landmark
        self.members: list[array[int]] = []
        self.weights: list[array[float]] = []
        self.ordered: list[int] = []
        self.sums = GrowableArray("float64")

    def add(self, key: int, member: int, at: float, amount: float = 1.0) -> None:
        """Count a member under a key, at the second ``at``."""
        self._make_room(key)
        weight = amount * self._growth(at)
        self.sums.values[key] += weight
        members, weights = self.members[key], self.weights[key]
        place = self._find(key, member)
        if place is not None:
            weights[place] += weight
            return
        members.append(member)
        weights.append(weight)
        if len(members) - self.ordered[key] > _UNSORTED:
            self._order(key)

    def scale(self, now: float) -> float:
        """What to multiply the stored weights with to have them as of ``now``."""
        return 0.0 if self.landmark is None else float(2.0 ** ((self.landmark - now) / self.half_life))

    def total(self, key: int) -> float:
        """The stored weight of a key over all members."""
        return float(self.sums.values[key]) if key < len(self.sums) else 0.0

    def row(self, key: int, limit: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """The members of a key and their stored weights; of many, the ``limit`` heaviest.

        Views of what is stored: nothing can be added while they are held.
        """
        if key >= len(self.members) or not self.members[key]:
            return np.empty(0, np.int32), np.empty(0, np.float32)
        members = np.frombuffer(self.members[key], dtype=np.int32)
        weights = np.frombuffer(self.weights[key], dtype=np.float32)
        if len(members) > limit:
            heaviest = np.argpartition(weights, -limit)[-limit:]
            return members[heaviest], weights[heaviest]
        return members, weights

    def order(self) -> None:
        """Sort in all that was only appended so far."""
        for key, members in enumerate(self.members):
            if self.ordered[key] < len(members):
                self._order(key)

    def _find(self, key: int, member: int) -> int | None:
        members, ordered = self.members[key], self.ordered[key]
        if ordered:
            place = bisect_left(members, member, 0, ordered)
            if place < ordered and members[place] == member:
                return place
        try:
            return members.index(member, ordered)
        except ValueError:
            return None

    def _order(self, key: int) -> None:
        members = np.frombuffer(self.members[key], dtype=np.int32)
        ascending = np.argsort(members, kind="stable")
        weights = np.frombuffer(self.weights[key], dtype=np.float32)[ascending]
        self.members[key] = array("i", members[ascending].tobytes())
        self.weights[key] = array("f", weights.tobytes())
        self.ordered[key] = len(ascending)

    def _make_room(self, key: int) -> None:
        while len(self.members) <= key:
            self.members.append(array("i"))
            self.weights.append(array("f"))
            self.ordered.append(0)
        self.sums.resize(key + 1)

    def _growth(self, at: float) -> float:
        if self.landmark is None:
            self.landmark = at
        halvings = (at - self.landmark) / self.half_life
        if halvings > 64:  # stay far from the largest float32
            self._move_landmark(at, halvings)
            halvings = 0.0
        return float(2.0 ** max(halvings, -120.0))

    def _move_landmark(self, at: float, halvings: float) -> None:
        shrink = 2.0**-halvings
        self.landmark = at
        self.sums.values[:] *= shrink
        for key, weights in enumerate(self.weights):
            shrunk = np.frombuffer(weights, dtype=np.float32) * np.float32(shrink)
            self.weights[key] = array("f", shrunk.astype(np.float32).tobytes())
