"""Fair turns: how ties are broken, and the place kept for who is new or has long not been asked."""

from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from routing.ladder.policy import Policy
from routing.ladder.roster import Roster, Workload
from routing.ladder.score import Scores
from routing.model.arrays import Ints, Mask
from routing.model.domain import Question

_HASTE = 12
"""Fitting questions may come hours apart: long before the time is up, the next one must be a newcomer's."""
_EXPLORE = 0
"""Drawn with a question's id, says whether the question explores; no employee has this id."""


def hash_uniform(question_id: int, employee_ids: NDArray[np.int64]) -> NDArray[np.float64]:
    """A number in [0, 1) for each pair, always the same for the same pair, otherwise as good as random.

    The finaliser of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
    OOPSLA 2014) over both ids.
    """
    seed = np.array([question_id], dtype=np.int64).view(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed = employee_ids.astype(np.int64).view(np.uint64) + seed
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return np.asarray((mixed >> np.uint64(11)) / 2.0**53, dtype=np.float64)


def within_fair_load(today: Ints, wanted: int, most_load: float) -> Mask:
    """Who of some equals may be asked again without being asked too much, given everybody's offers today.

    The bound is ``most_load`` times the mean. When fewer than ``wanted`` stay below it, all may.
    """
    mask = np.asarray(today <= most_load * today.mean(), dtype=np.bool_)
    return mask if mask.sum() >= wanted else np.ones(len(today), dtype=np.bool_)


def newcomer_in_turn(
    question: Question, policy: Policy, roster: Roster, workload: Workload, scores: Scores, now: datetime
) -> int | None:
    """The column of whoever gets the place kept for newcomers in this question; None when nobody does.

    Newcomers declared expertise that covers the question and were never asked, or not for
    ``forgotten_after``. Who can still get a first offer in time goes before the others, then who has waited
    longest. A share of ``explore_rate`` of the questions is
    theirs; it grows with the longest wait and reaches every question after a twelfth of ``newcomer_within``.
    """
    if question.rung > 0 or question.round > 0:
        return None
    last = workload.last_offered[scores.positions]
    forgotten = now.timestamp() - policy.forgotten_after.total_seconds()
    new = np.flatnonzero((scores.coverage > 0) & (np.isnan(last) | (last < forgotten)))
    if not len(new):
        return None
    since = np.where(np.isnan(last[new]), roster.joined_at[scores.positions[new]], last[new])
    waited = np.maximum(np.nan_to_num(now.timestamp() - since), 0.0)
    share = max(policy.explore_rate, waited.max() / policy.newcomer_within.total_seconds() * _HASTE)
    if hash_uniform(question.id, np.array([_EXPLORE]))[0] >= share:
        return None
    late = ~(np.isnan(last[new]) & (waited <= policy.newcomer_within.total_seconds()))
    lot = hash_uniform(question.id, roster.ids[scores.positions[new]])
    return int(new[np.lexsort((lot, -waited, late))][0])
