"""The latest questions, with all that is needed to group them again."""

from collections.abc import Sequence

import numpy as np

from routing.matters.frame import Frame, VectorRows, all_drawn_near
from routing.model.arrays import Ints, Mask, Vector

_SLACK = 512
"""How many questions leave together: moving the others up costs as much for one as for many."""


class QuestionWindow:
    """The latest ``size`` questions (up to 512 more for a while), in the order in which they came."""

    def __init__(self, size: int, dimensions: int) -> None:
        self.room = room = size + _SLACK
        self.size = size
        self.count = 0
        self._ids = np.zeros(room, dtype=np.int64)
        self._matters = np.zeros(room, dtype=np.int64)
        self._bound = np.zeros(room, dtype=np.bool_)
        self._vectors = np.zeros((room, dimensions), dtype=np.float32)
        self._centred = np.zeros((room, dimensions), dtype=np.float32)
        self._drawn = np.zeros((room, dimensions), dtype=np.float32)

    def __len__(self) -> int:
        return self.count

    @property
    def ids(self) -> Ints:
        """The questions', shape (questions,)."""
        return self._ids[: self.count]

    @property
    def matters(self) -> Ints:
        """The matter each question belongs to."""
        return self._matters[: self.count]

    @property
    def bound(self) -> Mask:
        """Whether people have said where a question belongs: it is then a part of the matter's core."""
        return self._bound[: self.count]

    @property
    def vectors(self) -> VectorRows:
        """The questions' vectors as they came."""
        return self._vectors[: self.count]

    @property
    def centred(self) -> VectorRows:
        """The same in the present frame."""
        return self._centred[: self.count]

    @property
    def drawn(self) -> VectorRows:
        """The same after the step towards their nearest ones."""
        return self._drawn[: self.count]

    @property
    def surplus(self) -> int:
        """How many questions, from the oldest on, have to leave before another can come."""
        return self.count - self.size if self.count == self.room else 0

    def append(self, question_id: int, matter: int, *, bound: bool, rows: Sequence[Vector]) -> None:
        """Add the latest question; ``rows`` are its vector, the centred and the drawn one."""
        at = self.count
        self.count += 1
        self._ids[at], self._matters[at], self._bound[at] = question_id, matter, bound
        self._vectors[at], self._centred[at], self._drawn[at] = rows

    def find(self, question_id: int) -> int | None:
        """The question's place; None once it has left."""
        places = np.flatnonzero(self.ids == question_id)
        return int(places[0]) if len(places) else None

    def remove(self, first: int, count: int = 1) -> None:
        """Let ``count`` questions leave, from the place ``first`` on."""
        left = self.count - count
        for column in (self._ids, self._matters, self._bound, self._vectors, self._centred, self._drawn):
            column[first:left] = column[first + count : self.count]
            column[left : self.count] = 0
        self.count = left

    def look_anew(self, frame: Frame) -> None:
        """Compare all questions in another frame."""
        self.centred[:] = frame.centred(self.vectors)
        self.drawn[:] = all_drawn_near(self.centred)
