"""What comes out of a simulation, counted."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from routing.model.domain import Employee, Offer

_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class PolicyFigures:
    """How a policy did. Shares are of all questions, times run from the customer's post.

    Attributes:
        questions: How many came in.
        answered: Share that employees answered; the rest went to a person in charge.
        within_10_minutes: Share answered within ten minutes.
        median_minutes: Half of the answered ones were answered within this time; None when none was.
        p90_minutes: Nine in ten of the answered ones were.
        offers_per_question: Offers made, per question.
        offers_per_answer: Offers made, per answered question; None when none was.
        load_mean: Offers per employee.
        load_max: Offers of the employee asked most.
        load_max_over_mean: The one by the other; 1 is perfectly even.
        busiest_day: The most offers one employee got on one day (UTC).
        newcomers: Newcomers who were to be found.
        newcomers_asked: How many of them got an offer.
        newcomer_hours: From joining to the first offer, the slowest of those asked; None when nobody was.
    """

    questions: int
    answered: float
    within_10_minutes: float
    median_minutes: float | None
    p90_minutes: float | None
    offers_per_question: float
    offers_per_answer: float | None
    load_mean: float
    load_max: int
    load_max_over_mean: float
    busiest_day: int
    newcomers: int
    newcomers_asked: int
    newcomer_hours: float | None


@dataclass(slots=True)
class Tally:
    """Counts while a simulation runs."""

    escalated: int = 0
    times: list[timedelta] = field(default_factory=list)
    loads: Counter[int] = field(default_factory=Counter)
    days: Counter[tuple[int, str]] = field(default_factory=Counter)
    first_offers: dict[int, datetime] = field(default_factory=dict)

    def offered(self, offer: Offer, now: datetime) -> None:
        self.loads[offer.employee_id] += 1
        self.days[offer.employee_id, f"{now:%Y-%m-%d}"] += 1
        self.first_offers.setdefault(offer.employee_id, now)

    def answered(self, after: timedelta) -> None:
        """Count an answered question; ``after`` is the time since the customer asked."""
        self.times.append(after)

    def figures(self, employees: Sequence[Employee], newcomers: Collection[int]) -> PolicyFigures:
        """The figures of all that was counted; ``newcomers`` are the ids of those who joined meanwhile."""
        questions = len(self.times) + self.escalated
        minutes = np.array([time / _MINUTE for time in self.times])
        offers = self.loads.total()
        mean = offers / len(employees) if employees else 0.0
        most = max(self.loads.values(), default=0)
        hours = [
            (self.first_offers[one.id] - one.joined_at) / _HOUR
            for one in employees
            if one.id in newcomers and one.joined_at is not None and one.id in self.first_offers
        ]
        return PolicyFigures(
            questions=questions,
            answered=len(minutes) / max(questions, 1),
            within_10_minutes=float((minutes <= 10).sum()) / max(questions, 1),
            median_minutes=float(np.median(minutes)) if len(minutes) else None,
            p90_minutes=float(np.quantile(minutes, 0.9)) if len(minutes) else None,
            offers_per_question=offers / max(questions, 1),
            offers_per_answer=offers / len(minutes) if len(minutes) else None,
            load_mean=mean,
            load_max=most,
            load_max_over_mean=most / mean if mean else 0.0,
            busiest_day=max(self.days.values(), default=0),
            newcomers=len(newcomers),
            newcomers_asked=len(hours),
            newcomer_hours=max(hours, default=None),
        )
