"""What the experts' model is asked, and what it says: values that leave `routing.experts.experts`."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from routing.model.arrays import Vector
from routing.model.domain import TopicWeight


class Component(StrEnum):
    """One expert of the product: a kind of evidence that somebody can answer."""

    NEIGHBOURS = "neighbours"
    """Answered similar past questions."""
    MEANING = "meaning"
    """Answered past questions of similar meaning (needs the embedding model)."""
    TERMS = "terms"
    """Answered questions with the same words."""
    TOPICS = "topics"
    """Answered questions of the same topics."""
    ACTIVITY = "activity"
    """Answers much, lately."""
    OUTCOMES = "outcomes"
    """Answers that helped; offers not ignored."""
    DECLARED = "declared"
    """Said to know the topics."""


@dataclass(frozen=True, slots=True)
class PastQuestion:
    """A question of the past, as the model learns it.

    ``text`` is what the customer wrote first, ``body`` whatever followed (may be empty), ``topics`` the
    slugs it was filed under, ``vector`` the embedding of the text.
    """

    id: int
    asked_at: datetime
    text: str
    body: str = ""
    topics: tuple[str, ...] = ()
    language: str | None = None
    vector: Vector | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A question somebody is wanted for. Without ``topics`` the model predicts them."""

    text: str
    topics: tuple[TopicWeight, ...] = ()
    language: str | None = None
    vector: Vector | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for each candidate.

    ``contributions`` has one row per component and one column per candidate; a candidate's score is the
    sum of the column, exactly. ``neighbours`` counts the near past questions a candidate answered,
    ``answers`` all answers known of them; ``last_answered`` is in seconds since 1970, minus infinity for who
    never did. ``topics`` are what the model takes the query to be about, empty if it is unsure.
    """

    employees: NDArray[np.int64]
    components: tuple[Component, ...]
    contributions: NDArray[np.float64]
    neighbours: NDArray[np.int64]
    answers: NDArray[np.int64]
    last_answered: NDArray[np.float64]
    topics: tuple[TopicWeight, ...] = ()

    @property
    def total(self) -> NDArray[np.float64]:
        """The log score of each candidate (higher is better; not normalised)."""
        return np.asarray(self.contributions.sum(axis=0), dtype=np.float64)

    def order(self, limit: int | None = None) -> NDArray[np.int64]:
        """Positions of the candidates, best first; ties go to the smaller employee id."""
        ranked = np.lexsort((self.employees, -self.total))
        return ranked if limit is None else ranked[:limit]


@dataclass(frozen=True, slots=True)
class Ranked:
    """The best candidates for one query, best first, with their log scores."""

    employees: NDArray[np.int64]
    scores: NDArray[np.float64]
