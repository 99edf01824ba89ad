"""The ladder: how many people are asked at each rung and how long each rung waits before the next.

First the best few, then more, then everyone who knows the topic (bounded), then a person in charge.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta

from routing.model.domain import Offer, OfferState, Question


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder: at most so many ``people``, who get ``patience`` until the next step."""

    people: int
    patience: timedelta


def three_rungs(first: int, more: int, everyone: int, patience: timedelta) -> tuple[Rung, ...]:
    """The best few, then more, then everyone who knows the topic up to a bound; each waits longer."""
    return (Rung(first, patience), Rung(more, patience * 2), Rung(everyone, patience * 3))


@dataclass(frozen=True, slots=True)
class ScoreWeights:
    """What each reason counts; a share of 0.69 doubles somebody's chances.

    Raises:
        ValueError: when a weight is negative.
    """

    expertise: float = 1.0
    learned: float = 1.0
    breadth: float = 0.3
    customer: float = 1.5
    load: float = 2.0
    rotation: float = 0.3
    duty: float = 0.2
    speed: float = 0.3
    open_offers: float = 0.2
    usual_minutes: float = 15.0
    """The answer time that counts as neither fast nor slow."""

    def __post_init__(self) -> None:
        for one in fields(self):
            if not getattr(self, one.name) >= 0:
                raise ValueError(f"The weight {one.name!r} must be 0 or more.")
        if self.usual_minutes <= 0:
            raise ValueError("The weight 'usual_minutes' must be above 0.")


@dataclass(frozen=True, slots=True)
class Policy:
    """Whom to ask, how many and how long. The defaults suit live feeds; the settings begin with them.

    Attributes:
        rungs: The steps before a person in charge. Each asks people not asked before in this round.
        linger: How long an offer stays open after its rung's patience ran out, as a multiple of that
            patience: who comes back a little late still finds the question.
        confidence: A rung's measured patience is the time after which, going by what is known of the people
            asked, an answer has come with this probability.
        patience_range: How far measured answer times may shrink or stretch a rung's patience.
        wait_for_duty: How long a question may wait for somebody suitable to come on duty; when nobody does
            in that time, it goes to a person in charge at once. The default spans a night shift, no weekend.
        wait_for_more: The same for an urgent question, and for one that was put to people in vain.
        retry: When to look again while everybody suitable is at their cap.
        most_load: Nobody is asked whose offers today exceed this many times the mean of those who know the
            subject, as long as enough others who know it can be asked.
        explore_rate: The share of questions in which the last place of the first rung goes to somebody who
            declared the topic and is new or has long not been asked.
        newcomer_within: By when a newcomer is to get a first fitting question: their share grows until, after
            a twelfth of this time, that place is theirs in every question.
        forgotten_after: Who has not been asked for so long counts as a newcomer again.
        generalists: How many are asked when nobody who knows the topic can be.
        knows_from: Share of a score, learned from past answers to such questions, from which somebody counts
            as knowing the topic.
        follow_up_first: Whether a follow-up goes first, alone, to who answered before.
        hurried_from: Priority from which a question is hurried.
        hurry_people: By how much more people are asked when hurried.
        hurry_patience: By how much shorter the patience is when hurried.
        claim: How long a question is somebody's who takes it for themself.
        long_wait: Waiting time from which priority rises.
        wide_reach: Number of people who may see the post from which priority rises.
        weights: What each reason counts in a score.

    Raises:
        ValueError: when a setting makes no sense; the message names it and says what it should be.
    """

    rungs: tuple[Rung, ...] = three_rungs(3, 6, 50, timedelta(minutes=5))
    linger: float = 1.0
    confidence: float = 0.8
    patience_range: tuple[float, float] = (0.5, 2.0)
    wait_for_duty: timedelta = timedelta(hours=8)
    wait_for_more: timedelta = timedelta(hours=1)
    retry: timedelta = timedelta(minutes=2)
    most_load: float = 1.3
    explore_rate: float = 0.1
    newcomer_within: timedelta = timedelta(hours=24)
    forgotten_after: timedelta = timedelta(days=14)
    generalists: int = 3
    knows_from: float = 1.0
    follow_up_first: bool = True
    hurried_from: int = 2
    hurry_people: float = 1.5
    hurry_patience: float = 0.6
    claim: timedelta = timedelta(minutes=30)
    long_wait: timedelta = timedelta(minutes=30)
    wide_reach: int = 10_000
    weights: ScoreWeights = field(default_factory=ScoreWeights)

    def __post_init__(self) -> None:
        low, high = self.patience_range
        nothing = timedelta(0)
        rules = (
            (bool(self.rungs), "rungs: at least one is needed"),
            (all(rung.people >= 1 for rung in self.rungs), "rungs: every rung asks at least one person"),
            (
                all(rung.patience > nothing for rung in self.rungs),
                "rungs: every patience is longer than nothing",
            ),
            (self.linger >= 0, "linger: 0 or more"),
            (0 < self.confidence < 1, "confidence: between 0 and 1"),
            (0 < low <= 1 <= high, "patience_range: from at most 1 (above 0) to at least 1"),
            (self.wait_for_duty >= nothing, "wait_for_duty: 0 or longer"),
            (self.wait_for_more >= nothing, "wait_for_more: 0 or longer"),
            (self.retry > nothing, "retry: longer than nothing"),
            (self.most_load >= 1, "most_load: 1 or more"),
            (0 <= self.explore_rate <= 1, "explore_rate: from 0 to 1"),
            (self.newcomer_within > nothing, "newcomer_within: longer than nothing"),
            (self.forgotten_after > nothing, "forgotten_after: longer than nothing"),
            (self.generalists >= 1, "generalists: at least 1, or questions nobody declared would go nowhere"),
            (self.knows_from > 0, "knows_from: above 0"),
            (self.hurry_people >= 1, "hurry_people: 1 or more"),
            (0 < self.hurry_patience <= 1, "hurry_patience: above 0, at most 1"),
            (self.claim > nothing, "claim: longer than nothing"),
            (self.long_wait > nothing, "long_wait: longer than nothing"),
            (self.wide_reach >= 1, "wide_reach: at least 1"),
        )
        broken = [words for holds, words in rules if not holds]
        if broken:
            raise ValueError(f"The routing policy does not work: {'; '.join(broken)}.")

    def faster(self, times: float) -> "Policy":
        """The same policy with every wait ``times`` times shorter, e.g. for a demonstration.

        Raises:
            ValueError: when ``times`` is not above 0.
        """
        if not times > 0:
            raise ValueError(f"A policy can be made faster by a number above 0, not by {times}.")
        return replace(
            self,
            rungs=tuple(Rung(rung.people, rung.patience / times) for rung in self.rungs),
            retry=self.retry / times,
            wait_for_duty=self.wait_for_duty / times,
            wait_for_more=self.wait_for_more / times,
            newcomer_within=self.newcomer_within / times,
            claim=self.claim / times,
            long_wait=self.long_wait / times,
        )


