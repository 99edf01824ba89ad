"""The values the routing floor thinks in: frozen, without IO, identified by plain ids.

All times are timezone-aware and in UTC. Employees are identified by the integer id of their row,
topics by their slug, customers by ``platform:account-id``.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class QuestionState(StrEnum):
    """Where a question stands. ``routing.model.lifecycle`` says which changes are allowed."""

    OPEN = "open"
    """Waiting to be put in front of people, now or at its ``due_at``."""
    OFFERED = "offered"
    """Offers are out; at ``due_at`` the ladder looks again."""
    ESCALATED = "escalated"
    """With a person in charge: the ladder is exhausted or something needs a decision."""
    ANSWERING = "answering"
    """An answer is stored and on its way out."""
    ASKED_BACK = "asked_back"
    """The brand account has asked back: it waits for the customer, and stays with whoever asked."""
    UNREPLIED = "unreplied"
    """The customer never replied to what was asked back; their next post opens it again."""
    ANSWERED = "answered"
    """The brand account has published an answer."""
    SETTLED = "settled"
    """The customer said that it helped, or a person closed it."""
    DISMISSED = "dismissed"
    """Not for us; a person or a tagged answer can undo that."""
    WITHDRAWN = "withdrawn"
    """The customer deleted the mention."""
    JOINED = "joined"
    """Part of another question of the same customer, a person says; it can be parted again."""
    QUARANTINED = "quarantined"
    """Failed repeatedly for a reason of ours; a person must look."""


ROUTED = (QuestionState.OPEN, QuestionState.OFFERED)
"""The router has it: people are looked for, or asked."""
WITHOUT_ANSWER = (*ROUTED, QuestionState.ESCALATED)
"""The customer has no answer yet, and none is on its way."""
WITH_ANSWER = (QuestionState.ANSWERED, QuestionState.SETTLED)


class OfferState(StrEnum):
    """What became of an offer."""

    OPEN = "open"
    ANSWERED = "answered"
    PASSED = "passed"
    REFERRED = "referred"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    RESTING = "resting"
    """Somebody else has taken the question for a while; afterwards it goes on with the time that was left."""


class EmployeeState(StrEnum):
    """Whether an employee takes part."""

    INVITED = "invited"
    ACTIVE = "active"
    PAUSED = "paused"
    LEFT = "left"


TAKES_PART = (EmployeeState.ACTIVE, EmployeeState.PAUSED)
"""Who answers counts, even in a pause."""


class ExpertiseSource(StrEnum):
    """How we know that somebody knows a topic."""

    DECLARED = "declared"
    LEARNED = "learned"
    ENDORSED = "endorsed"


@dataclass(frozen=True, slots=True)
class Topic:
    """A subject tag of the taxonomy.

    ``keywords`` are words or phrases that point to it (synonyms included); ``parent`` is the slug of
    the broader topic, if any. No new question gets a retired one, but its ``successor``, a slug, if any.
    """

    slug: str
    name: str
    keywords: tuple[str, ...] = ()
    parent: str | None = None
    retired: bool = False
    successor: str | None = None


@dataclass(frozen=True, slots=True)
class TopicWeight:
    """How much of a text is about a topic: weights of one text are in (0, 1] and sum to at most 1."""

    slug: str
    weight: float


@dataclass(frozen=True, slots=True)
class Expertise:
    """An employee's level in a topic: 1 can help, 2 knows it, 3 is the expert."""

    topic: str
    level: int = 2
    source: ExpertiseSource = ExpertiseSource.DECLARED


