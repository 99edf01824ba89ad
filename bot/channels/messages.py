"""What a notice says: a question for an employee, something to decide for a person in charge (pure)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.text import personal
from bot.text.characters import clean

_LONGEST_QUOTE = 400
_REASONS = 2
_PRIVATE = "(It was not written in public, so it is not repeated here: read it at the desk.)"
_MINUTES_AN_HOUR = 60


class Alarm(StrEnum):
    """What people in charge are told about."""

    QUESTIONS = "questions"
    ANSWERS = "answers"
    POSTS = "posts"
    DELIVERIES = "deliveries"
    CONNECTIONS = "connections"


@dataclass(frozen=True, slots=True)
class Offered:
    """A question that somebody is asked: the customer's words, why they are asked, until when."""

    question_id: int
    text: str
    platform: str
    reasons: tuple[str, ...]
    expires_at: datetime
    is_private: bool = False
    """Whether not everybody may read the customer's words: then a mail does not repeat them."""


@dataclass(frozen=True, slots=True)
class AnswerOutcome:
    """An answer that did not go out: whether it waits for somebody, and why, in words."""

    question_id: int
    waits: bool
    why: str


@dataclass(frozen=True, slots=True)
class Message:
    """A mail, or a post in a chat (which has no subject)."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class BrandProfile:
    """Who speaks, where its pages are, and whose phone numbers are the likeliest (ISO 3166)."""

    brand: str
    base_url: str
    region: str | None = None


def offers_message(
    house: BrandProfile, name: str, timezone: str, offers: Sequence[Offered], now: datetime
) -> Message:
    """Tell an employee of the questions offered to them, the most urgent first."""
    ordered = sorted(offers, key=lambda one: one.expires_at)
    many = len(ordered) > 1
    subject = f"{len(ordered)} customers of {house.brand} have questions for you" if many else (
        f"A customer of {house.brand} has a question for you"
    )  # fmt: skip
    blocks = [_offer(house, one, timezone, now) for one in ordered]
    parts = [
        f"Hello {_line(name)},",
        *blocks,
        f"Your desk: {house.base_url}/desk",
        f"Not now? Pass there, and others are asked. How much you are asked: {house.base_url}/desk/profile",
    ]
    return Message(_line(subject), "\n\n".join(parts) + "\n")


def answers_message(house: BrandProfile, name: str, outcomes: Sequence[AnswerOutcome]) -> Message:
    """Tell an employee of answers of theirs that did not go out, and why."""
    many = len(outcomes) > 1
    subject = f"{len(outcomes)} of your answers have not been published" if many else (
        "Your answer has not been published"
    )  # fmt: skip
    blocks = [_outcome(house, one) for one in outcomes]
    parts = [f"Hello {_line(name)},", *blocks, f"What you wrote is kept: {house.base_url}/desk/answers"]
    return Message(_line(f"{house.brand}: {subject}"), "\n\n".join(parts) + "\n")


def alarm_message(house: BrandProfile, found: Mapping[Alarm, Sequence[str]]) -> Message:
    """Tell people in charge what waits for them; ``found`` names what, by kind."""
    lines = [_ALARMS[kind](ids, house.base_url) for kind, ids in sorted(found.items()) if ids]
    subject = lines[0].partition(":")[0] if len(lines) == 1 else "Several things wait for you"
    return Message(_line(f"{house.brand}: {subject}"), "\n\n".join(lines) + "\n")


def sign_in_message(house: BrandProfile, link: str, lasts: timedelta) -> Message:
    """The mail with a sign-in link."""
    minutes = int(lasts.total_seconds() // 60)
    return Message(
        _line(f"Your link to sign in at {house.brand}"),
        f"With this link you sign in at {house.brand}. It works once, for {minutes} minutes:\n\n{link}\n\n"
        "If you did not ask for it, leave it: nobody can sign in without it.\n",
    )


def quoted(text: str, region: str | None = None) -> str:
    """The customer's words as a quotation, or why there is none."""
    if personal.find(text, region):
        return "(It holds personal data, so it is not repeated here: read it at the desk.)"
    words = clean(text).strip()
    if len(words) > _LONGEST_QUOTE:
        words = words[:_LONGEST_QUOTE].rsplit(maxsplit=1)[0] + " …"
    return "\n".join(f"> {line}" for line in words.splitlines())


def time_left(until: datetime, now: datetime, timezone: str) -> str:
    """How long there is, and until what time on the reader's own clock."""
    minutes = max(int((until - now).total_seconds() // 60), 0)
    if minutes < 1:
        span = "less than a minute"
    elif minutes < 2 * _MINUTES_AN_HOUR:
        span = "1 minute" if minutes == 1 else f"{minutes} minutes"
    else:
        span = f"{minutes // _MINUTES_AN_HOUR} hours"
    return f"{span}, until {until.astimezone(ZoneInfo(timezone)):%H:%M} ({timezone})"


def _offer(house: BrandProfile, offer: Offered, timezone: str, now: datetime) -> str:
    words = _PRIVATE if offer.is_private else quoted(offer.text, house.region)
    lines = [f"A customer asks on {offer.platform}:", "", words, ""]
    if offer.reasons:
        lines.append("Why you: " + "; ".join(_line(one) for one in offer.reasons[:_REASONS]))
    lines.append(f"Time left: {time_left(offer.expires_at, now, timezone)}")
    lines.append(f"Answer: {house.base_url}/desk/questions/{offer.question_id}")
    return "\n".join(lines)


def _outcome(house: BrandProfile, outcome: AnswerOutcome) -> str:
    state = "is held" if outcome.waits else "was not published"
    return (
        f"Your answer to question {outcome.question_id} {state}. {_line(outcome.why)}".strip()
        + f"\nThe question: {house.base_url}/desk/questions/{outcome.question_id}"
    )


def _questions(ids: Sequence[str], base_url: str) -> str:
    what = "A question needs you" if len(ids) == 1 else f"{len(ids)} questions need you"
    return f"{what}: the employees who were asked could not answer in time.\n{base_url}/admin"


def _answers(ids: Sequence[str], base_url: str) -> str:
    what = "An answer waits" if len(ids) == 1 else f"{len(ids)} answers wait"
    return f"{what} for your decision: its page says why it is held.\n{base_url}/admin/answers"


def _deliveries(ids: Sequence[str], base_url: str) -> str:
    what = "A message is stuck" if len(ids) == 1 else f"{len(ids)} messages are stuck"
    return f"{what}: refused, or nobody can tell whether it went out.\n{base_url}/admin/deliveries"


def _posts(ids: Sequence[str], base_url: str) -> str:
    what = "A post could not" if len(ids) == 1 else f"{len(ids)} posts could not"
    advice = "look whether somebody needs help."
    return f"{what} be read or handled and may hold a question: {advice}\n{base_url}/admin/posts"


def _connections(ids: Sequence[str], base_url: str) -> str:
    names = " and ".join(sorted(_line(one) for one in ids))
    return (
        f"Connect {names} again: the brand's account can no longer be used there, and answers wait."
        f"\n{base_url}/admin/connections"
    )


_ALARMS: Mapping[Alarm, Callable[[Sequence[str], str], str]] = {
    Alarm.QUESTIONS: _questions,
    Alarm.ANSWERS: _answers,
    Alarm.POSTS: _posts,
    Alarm.DELIVERIES: _deliveries,
    Alarm.CONNECTIONS: _connections,
}


def _line(text: str) -> str:
    """One line without control characters: for subjects and for names within sentences."""
    return " ".join(clean(text).split())