def this_round(question: Question, asked: Iterable[Offer]) -> list[Offer]:
    """The offers of the question's present round."""
    return [offer for offer in asked if offer.round == question.round]


def still_open(offers: Sequence[Offer], now: datetime) -> list[Offer]:
    """The offers somebody may still answer."""
    return [offer for offer in offers if offer.state is OfferState.OPEN and now < offer.expires_at]


def going_on(offers: Sequence[Offer], now: datetime) -> list[Offer]:
    """These offers, with those that rest in front of people again, for the time that was left."""
    return [_awake(offer, now - (offer.rested_at or now)) for offer in offers]


def _awake(offer: Offer, rested: timedelta) -> Offer:
    if offer.state is not OfferState.RESTING:
        return offer
    return replace(
        offer,
        state=OfferState.OPEN,
        offered_at=offer.offered_at + rested,
        expires_at=offer.expires_at + rested,
        rested_at=None,
    )


def claim_ends(offers: Sequence[Offer], now: datetime) -> datetime | None:
    """Until when somebody has the question for themself; None: nobody has."""
    return max((offer.expires_at for offer in still_open(offers, now) if offer.claimed), default=None)


def patience_ends(offers: Sequence[Offer], policy: Policy, now: datetime) -> datetime | None:
    """Until when to wait for the people asked last; None when there is no reason to.

    Only offers that are still open are worth waiting for: when everybody has passed, the ladder goes on at
    once. Offers expire ``linger`` patiences after their patience, which gives the patience back.
    """
    ends = [
        offer.offered_at + (offer.expires_at - offer.offered_at) / (1 + policy.linger)
        for offer in still_open(offers, now)
    ]
    return max((end for end in ends if end > now), default=None)


def patience(rung: Rung, usual_minutes: Sequence[float], policy: Policy, *, hurried: bool) -> timedelta:
    """How long to wait for these people, given the usual answer minutes of each (nan: unknown).

    Answer times are taken as exponential with the median m_i known of each person, so the first of them
    comes with rate r = sum(ln 2 / m_i) and has come with probability c after -ln(1 - c) / r. People without a
    measured time count with the rung's own patience as their median. Nothing measured: the rung's patience.
    """
    factor = 1.0
    if any(not math.isnan(minutes) for minutes in usual_minutes):
        own = rung.patience / timedelta(minutes=1)
        medians = [own if math.isnan(minutes) else max(minutes, 0.1) for minutes in usual_minutes]
        rate = sum(math.log(2) / median for median in medians)
        low, high = policy.patience_range
        factor = min(max(-math.log(1 - policy.confidence) / rate / own, low), high)
    if hurried:
        factor *= policy.hurry_patience
    return rung.patience * factor


def people(rung: Rung, policy: Policy, *, hurried: bool) -> int:
    """How many to ask at a rung."""
    return math.ceil(rung.people * policy.hurry_people) if hurried else rung.people
