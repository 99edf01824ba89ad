"""What a notice says: a question for an employee, something to decide for a person in charge (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.text import personal
from bot.text.characters import clean
from bot.wording.languages.speaking import said
from routing.model.phrases import Phrase, phrase, phrases

_LONGEST_QUOTE = 400
_REASONS = 2
_PRIVATE = phrase("(It was not written in public, so it is not repeated here: read it at the desk.)")
_PERSONAL = phrase("(It holds personal data, so it is not repeated here: read it at the desk.)")
_MINUTES_AN_HOUR = 60


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
    is_unasked: bool = False
    """Whether its customer has asked us nothing."""


@dataclass(frozen=True, slots=True)
class AnswerOutcome:
    """An answer that did not go out: whether it waits for somebody, and why, in words.

    ``was_out`` of one that did, and has been taken back; ``is_corrected`` where other words take its place.
    """

    question_id: int
    waits: bool
    why: str
    was_out: bool = False
    is_corrected: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """A mail, or a post in a chat (which has no subject)."""

    subject: str
    text: str
    html: str = ""
    """The same for mail programs that show it; empty: there is none."""
    unsubscribe: str = ""
    """Where whoever gets it ends that with one click (RFC 8058); empty: it is of no list."""


@dataclass(frozen=True, slots=True)
class BrandProfile:
    """Who speaks, where its pages are, whose phone numbers are the likeliest (ISO 3166), by which clock."""

    brand: str
    base_url: str
    region: str | None = None
    currency: str = "$"
    timezone: str = "UTC"


def offers_message(
    house: BrandProfile,
    name: str,
    timezone: str,
    offers: Sequence[Offered],
    now: datetime,
    language: str | None = None,
) -> Message:
    """Tell an employee of the questions offered to them, the most urgent first."""
    ordered = sorted(offers, key=lambda one: one.expires_at)
    desk = f"{house.base_url}/desk"
    profile = f"{desk}/profile"
    subject = phrases(
        "A customer of %(brand)s has a question for you",
        "%(number)s customers of %(brand)s have questions for you",
        len(ordered),
        brand=house.brand,
    )
    return written(
        language,
        subject,
        phrase("Hello %(name)s,", name=one_line(name)),
        *(_offer(house, one, timezone, now, language) for one in ordered),
        phrase("Your desk: %(address)s", address=desk),
        phrase(
            "Not now? Pass there, and others are asked. How much you are asked: %(address)s",
            address=profile,
        ),
    )


def answers_message(
    house: BrandProfile, name: str, outcomes: Sequence[AnswerOutcome], language: str | None = None
) -> Message:
    """Tell an employee of answers of theirs that did not go out, or were taken back, and why."""
    mine = f"{house.base_url}/desk/answers"
    return written(
        language,
        _about_answers(house.brand, outcomes),
        phrase("Hello %(name)s,", name=one_line(name)),
        *(_outcome(house, one, language) for one in outcomes),
        phrase("What you wrote is kept: %(address)s", address=mine),
    )


def sign_in_message(house: BrandProfile, link: str, lasts: timedelta, language: str | None = None) -> Message:
    """The mail with a sign-in link."""
    return written(
        language,
        phrase("Your link to sign in at %(brand)s", brand=house.brand),
        phrases(
            "With this link you sign in at %(brand)s. It works once, for %(number)s minute:",
            "With this link you sign in at %(brand)s. It works once, for %(number)s minutes:",
            int(lasts.total_seconds() // 60),
            brand=house.brand,
        ),
        link,
        phrase("If you did not ask for it, leave it: nobody can sign in without it."),
    )


def join_message(house: BrandProfile, link: str, lasts: timedelta, language: str | None = None) -> Message:
    """The mail with which somebody who wants to take part proves that the mailbox is theirs."""
    return written(
        language,
        phrase("Your link to take part at %(brand)s", brand=house.brand),
        phrases(
            "You want to answer customers of %(brand)s with us. With this link you prove that this address "
            "is yours, and go on. It works once, for %(number)s hour:",
            "You want to answer customers of %(brand)s with us. With this link you prove that this address "
            "is yours, and go on. It works once, for %(number)s hours:",
            int(lasts.total_seconds() // 3600),
            brand=house.brand,
        ),
        link,
        phrase("If you did not ask for it, leave it: nobody takes part without it."),
    )


def known_message(house: BrandProfile, language: str | None = None) -> Message:
    """The mail to somebody who is in, or whose address was typed by somebody else."""
    return written(
        language,
        phrase("You take part at %(brand)s already", brand=house.brand),
        phrase("Somebody, probably you, wanted to join with this address, which is one of ours already."),
        phrase("Sign in here: %(address)s", address=f"{house.base_url}/sign-in"),
    )


def waits_message(house: BrandProfile, language: str | None = None) -> Message:
    """The mail to somebody who asks again while their request waits."""
    return written(
        language,
        phrase("%(brand)s: You have asked to take part already", brand=house.brand),
        phrase("Somebody in charge decides about it, and you get a mail then."),
    )


def ask_a_person_message(house: BrandProfile, language: str | None = None) -> Message:
    """The mail to somebody who has left, or was declined: only a person lets them in."""
    return written(
        language,
        phrase("%(brand)s: Please ask the person in charge", brand=house.brand),
        phrase(
            "Somebody, probably you, wanted to join with this address. That is not for a link to decide: "
            "please ask the person in charge of Chorus to let you in."
        ),
    )


def let_in_message(house: BrandProfile, link: str, lasts: timedelta, language: str | None = None) -> Message:
    """The mail to somebody whom a person in charge lets in."""
    return written(
        language,
        phrase("Welcome at %(brand)s", brand=house.brand),
        phrases(
            "You asked to take part, and you are in. With this link you sign in; it works once, for "
            "%(number)s hour:",
            "You asked to take part, and you are in. With this link you sign in; it works once, for "
            "%(number)s hours:",
            int(lasts.total_seconds() // 3600),
        ),
        link,
        phrase("Later on you sign in here: %(address)s", address=f"{house.base_url}/sign-in"),
    )


def declined_message(house: BrandProfile, why: str, language: str | None = None) -> Message:
    """The mail to somebody whom a person in charge does not let in."""
    return written(
        language,
        phrase("%(brand)s: You asked to take part", brand=house.brand),
        phrase("A person in charge has decided otherwise. They say:"),
        "\n".join(f"> {line}" for line in clean(why).strip().splitlines()),
    )


def quoted(text: str, region: str | None = None) -> str:
    """The customer's words as a quotation, or why there is none."""
    if personal.find(text, region):
        return _PERSONAL
    words = clean(text).strip()
    if len(words) > _LONGEST_QUOTE:
        words = words[:_LONGEST_QUOTE].rsplit(maxsplit=1)[0] + " …"
    return "\n".join(f"> {line}" for line in words.splitlines())


