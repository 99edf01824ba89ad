"""What answering in public is worth: a calculation with the house's own assumptions, shown as it is made."""

from dataclasses import dataclass

from routing.figures.summary import Figures

_MINUTES = 60


@dataclass(frozen=True, slots=True)
class ValueRates:
    """What is assumed. Costs are amounts of the house's currency.

    ``calls_avoided`` is the share of those helped who would have called otherwise, 0 to 1.
    """

    calls_avoided: float = 0.5
    call_cost: float = 6.0
    hour_cost: float = 30.0
    minutes_an_answer: float = 5.0
    minutes_an_offer: float = 0.5


@dataclass(frozen=True, slots=True)
class PublicValue:
    """What comes of it, each step by itself.

    ``settled`` questions were answered in public and settled; ``readers`` said of an entry that it helped
    them; ``hours`` are those that employees spent on writing answers and on looking at what they were asked.
    """

    settled: int
    readers: int
    calls: float
    calls_money: float
    answers: int
    offers: int
    hours: float
    hours_money: float

    @property
    def saved(self) -> float:
        """What is left: the calls that were not made, less the time that was spent."""
        return self.calls_money - self.hours_money


def value_of(figures: Figures, readers: int, prices: ValueRates) -> PublicValue:
    """What these questions were worth, and that so many ``readers`` were helped by the archive."""
    calls = (figures.settled_in_public + readers) * prices.calls_avoided
    minutes = figures.responses * prices.minutes_an_answer + figures.offers * prices.minutes_an_offer
    return PublicValue(
        settled=figures.settled_in_public,
        readers=readers,
        calls=calls,
        calls_money=calls * prices.call_cost,
        answers=figures.responses,
        offers=figures.offers,
        hours=minutes / _MINUTES,
        hours_money=minutes / _MINUTES * prices.hour_cost,
    )
