"""What those are mailed who want to hear of announcements first (pure)."""

import textwrap
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.channels.messages import BrandProfile, Message, one_line, written
from bot.text.characters import clean
from routing.model.phrases import phrase, phrases

_SUBJECT = 80


class MailingKind(StrEnum):
    """What those who want to hear of announcements first are told by mail."""

    ANNOUNCED = "announced"
    CORRECTED = "corrected"
    RETRACTED = "retracted"


@dataclass(frozen=True, slots=True)
class FirstMail:
    """An announcement as it is said now; ``stop`` is where this reader ends these mails."""

    kind: MailingKind
    text: str
    warning: str
    stop: str


def first_message(house: BrandProfile, one: FirstMail, language: str | None) -> Message:
    """Tell a customer what was announced, put right or taken back; its words are as they were written."""
    words = clean(one.text).strip()
    warning = one_line(one.warning)
    about = textwrap.shorten(warning or one_line(words), _SUBJECT, placeholder=" …")
    subject, begins = {
        MailingKind.ANNOUNCED: (f"{house.brand}: {about}", warning),
        MailingKind.CORRECTED: (
            phrase("%(brand)s has put something right", brand=house.brand),
            phrase("We told you something that we have put right. This is what it says now:"),
        ),
        MailingKind.RETRACTED: (
            phrase("%(brand)s has taken something back", brand=house.brand),
            phrase("We have taken back what we told you. This is not so any more:"),
        ),
    }[one.kind]
    said = (
        words
        if one.kind is not MailingKind.RETRACTED
        else "\n".join(f"> {line}" for line in words.splitlines())
    )
    message = written(
        language,
        subject,
        *((begins,) if begins else ()),
        said,
        phrase("All announcements: %(address)s", address=f"{house.base_url}/announcements"),
        phrase(
            "You get this because you asked to be told first. One click stops it: %(address)s",
            address=one.stop,
        ),
    )
    return Message(message.subject, message.text, unsubscribe=one.stop)


def confirm_message(house: BrandProfile, link: str, lasts: timedelta, language: str | None) -> Message:
    """The mail with which a customer proves that the mailbox is theirs."""
    return written(
        language,
        phrase("Shall %(brand)s tell you first?", brand=house.brand),
        phrases(
            "Somebody, probably you, asked that announcements of %(brand)s come to this address. Open this "
            "link and press the button there; it works for %(number)s hour:",
            "Somebody, probably you, asked that announcements of %(brand)s come to this address. Open this "
            "link and press the button there; it works for %(number)s hours:",
            int(lasts.total_seconds() // 3600),
            brand=house.brand,
        ),
        link,
        phrase("If it was not you, leave it: nothing else comes."),
    )
