"""The matters that a new question may belong to, each as a sum and a count."""

import numpy as np

from routing.matters.frame import VectorRows
from routing.model.arrays import Floats, Ints, Vector

_SLACK = 0.05
_HALF_LIFE = 30 * 86_400.0
"""Seconds in which a matter that nobody asks about loses as much weight as half of its questions."""


class UnknownMatter(LookupError):
    """There is no such matter (any more); ``str(error)`` names it."""


class MatterTable:
    """Up to ``kept`` matters (a twentieth more for a while).

    A matter's *core* are those of its questions that are not grouped again: they have left the window, or
    people have said that they belong there. Of them only the sum of vectors and the count are kept.
    """

    def __init__(self, kept: int, opened_at_once: int, dimensions: int) -> None:
        """Start without matters; up to ``opened_at_once`` may come before others are let go."""
        room = int(kept * (1 + _SLACK)) + 1 + opened_at_once
        self.kept = kept
        self.count = 0
        self.slots: dict[int, int] = {}
        self._ids = np.zeros(room, dtype=np.int64)
        self._touched = np.zeros(room)
        self._sizes = np.zeros(room)
        self._core_sizes = np.zeros(room)
        self._sums = np.zeros((room, dimensions), dtype=np.float32)
        self._core_sums = np.zeros((room, dimensions), dtype=np.float32)

    def __len__(self) -> int:
        return self.count

    def __contains__(self, matter: int) -> bool:
        return matter in self.slots

    @property
    def ids(self) -> Ints:
        """The matters', shape (matters,)."""
        return self._ids[: self.count]

    @property
    def touched(self) -> Floats:
        """When a question last came to each, in seconds since 1970."""
        return self._touched[: self.count]

    @property
    def sizes(self) -> Floats:
        """How many questions each has."""
        return self._sizes[: self.count]

    @property
    def core_sizes(self) -> Floats:
        """How many of them are its core."""
        return self._core_sizes[: self.count]

    @property
    def sums(self) -> VectorRows:
        """The sums of all their questions' vectors."""
        return self._sums[: self.count]

    @property
    def core_sums(self) -> VectorRows:
        """The sums of their cores' vectors."""
        return self._core_sums[: self.count]

    @property
    def is_full(self) -> bool:
        """Whether it is time to let some go."""
        return self.count > self.kept * (1 + _SLACK)

    def slot(self, matter: int) -> int:
        """The row of a matter. Raises UnknownMatter."""
        if matter not in self.slots:
            raise UnknownMatter(f"There is no matter {matter} among those that questions are gathered in.")
        return self.slots[matter]

    def open(self, matter: int, touched: float) -> int:
        """A row for a new matter, without questions."""
        slot = self.count
        self.count += 1
        self.slots[matter] = slot
        self._ids[slot], self._touched[slot] = matter, touched
        return slot

    def nearest(self, row: Vector, alike: float) -> int | None:
        """The matter whose questions are most alike to a drawn vector on average; None if less than alike."""
        if self.count == 0:
            return None
        likeness = (self.sums @ row) / np.maximum(self.sizes, 1e-9)
        best = int(likeness.argmax())
        return int(self.ids[best]) if likeness[best] >= alike else None

    def add(self, matter: int, row: Vector, *, core: bool) -> None:
        """Count one more question, in the core or beside it."""
        slot = self.slot(matter)
        self.sums[slot] += row
        self.sizes[slot] += 1
        if core:
            self.add_to_core(matter, row)

    def add_to_core(self, matter: int, row: Vector) -> None:
        """Let a question that is counted already be of the core."""
        slot = self.slot(matter)
        self.core_sums[slot] += row
        self.core_sizes[slot] += 1

    def take_away(self, matter: int, row: Vector | None) -> None:
        """Count one question less: the one with ``row``, or, of the core, an average one.

        A matter without questions is gone.
        """
        slot = self.slot(matter)
        if row is None:
            row = self.core_sums[slot] / np.float32(max(self.core_sizes[slot], 1.0))
            self.core_sums[slot] -= row
            self.core_sizes[slot] -= 1
        self.sums[slot] -= row
        self.sizes[slot] -= 1
        if self.sizes[slot] < 0.5:
            self.close(matter)
        elif self.core_sizes[slot] < 0.5:
            self.core_sums[slot], self.core_sizes[slot] = 0.0, 0.0

    def merge(self, kept: int, gone: int) -> None:
        """Let the questions of one matter be the other's."""
        into, of = self.slot(kept), self.slot(gone)
        for column in (self.sums, self.sizes, self.core_sums, self.core_sizes):
            column[into] += column[of]
        self.touched[into] = max(self.touched[into], self.touched[of])
        self.close(gone)

    def close(self, matter: int) -> None:
        """Forget a matter."""
        slot, last = self.slots.pop(matter), self.count - 1
        columns = (self._ids, self._touched, self._sizes, self._core_sizes, self._sums, self._core_sums)
        for column in columns:
            column[slot] = column[last]
            column[last] = 0
        if slot != last:
            self.slots[int(self._ids[slot])] = slot
        self.count = last

    def least(self, held: Ints, now: float) -> list[int]:
        """Those beyond ``kept`` that matter least: few questions, long ago; never any of ``held``."""
        worth = np.log2(np.maximum(self.sizes, 1.0)) - np.maximum(now - self.touched, 0.0) / _HALF_LIFE
        worth[np.isin(self.ids, held)] = np.inf
        surplus = max(self.count - self.kept, 0)
        order = np.lexsort((self.ids, worth))[:surplus]
        return [int(self.ids[slot]) for slot in order if worth[slot] < np.inf]
