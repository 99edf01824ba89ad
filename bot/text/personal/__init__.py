"""Personal data in a post: mail addresses, phone numbers, cards, accounts, orders, postal addresses (pure).

Recall comes first: a post withheld in vain costs a quotation, one let through costs a person. Short
numbers count only next to a word that says what they are, in seven languages (``bot.text.personal.words``).
``tests/bot/personal_corpus.jsonl`` holds the labelled posts by which this is judged.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from bot.text.links import find_links
from bot.text.personal.cards import cards, ibans
from bot.text.personal.mail import emails
from bot.text.personal.numbers import accounts, known_orders, orders, unexplained
from bot.text.personal.phones import phones
from bot.text.personal.places import addresses


class PersonalDataKind(StrEnum):
    """What sort of personal data was found."""

    EMAIL = "email"
    PHONE = "phone"
    CARD = "card"
    IBAN = "iban"
    ORDER = "order"
    ACCOUNT = "account"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Personal data at ``text[start:end]``."""

    kind: PersonalDataKind
    start: int
    end: int


_HANDLE = re.compile(
    r"(?<![\w.+-])@[A-Za-z0-9_]+(?:@[\w.-]+)?|#(?=\w*[A-Za-z]{3})(?=\w*\d)(?:(?!\w*\d{4})\w+|[A-Za-z]{4,}(?:19|20)\d\d\b)"
)
_HIDDEN = re.compile(
    r"[\u00ad\u034f\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\u20e3]"
)
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")


@lru_cache(maxsize=1_000)  # a question is judged when it comes in and once more when it is shown
def find(text: str, region: str | None = None) -> tuple[PersonalData, ...]:
    """All personal data in ``text``, in order, without overlaps.

    Args:
        text: A post as it came in.
        region: The ISO 3166 code of the country whose phone numbers are likeliest, if it is known.
    """
    folded, origin = _fold(text)
    masked = _mask(folded)
    taken: list[PersonalData] = []
    for kind, spans in (
        (PersonalDataKind.EMAIL, emails(folded)),
        (PersonalDataKind.IBAN, ibans(masked)),
        (PersonalDataKind.CARD, cards(masked)),
        (PersonalDataKind.ADDRESS, addresses(masked)),
        (PersonalDataKind.ORDER, known_orders(masked)),
        (PersonalDataKind.PHONE, phones(masked, region)),
        (PersonalDataKind.ACCOUNT, accounts(masked)),
        (PersonalDataKind.ORDER, orders(masked)),
        (PersonalDataKind.ACCOUNT, unexplained(masked)),
    ):
        for start, end in spans:
            if all(end <= other.start or start >= other.end for other in taken):
                taken.append(PersonalData(kind, start, end))
    found = [PersonalData(each.kind, origin[each.start], origin[each.end - 1] + 1) for each in taken]
    return tuple(sorted(found, key=lambda each: each.start))


def redact(text: str, region: str | None = None) -> str:
    """The text with every finding replaced by its kind in brackets, e.g. ``[phone]``."""
    for each in reversed(find(text, region)):
        text = f"{text[: each.start]}[{each.kind}]{text[each.end :]}"
    return text


def _fold(text: str) -> tuple[str, list[int]]:
    """Compatibility form (styled digits become plain) and, per character, where it came from."""
    if text.isascii():
        return text, list(range(len(text)))
    folded: list[str] = []
    origin: list[int] = []
    for at, character in enumerate(text):
        if _HIDDEN.match(character):
            continue
        plain = unicodedata.normalize("NFKC", character).translate(_DASHES)
        digit = unicodedata.decimal(plain, None) if len(plain) == 1 else None
        folded.append(plain if digit is None else str(digit))
        origin.extend([at] * len(folded[-1]))
    return "".join(folded), origin


def _mask(text: str) -> str:
    """Links, handles and word hashtags blanked out, in place: their digits mean nothing here."""
    spans = [(link.start, link.end) for link in find_links(text)]
    spans += [match.span() for match in _HANDLE.finditer(text)]
    for start, end in spans:
        text = text[:start] + "\ufffc" * (end - start) + text[end:]
    return text