def time_left(until: datetime, now: datetime, timezone: str) -> str:
    """How long there is, and until what time on the reader's own clock."""
    minutes = max(int((until - now).total_seconds() // 60), 0)
    if minutes < 1:
        span = phrase("less than a minute")
    elif minutes < 2 * _MINUTES_AN_HOUR:
        span = phrases("%(number)s minute", "%(number)s minutes", minutes)
    else:
        span = phrases("%(number)s hour", "%(number)s hours", minutes // _MINUTES_AN_HOUR)
    clock = f"{until.astimezone(ZoneInfo(timezone)):%H:%M}"
    return phrase("%(span)s, until %(clock)s (%(zone)s)", span=span, clock=clock, zone=timezone)


def written(language: str | None, subject: str, *paragraphs: str) -> Message:
    """A message in the reader's language, of paragraphs; what is no sentence of ours stands as it is."""
    text = "\n\n".join(said(one, language) if isinstance(one, Phrase) else one for one in paragraphs)
    return Message(one_line(said(subject, language) if isinstance(subject, Phrase) else subject), f"{text}\n")


def _offer(house: BrandProfile, offer: Offered, timezone: str, now: datetime, language: str | None) -> str:
    words = _PRIVATE if offer.is_private else quoted(offer.text, house.region)
    asks = (
        phrase("Nobody asked us, but somebody says on %(platform)s:", platform=offer.platform)
        if offer.is_unasked
        else phrase("A customer asks on %(platform)s:", platform=offer.platform)
    )
    lines = [said(asks, language), "", said(words, language) if isinstance(words, Phrase) else words, ""]
    if offer.reasons:
        reasons = "; ".join(said(one_line(one), language) for one in offer.reasons[:_REASONS])
        lines.append(said(phrase("Why you: %(reasons)s", reasons=reasons), language))
    left = time_left(offer.expires_at, now, timezone)
    address = f"{house.base_url}/desk/questions/{offer.question_id}"
    lines.append(said(phrase("Time left: %(left)s", left=left), language))
    lines.append(said(phrase("Answer: %(address)s", address=address), language))
    return "\n".join(lines)


def _about_answers(brand: str, outcomes: Sequence[AnswerOutcome]) -> str:
    """The subject of a mail about these."""
    if all(one.was_out for one in outcomes):
        return phrases(
            "%(brand)s: Your answer has been taken back",
            "%(brand)s: %(number)s of your answers have been taken back",
            len(outcomes),
            brand=brand,
        )
    if any(one.was_out or one.is_corrected for one in outcomes):
        return phrase("%(brand)s: What became of your answers", brand=brand)
    return phrases(
        "%(brand)s: Your answer has not been published",
        "%(brand)s: %(number)s of your answers have not been published",
        len(outcomes),
        brand=brand,
    )


def _outcome(house: BrandProfile, outcome: AnswerOutcome, language: str | None) -> str:
    number = str(outcome.question_id)
    if outcome.waits:
        state = phrase("Your answer to question %(question)s is held.", question=number)
    elif outcome.is_corrected:
        state = phrase("Your answer to question %(question)s is corrected by other words.", question=number)
    elif outcome.was_out:
        state = phrase(
            "Your answer to question %(question)s was taken back after it was out.", question=number
        )
    else:
        state = phrase("Your answer to question %(question)s was not published.", question=number)
    address = f"{house.base_url}/desk/questions/{outcome.question_id}"
    told = f"{said(state, language)} {said(one_line(outcome.why), language)}".strip()
    where = phrase("The question: %(address)s", address=address)
    return f"{told}\n{said(where, language)}"


def one_line(text: str) -> str:
    """One line without control characters: for subjects and for names within sentences."""
    return " ".join(clean(text).split())
