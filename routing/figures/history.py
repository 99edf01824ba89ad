"""One question's history, and what of it is counted: the definitions of what a single question is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntFlag

from routing.dialogue.marks import plain
from routing.figures.survey import NOT_ASKED
from routing.figures.working_hours import WorkingHours
from routing.model.domain import WITHOUT_ANSWER, QuestionState

NOT_COUNTED = frozenset((QuestionState.DISMISSED, QuestionState.WITHDRAWN, QuestionState.JOINED))
"""It was nothing for us, its customer deleted it, or it is part of another question, which counts."""
WAITING = frozenset((*WITHOUT_ANSWER, QuestionState.ANSWERING, QuestionState.QUARANTINED))
"""The customer waits for us; not those of whom we wait for a reply."""
_UPSET = frozenset(("c:anger", "cross emoji"))


class Flag(IntFlag):
    """What is true of a question; the names of figures are those of ``routing.figures.measures``."""

    ANSWERED = 1
    """The brand has published an answer that is no mere question back, and it stands."""
    SETTLED = 2
    """The customer said that it helped, or a person closed it, and nothing has come since."""
    SATISFIED = 4
    """The customer said that it helped."""
    UNSATISFIED = 8
    """The customer said that it did not help, or had to ask again after an answer."""
    DOUBLED = 16
    """Two employees or more have answered it in full."""
    CONTRADICTED = 32
    """A published answer of it was corrected by another one."""
    RETRACTED = 64
    """An answer of it was taken back after it was published."""
    REUSED = 128
    """It was answered with what the archive had already."""
    WAITING = 256
    """Its customer waits for us now."""
    UPSET = 512
    """Its first words are angry: words of anger, or an angry face."""


NOTHING = Flag(0)
_VALUES = tuple(flag.value for flag in Flag)
"""In the order in which they are found."""


@dataclass(frozen=True, slots=True)
class AnswerHistory:
    """What one answer was: ``is_full`` where it is an answer of its own, no addition, correction or other.

    ``by_person`` is False for what the house says by itself, and for what another customer said.
    """

    employee: int | None
    published_at: datetime | None
    is_published: bool
    is_retracted: bool = False
    is_full: bool = True
    is_correction: bool = False
    asks_back: bool = False
    by_person: bool = True
    is_reuse: bool = False


@dataclass(frozen=True, slots=True)
class QuestionHistory:
    """What is known of one question. ``customer`` stands for one account on one platform, ``""``: not known.

    ``topic`` and ``language`` are empty where there is none; ``offers`` counts the offers
    that were made for it.
    """

    id: int
    asked_at: datetime
    state: QuestionState
    platform: str
    customer: str
    text: str = ""
    language: str = ""
    topic: str = ""
    settled_at: datetime | None = None
    satisfied: bool | None = None
    offers: int = 0
    survey: int = NOT_ASKED
    """What came of asking the customer how it went, as ``survey_code`` has it."""
    answers: Sequence[AnswerHistory] = ()
    """In the order of their ids: of those published at one moment the first of them was first."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What is counted of one question. Times are whole seconds; -1: there is none.

    ``day`` is the day it was asked on and ``hour`` the hour of the week (0: Monday from midnight to one),
    both in the brand's zone. ``person`` is the employee who answered first, 0 where nobody has.
    """

    id: int
    day: date
    hour: int
    asked: int
    platform: str
    language: str
    topic: str
    person: int
    customer: str
    first_response: int
    first_response_working: int
    resolution: int
    offers: int
    flags: Flag
    survey: int = NOT_ASKED


def fact_of(history: QuestionHistory, hours: WorkingHours) -> Fact | None:
    """What is counted of a question; None where nothing is."""
    if history.state in NOT_COUNTED:
        return None
    local = history.asked_at.astimezone(hours.zone)
    out = sorted(
        ((one.published_at, one) for one in history.answers if one.is_published and one.published_at),
        key=lambda pair: pair[0],
    )
    spoken = [(at, one) for at, one in out if one.by_person]
    first = spoken[0] if spoken else None
    settled = history.settled_at if history.state == QuestionState.SETTLED else None
    return Fact(
        id=history.id,
        day=local.date(),
        hour=local.weekday() * 24 + local.hour,
        asked=int(history.asked_at.timestamp()),
        platform=history.platform,
        language=history.language,
        topic=history.topic,
        person=(first[1].employee or 0) if first else 0,
        customer=history.customer,
        first_response=_seconds(history.asked_at, first[0]) if first else -1,
        first_response_working=hours.seconds(history.asked_at, first[0]) if first else -1,
        resolution=_seconds(history.asked_at, settled) if settled else -1,
        offers=history.offers,
        flags=_flags(history, [one for _, one in spoken]),
        survey=history.survey,
    )


def _flags(history: QuestionHistory, out: Sequence[AnswerHistory]) -> Flag:
    solving = [one for one in out if not one.asks_back]
    full = {one.employee for one in solving if one.is_full and one.employee is not None}
    found = (
        bool(solving),
        history.state == QuestionState.SETTLED,
        history.satisfied is True,
        history.satisfied is False,
        len(full) > 1,
        any(one.is_correction for one in out),
        any(one.is_retracted and one.published_at for one in history.answers),
        any(one.is_reuse for one in solving),
        history.state in WAITING,
        not _UPSET.isdisjoint(plain(history.text).marks),
    )
    return Flag(sum(value for value, is_true in zip(_VALUES, found, strict=True) if is_true))


def _seconds(since: datetime, until: datetime) -> int:
    """Whole seconds; 0 where clocks disagree about which came first."""
    return max(int((until - since).total_seconds()), 0)