@dataclass(frozen=True, slots=True)
class Shift:
    """A span of working time in a week, in the employee's own time zone.

    ``weekday`` is 0 for Monday; ``start`` and ``end`` are minutes after that day's midnight,
    ``0 <= start < end <= 1440``. A night shift is two shifts.
    """

    weekday: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Employee:
    """A person of the company, as far as routing is concerned.

    Without ``shifts`` somebody counts as always on duty. Nobody is asked before ``paused_until``; who is
    PAUSED without such a time is not asked at all. ``daily_cap`` bounds the offers per local
    calendar day, ``open_cap`` the offers open at one time. ``languages`` are ISO 639-1 codes; none means any.
    """

    id: int
    name: str
    state: EmployeeState = EmployeeState.ACTIVE
    expertise: tuple[Expertise, ...] = ()
    shifts: tuple[Shift, ...] = ()
    timezone: str = "UTC"
    languages: tuple[str, ...] = ()
    daily_cap: int = 20
    open_cap: int = 3
    paused_until: datetime | None = None
    joined_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """What is on an employee's plate now, counted from the offers.

    ``offers_today`` counts since midnight in the employee's own time zone, ``last_offered_at`` is the latest
    offer ever (None: never asked). ``usual_minutes`` is the measured median from an offer to the employee's
    answer; None where too few are known.
    """

    open_offers: int = 0
    offers_today: int = 0
    last_offered_at: datetime | None = None
    usual_minutes: float | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A customer's need as the router sees it.

    ``topics`` are the ones already known (tagged by a person or an earlier classification); empty means
    that the router predicts them. ``round`` counts how often the question was (re)opened, ``rung`` is the
    step of the ladder reached in this round. ``answered_by`` names who answered the conversation before,
    the latest first; ``reach`` is the number of people who may see it, if the platform tells.
    ``reopened_at`` is when the present round began, if it is not the first; ``priority`` is what the last
    routing returned, None where that is not known.
    """

    id: int
    text: str
    asked_at: datetime
    customer: str = ""
    platform: str = "local"
    language: str | None = None
    topics: tuple[TopicWeight, ...] = ()
    round: int = 0
    rung: int = 0
    reach: int | None = None
    answered_by: tuple[int, ...] = ()
    reopened_at: datetime | None = None
    priority: int | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One part of a score, in words for the person who gets the offer, with its share of the score."""

    kind: str
    text: str
    share: float


@dataclass(frozen=True, slots=True)
class Score:
    """How well an employee suits a question; the reasons' shares add up to ``value``."""

    employee_id: int
    value: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """A question put in front of one employee for a limited time (``expires_at`` is exclusive)."""

    question_id: int
    employee_id: int
    offered_at: datetime
    expires_at: datetime
    rung: int = 0
    round: int = 0
    state: OfferState = OfferState.OPEN
    score: float = 0.0
    reasons: tuple[Reason, ...] = ()
    claimed: bool = False
    """Whether its employee has taken the question for themself: meanwhile nobody else is asked."""
    rested_at: datetime | None = None
    """Since when it rests."""


@dataclass(frozen=True, slots=True)
class Routing:
    """What ``route()`` decided: new offers, the question's next state, and when to look again.

    ``due_at`` is None when only an event (an answer, a person) can move the question on. ``priority``
    orders questions when something runs short: higher is more urgent, 0 is usual. ``waits`` says that whoever
    has a hand free before ``due_at`` should have it at once (see ``routing.ladder.waking``).
    """

    offers: tuple[Offer, ...]
    state: QuestionState
    due_at: datetime | None
    rung: int
    topics: tuple[TopicWeight, ...] = ()
    priority: int = 0
    note: str = ""
    waits: bool = False


class Outcome(StrEnum):
    """What is known of how an offer or answer turned out."""

    PUBLISHED = "published"
    SOLVED = "solved"
    CORRECTED = "corrected"
    WRONG = "wrong"
    """A colleague has shown that the answer was wrong: it tells nothing of what its author knows."""
    PASSED = "passed"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class PastAnswer:
    """One answer of the past, as ``experts`` learns it."""

    question_id: int
    employee_id: int
    answered_at: datetime
    text: str
    topics: tuple[str, ...] = ()
    outcome: Outcome = Outcome.PUBLISHED
