"""Arrays that grow: what the experts' model keeps its millions of small facts in."""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.model.arrays import Ints

_FIRST = 64
_UNSORTED = 128
"""Entries of a tally looked through one by one before they are sorted in."""
_FEW = 64
"""Up to so many additions are quicker counted in one by one than sorted first."""
_MOST_PENDING = 1 << 19
"""Additions that wait to be counted in; 16 bytes each."""


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
        if self._size == len(self._data):
            self.resize(self._size + 1)
            self._size -= 1
        self._data[self._size] = value
        self._size += 1

    def increase(self, place: int, amount: float) -> None:
        """Add to one value."""
        self._data[place] += amount

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
        self.next.append(heads[owner])
        self.item.append(item)
        self.time.append(at)
        heads[owner] = len(self.item) - 1

    def remove(self, owner: int, entry: int) -> None:
        """Take an entry of the owner's list out of it, by the entry's number."""
        heads, following = self.head.values, self.next.values
        if heads[owner] == entry:
            heads[owner] = following[entry]
            return
        at = int(heads[owner])
        while at >= 0 and following[at] != entry:
            at = int(following[at])
        if at >= 0:
            following[at] = following[entry]

    def of(self, owner: int) -> list[int]:
        """The owner's items, the latest first."""
        items = self.item.values
        return [int(items[entry]) for entry in self.entries(owner)]

    def entries(self, owner: int) -> Iterator[int]:
        """The numbers of the owner's entries, the latest first."""
        at = int(self.head.values[owner]) if owner < len(self.head) else -1
        while at >= 0:
            yield at
            at = int(self.next.values[at])

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
        """As ``entries`` of many owners: the position in ``owners`` of each entry, and its number."""
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

    Additions wait until somebody looks or many have gathered: counted in together they take a fraction of the
    time, and the counts are the same to the last bit.
    """

    def __init__(self, half_life: float, landmark: float | None = None) -> None:
        self.half_life = half_life
        self.landmark = landmark
        self.members: list[array[int]] = []
        self.weights: list[array[float]] = []
        self.ordered: list[int] = []
        self.sums = GrowableArray("float64")
        self._pending_keys: array[int] = array("i")
        self._pending_members: array[int] = array("i")
        self._pending_weights: array[float] = array("d")
        self._pending_counts: array[int] = array("i")

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever counted."""
        return not self.members and not self._pending_keys

    def add(self, keys: Sequence[int], member: int, at: float, amount: float = 1.0) -> None:
        """Count a member under some keys, at the second ``at``."""
        weight = amount * self._growth(at)
        self._pending_keys.extend(keys)
        self._pending_members.append(member)
        self._pending_weights.append(weight)
        self._pending_counts.append(len(keys))
        if len(self._pending_keys) >= _MOST_PENDING:
            self._count_in()

    def scale(self, now: float) -> float:
        """What to multiply the stored weights with to have them as of ``now``."""
        return 0.0 if self.landmark is None else float(2.0 ** ((self.landmark - now) / self.half_life))

    def total(self, key: int) -> float:
        """The stored weight of a key over all members."""
        self._count_in()
        return float(self.sums.values[key]) if key < len(self.sums) else 0.0

    def row(self, key: int, limit: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """The members of a key and their stored weights; of many, the ``limit`` heaviest.

        Views of what is stored: nothing can be added while they are held.
        """
        self._count_in()
        if key >= len(self.members) or not self.members[key]:
            return np.empty(0, np.int32), np.empty(0, np.float32)
        members = np.frombuffer(self.members[key], dtype=np.int32)
        weights = np.frombuffer(self.weights[key], dtype=np.float32)
        if len(members) > limit:
            heaviest = np.argpartition(weights, -limit)[-limit:]
            return members[heaviest], weights[heaviest]
        return members, weights

    def move_key(self, key: int, to: int) -> None:
        """Whatever is counted under one key is counted under another from now on."""
        self._count_in()
        if key >= len(self.members) or key == to:
            return
        self._make_room(to)
        former = list(zip(self.members[key], self.weights[key], strict=True))
        self.members[key], self.weights[key], self.ordered[key] = array("i"), array("f"), 0
        self.sums.values[to] += self.sums.values[key]
        self.sums.values[key] = 0.0
        for member, weight in former:
            self._count_in_one(to, member, weight)

    def move_member(self, member: int, to: int) -> None:
        """Whatever is counted for one member, under any key, is counted for another from now on."""
        self._count_in()
        for key in range(len(self.members)):
            place = self._find(key, member)
            if place is not None and (weight := self.weights[key][place]):
                self.weights[key][place] = 0.0
                self._count_in_one(key, to, weight)

    def order(self) -> None:
        """Count in and sort in all that was only appended so far."""
        self._count_in()
        for key, members in enumerate(self.members):
            if self.ordered[key] < len(members):
                self._order(key)

    def _count_in(self) -> None:
        """Count in what was added since this was last done."""
        if not self._pending_keys:
            return
        keys, times = (
            np.frombuffer(self._pending_keys, np.int32),
            np.frombuffer(self._pending_counts, np.int32),
        )
        members = np.repeat(np.frombuffer(self._pending_members, np.int32), times)
        weights = np.repeat(np.frombuffer(self._pending_weights), times)
        self._pending_keys, self._pending_counts = array("i"), array("i")
        self._pending_members, self._pending_weights = array("i"), array("d")
        self._make_room(int(keys.max()))
        if len(keys) > _FEW:
            self._count_in_many(keys, members, weights)
            return
        for key, member, weight in zip(keys.tolist(), members.tolist(), weights.tolist(), strict=True):
            self.sums.values[key] += weight
            self._count_in_one(key, member, weight)

    def _count_in_one(self, key: int, member: int, weight: float) -> None:
        place = self._find(key, member)
        if place is not None:
            self.weights[key][place] += weight
            return
        self.members[key].append(member)
        self.weights[key].append(weight)
        if len(self.members[key]) - self.ordered[key] > _UNSORTED:
            self._order(key)

    def _count_in_many(
        self, keys: NDArray[np.int32], members: NDArray[np.int32], weights: NDArray[np.float64]
    ) -> None:
        np.add.at(self.sums.values, keys, weights)
        cells, cell_of = np.unique((keys.astype(np.int64) << 32) | members, return_inverse=True)
        cell_keys, cell_members = cells >> 32, (cells & 0xFFFFFFFF).astype(np.int32)
        bounds = np.flatnonzero(np.diff(cell_keys, prepend=-1, append=-1)).tolist()
        spans = list(zip(cell_keys[bounds[:-1]].tolist(), map(slice, bounds[:-1], bounds[1:]), strict=True))
        # The former counts first and then what came, in its order: as if one by one.
        counts = np.zeros(len(cells), np.float32)
        places = [self._make_places(key, cell_members[span]) for key, span in spans]
        for (key, span), found in zip(spans, places, strict=True):
            counts[span] = np.frombuffer(self.weights[key], np.float32)[found]
        np.add.at(counts, cell_of, weights)
        for (key, span), found in zip(spans, places, strict=True):
            np.frombuffer(self.weights[key], np.float32)[found] = counts[span]

    def _make_places(self, key: int, members: NDArray[np.int32]) -> Ints | list[int] | slice:
        """Where a key's members, ascending and each once, stand; a new one gets a place of weight 0."""
        present = self.members[key]
        if not present:
            present.frombytes(members.tobytes())
            self.weights[key].frombytes(bytes(members.nbytes))
            self.ordered[key] = len(members)
            return slice(0, len(members))
        if self.ordered[key] < len(present):
            self._order(key)
        if len(members) <= _FEW:
            return self._make_few_places(key, members.tolist())
        former = np.frombuffer(self.members[key], np.int32)
        places = former.searchsorted(members)
        is_new = former.take(places, mode="clip") != members
        places += np.cumsum(is_new) - is_new
        added = places[is_new]
        if len(added):
            is_former = np.ones(len(former) + len(added), np.bool_)
            is_former[added] = False
            merged, weights = np.empty(len(is_former), np.int32), np.zeros(len(is_former), np.float32)
            merged[is_former], merged[added] = former, members[is_new]
            weights[is_former] = np.frombuffer(self.weights[key], np.float32)
            self.members[key], self.weights[key] = array("i", merged.tobytes()), array("f", weights.tobytes())
            self.ordered[key] = len(merged)
        return places

    def _make_few_places(self, key: int, members: Sequence[int]) -> list[int]:
        present, weights = self.members[key], self.weights[key]
        places = []
        for member in members:
            place = bisect_left(present, member)
            if place == len(present) or present[place] != member:
                present.insert(place, member)
                weights.insert(place, 0.0)
            places.append(place)
        self.ordered[key] = len(present)
        return places

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
        self._count_in()
        shrink = 2.0**-halvings
        self.landmark = at
        self.sums.values[:] *= shrink
        for key, weights in enumerate(self.weights):
            shrunk = np.frombuffer(weights, dtype=np.float32) * np.float32(shrink)
            self.weights[key] = array("f", shrunk.astype(np.float32).tobytes())
