"""Figures of each employee, whatever the question: how active, and how answers and offers turned out."""

import numpy as np
from numpy.typing import NDArray

from routing.experts.growable import DecayedCounts, GrowableArray
from routing.model.arrays import Floats, Ints
from routing.model.domain import Outcome

SCALES = (1 / 50, 1 / 16, 1 / 5, 1.0, 5.0)
"""The spans over which activity fades, in half-lives of the model: from "this very day" to "ever"."""
LONG = 3
"""Position in ``SCALES`` of the model's own half-life."""
RECENT = 2
"""Position in ``SCALES`` of the span for what is current."""
NOBODY = 0
"""The slot of everybody the model has never heard of."""

_FADING = 1e-5
"""Share of activity that counts as none."""
_DOUBT = 4.0
"""Outcomes it takes to be half convinced."""
_OUTCOMES = (Outcome.SOLVED, Outcome.CORRECTED, Outcome.PASSED, Outcome.IGNORED)
_RATIO_LIMIT = 500
"""Halvings after which the fixed moment of a scale moves, well inside of float64."""


class EmployeeStats:
    """One row per employee ("slot"), found by id; slot 0 stands for everybody unknown."""

    def __init__(self, half_life: float) -> None:
        self.half_life = half_life
        self._spans = [half_life * scale for scale in SCALES]
        self.ids = GrowableArray("int64")
        self.activity = [GrowableArray("float64") for _ in SCALES]
        self.landmarks: list[float | None] = [None for _ in SCALES]
        self.answers = GrowableArray("int32")
        self.last_answered = GrowableArray("float64", fill=-np.inf)
        self.last_question = GrowableArray("int64", fill=-1)
        self.outcomes = DecayedCounts(half_life * SCALES[-1])
        self._slots: dict[int, int] = {}
        self._sorted: tuple[Ints, Ints] | None = None
        self._open_row(np.iinfo(np.int64).min)

    def __len__(self) -> int:
        return len(self.ids)

    def slot(self, employee_id: int) -> int:
        """The employee's slot, opened when new."""
        found = self._slots.get(employee_id)
        return self._open_row(employee_id) if found is None else found

    def slots(self, employee_ids: Ints) -> Ints:
        """The slots of many employees; ``NOBODY`` for the unknown."""
        if self._sorted is None:
            order = np.argsort(self.ids.values)
            self._sorted = (self.ids.values[order].astype(np.int64), order)
        ids, order = self._sorted
        places = np.minimum(np.searchsorted(ids, employee_ids), len(ids) - 1)
        return np.where(ids[places] == employee_ids, order[places], NOBODY)

    def answered(self, slot: int, at: float, questions: int) -> None:
        """Note an answer at the second ``at``, when ``questions`` had been asked in all."""
        for column, growth in zip(self.activity, self._growths(at), strict=True):
            column.increase(slot, growth)
        self.answers.increase(slot, 1)
        self.last_answered.values[slot] = max(float(self.last_answered.values[slot]), at)
        self.last_question.values[slot] = questions

    def record_outcome(self, slot: int, outcome: Outcome, at: float, amount: float = 1.0) -> None:
        """Note how an answer or offer turned out; being published is the usual and says nothing.

        With an ``amount`` of -1 what was noted of that moment is taken back.
        """
        kept = Outcome.CORRECTED if outcome is Outcome.WRONG else outcome
        if kept in _OUTCOMES:
            self.outcomes.add([_OUTCOMES.index(kept)], slot, at, amount)

    def share(self, scale: int) -> Floats:
        """Everybody's share of all activity on one scale; it does not change as time goes by."""
        activity = self.activity[scale].values
        return np.asarray(activity / max(float(activity.sum()), 1e-300), dtype=np.float64)

    def amount_of_each(self, now: float) -> Floats:
        """Everybody's answers as they weigh now on the longest scale."""
        landmark = self.landmarks[-1]
        faded = 0.0 if landmark is None else 2.0 ** ((landmark - now) / (self.half_life * SCALES[-1]))
        return np.asarray(self.activity[-1].values * faded, dtype=np.float64)

    def activity_features(self, questions: int) -> NDArray[np.float32]:
        """Logarithms of the activity shares per scale, and of the questions since the last answer."""
        rows = [np.log(self.share(scale) + _FADING) for scale in range(len(SCALES))]
        since = questions - self.last_question.values.astype(np.float64)
        rows.append(-np.log1p(np.maximum(since, 0.0)))
        return np.asarray(rows, dtype=np.float32)

    def outcome_feature(self, now: float) -> NDArray[np.float32]:
        """How answers and offers turned out, as a logarithm: 0 for nothing known, above 0 for good."""
        counts = np.zeros((len(_OUTCOMES), len(self)))
        for key, row in enumerate(counts):
            members, weights = self.outcomes.row(key, len(self))
            row[members] = weights * self.outcomes.scale(now)
        solved, corrected, passed, ignored = counts
        quality = np.log((solved + _DOUBT) / (2 * corrected + _DOUBT))
        answered = self.amount_of_each(now) + _DOUBT
        willing = np.log(answered / (answered + 0.5 * passed + ignored))
        return np.asarray(np.clip(quality, -1.5, 1.5) + np.clip(willing, -1.5, 0.0), dtype=np.float32)

    def _growths(self, at: float) -> list[float]:
        """What an answer at that second counts, by scale."""
        growths = []
        for scale, span in enumerate(self._spans):
            landmark = self.landmarks[scale]
            if landmark is None:
                self.landmarks[scale] = landmark = at
            halvings = (at - landmark) / span
            if halvings > _RATIO_LIMIT:
                self.activity[scale].values[:] *= 2.0**-halvings
                self.landmarks[scale] = at
                halvings = 0.0
            growths.append(2.0 ** max(halvings, -_RATIO_LIMIT))
        return growths

    def _open_row(self, employee_id: int) -> int:
        slot = len(self.ids)
        self.ids.append(employee_id)
        for column in (*self.activity, self.answers, self.last_answered, self.last_question):
            column.resize(slot + 1)
        self._slots[employee_id] = slot
        self._sorted = None
        return slot

    def reindex(self) -> None:
        """Rebuild the way from ids to slots after the columns were filled from a snapshot."""
        self._slots = {int(employee): slot for slot, employee in enumerate(self.ids.values)}
        self._sorted = None
