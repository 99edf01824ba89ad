"""Personal data in a post: mail addresses, phone numbers, cards, accounts, orders, postal addresses (pure).

Recall comes first: a post withheld in vain costs a quotation, one let through costs a person. Numbers that
could be anything count only next to a word that says what they are, in seven languages (``personal_words``).
``tests/bot/personal_corpus.jsonl`` holds the labelled posts by which this is judged.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from bot import personal_words as words
from bot.domains import COUNTRY_DOMAINS, GENERIC_DOMAINS
from bot.links import find_links

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber


class Kind(StrEnum):
    """What sort of personal data was found."""

    EMAIL = "email"
    PHONE = "phone"
    CARD = "card"
    IBAN = "iban"
    ORDER = "order"
    ACCOUNT = "account"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Finding:
    """Personal data at ``text[start:end]``."""

    kind: Kind
    start: int
    end: int


REGIONS = ("US", "GB", "DE", "FR", "ES", "IT", "PT", "NL", "BR", "AT", "CH", "BE", "IE", "AU", "IN", "MX")
"""Where a phone number without a country code may be from; the earlier, the likelier."""

_BETWEEN = r"[\s:#.\-–=()\[\]\"'*°]"
_FILLER = r"(?:\s+(?!\d)[\w'’]{1,12}\.?){0,3}?"


def _after(context: str, value: str) -> "re.Pattern[str]":
    """``value`` behind one of the context words, with up to three short words between."""
    return re.compile(
        rf"(?<![\w-])(?P<context>{context})(?!\w)(?:{_BETWEEN}|\b(?:no|nr|num|number|n|id)\b){{0,12}}{_FILLER}"
        rf"{_BETWEEN}{{0,6}}(?P<value>{value})",
        re.IGNORECASE,
    )


def find(text: str, region: str | None = None) -> list[Finding]:
    """All personal data in ``text``, in order, without overlaps.

    Args:
        text: A post as it came in.
        region: The ISO 3166 code of the country whose phone numbers are likeliest, if it is known.
    """
    folded, origin = _fold(text)
    masked = _mask(folded)
    taken: list[Finding] = []
    for kind, spans in (
        (Kind.EMAIL, _emails(folded)),
        (Kind.IBAN, _ibans(masked)),
        (Kind.CARD, _cards(masked)),
        (Kind.ADDRESS, _addresses(masked)),
        (Kind.ORDER, _known_orders(masked)),
        (Kind.PHONE, _phones(masked, region)),
        (Kind.ACCOUNT, _accounts(masked)),
        (Kind.ORDER, _orders(masked)),
        (Kind.ACCOUNT, _unexplained(masked)),
    ):
        for start, end in spans:
            if all(end <= other.start or start >= other.end for other in taken):
                taken.append(Finding(kind, start, end))
    found = [Finding(each.kind, origin[each.start], origin[each.end - 1] + 1) for each in taken]
    return sorted(found, key=lambda each: each.start)


def redact(text: str, region: str | None = None) -> str:
    """The text with every finding replaced by its kind in brackets, e.g. ``[phone]``."""
    for each in reversed(find(text, region)):
        text = f"{text[: each.start]}[{each.kind}]{text[each.end :]}"
    return text


# -- preparing the text ------------------------------------------------------------------------------------

_HANDLE = re.compile(r"(?<![\w.+-])@[A-Za-z0-9_]+(?:@[\w.-]+)?|#(?=\w*[A-Za-z]{3})(?!\w*\d{4})\w+")
_HIDDEN = re.compile(
    r"[\u00ad\u034f\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\u20e3]"
)
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")


def _fold(text: str) -> tuple[str, list[int]]:
    """Compatibility form (full-width and styled digits become plain) and, per character, where it came from."""
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


# -- mail --------------------------------------------------------------------------------------------------

_AT = r"(?:@|\s*[\[({<]\s*(?:at|@|a|arroba|chiocciola|ät)\s*[\])}>]\s*)"
_DOT = r"(?:\.|\s*[\[({<]\s*(?:dot|punkt|punto|point|ponto|punt|\.)\s*[\])}>]\s*)"
_SPOKEN_DOT = r"(?:\s+(?:dot|punkt|punto|point|ponto|punt)\s+|\s?\.\s?)"
_LOCAL = r"(?<![\w.+@-])[\w.+%-]{1,64}"
_EMAIL = re.compile(
    rf"(?P<local>{_LOCAL}){_AT}(?P<host>[\w-]+(?:{_DOT}[\w-]+)*{_DOT}[a-z]{{2,12}})\b", re.IGNORECASE
)
_SPACED = re.compile(rf"{_LOCAL}(?:\s@\s|@\s)(?P<host>(?:[\w-]+\.)+(?P<top>[a-z]{{2,12}}))\b", re.IGNORECASE)
_SPOKEN = re.compile(
    rf"(?P<local>{_LOCAL}(?:\s+(?:dot|punkt|punto|point|ponto|punt|underscore)\s+\w+)*)"
    rf"\s+(?:at|@|arroba|chiocciola|ät)\s+(?P<host>(?:{words.MAIL_HOSTS}|[\w-]+\s+(?:dot|punkt|punto|point|ponto|punt)\b)"
    rf"{_SPOKEN_DOT}?(?:com|de|fr|es|it|pt|nl|net|org|uk|co\.uk|co\s+(?:dot\s+)?uk|me|br|eu|io)\b)",
    re.IGNORECASE,
)
_MAIL_CONTEXT = re.compile(rf"\b(?:{words.MAIL})\b", re.IGNORECASE)


def _emails(text: str) -> Iterator[tuple[int, int]]:
    for match in _EMAIL.finditer(text):
        if match["local"].casefold().strip(".") not in words.ROLES:
            yield match.span()
    for match in _SPACED.finditer(text):
        if match["top"].casefold() in COUNTRY_DOMAINS | GENERIC_DOMAINS:
            yield match.span()
    for match in _SPOKEN.finditer(text):
        before = text[max(0, match.start() - 40) : match.start()]
        telling = re.search(r"[\d._+]|\s", match["local"]) or _MAIL_CONTEXT.search(before)
        if telling and match["local"].casefold() not in words.ROLES:
            yield match.span()


# -- accounts and cards ------------------------------------------------------------------------------------

_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ .-]?[A-Z0-9]){11,30}(?![A-Za-z0-9])", re.IGNORECASE)
_CARD = re.compile(r"(?<![\w.,-])\d(?:[ .\-]{0,2}\d){12,18}(?![\w-])")
_CARD_SHAPE = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}|35\d{14}"
    r"|6(?:011|4[4-9]\d|5\d\d|2\d\d)\d{12,15}|(?:50|5[6-9]|6\d)\d{10,17}"
)
_CARD_CONTEXT = re.compile(rf"\b(?:{words.CARD})\b", re.IGNORECASE)


_FEWEST_IBAN_DIGITS = 10


def _ibans(text: str) -> Iterator[tuple[int, int]]:
    for match in _IBAN.finditer(text):
        near_word = re.search(r"\biban\b", text[max(0, match.start() - 25) : match.start()], re.IGNORECASE)
        for end in range(match.end(), match.start() + 14, -1):
            compact = re.sub(r"[ .-]", "", text[match.start() : end]).upper()
            if _is_iban(compact) or (near_word and end == match.end()):
                yield match.start(), end
                break


def _is_iban(compact: str) -> bool:
    """ISO 13616: the rearranged characters, read as digits (A is 10), leave 1 when divided by 97."""
    digits = sum(each.isdigit() for each in compact)
    if digits < _FEWEST_IBAN_DIGITS or not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", compact):
        return False
    return int("".join(str(int(each, 36)) for each in compact[4:] + compact[:4])) % 97 == 1


def _cards(text: str) -> Iterator[tuple[int, int]]:
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        if not _CARD_SHAPE.fullmatch(digits):
            continue
        before = text[max(0, match.start() - 40) : match.start()]
        if _luhn(digits) or (len(digits) in (15, 16) and _CARD_CONTEXT.search(before)):
            yield match.span()


def _luhn(digits: str) -> bool:
    """ISO/IEC 7812: every second digit from the right doubled, the digits' sum divisible by ten."""
    doubled = (sum(divmod(2 * int(each), 10)) for each in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


# -- numbers that a word explains --------------------------------------------------------------------------

_CODE = r"(?=[A-Za-z0-9_\-/]*\d)[A-Za-z0-9](?:[A-Za-z0-9]|[-/_](?=[A-Za-z0-9])){3,29}(?![\w%])"
_SPACED_DIGITS = r"\d{2,6}(?:[ .\-/]\d{2,6}){1,6}(?![\w%])"
_LOCATOR = r"(?-i:[A-Z0-9]{6})(?![\w-])"
_ORDER = _after(words.ORDER, rf"{_SPACED_DIGITS}|{_CODE}")
_ACCOUNT = _after(words.ACCOUNT, rf"{_SPACED_DIGITS}|{_CODE}")
_PNR = _after(
    r"bookings?|reservation|confirmation|pnr|locator|booking\s?ref|ref(?:erence)?|localizador|buchungscode",
    _LOCATOR,
)
_KNOWN_ORDER = re.compile(
    r"(?<![\w-])(?:\d{3}-\d{7}-\d{7}|1Z\s?[A-Z0-9]{3}(?:\s?[A-Z0-9]){13}|[A-Z]{2}\s?\d{3}(?:\s?\d){6}\s?[A-Z]{2}|JJD\d{14,18}"
    r"|TBA\d{12}|\d{3}-\d{2}-\d{4})(?![\w-])"
)
_NOT_PERSONAL = re.compile(rf"(?:\b(?:{words.NOT_PERSONAL_BEFORE})|[£$€])[\s:#.\-]*$", re.IGNORECASE)
_DATE_OR_TIME = re.compile(
    r"\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|\d{4}[./-]\d{1,2}[./-]\d{1,2}|(?:19|20)\d\d(?:\s?[-/]\s?(?:19|20)?\d\d)?"
    r"|\d{1,2}[.:]\d\d(?:\s?-\s?\d{1,2}[.:]\d\d)?|\d+(?:[.,]\d{3})*[.,]\d\d|\d{1,3}(?:[.,]\d{3})+"
    r"|\d+(?:[-/]\d+)?(?:st|nd|rd|th|am|pm|h|hrs?|hours?|min(?:s|utes)?|days?|weeks?|months?|years?|k|km|gb|mb|tb"
    r"|[kmg]bps|[kmg]bit|ghz|hz|p|cm|mm|kg|lbs?|x|er|ish)"
    r"|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])",
    re.IGNORECASE,
)
_FEWEST_DIGITS = 5
_LOCATOR_LENGTH = 6


def _explained(pattern: "re.Pattern[str]", text: str, minimum: int) -> Iterator[tuple[int, int]]:
    position = 0
    while match := pattern.search(text, position):
        position = match.end("context")
        value = match["value"]
        digits = sum(character.isdigit() for character in value)
        letters = any(character.isalpha() for character in value)
        enough = digits >= (3 if letters else minimum) or (digits == 2 and len(value) >= _LOCATOR_LENGTH)
        if not enough or _DATE_OR_TIME.fullmatch(value):
            continue
        if not _NOT_PERSONAL.search(text[match.end("context") : match.start("value")]):
            yield match.span("value")


def _orders(text: str) -> Iterator[tuple[int, int]]:
    yield from _explained(_ORDER, text, _FEWEST_DIGITS)
    for match in _PNR.finditer(text):
        if re.search(r"[A-Z]", match["value"]):
            yield match.span("value")


def _known_orders(text: str) -> Iterator[tuple[int, int]]:
    yield from (match.span() for match in _KNOWN_ORDER.finditer(text))


def _accounts(text: str) -> Iterator[tuple[int, int]]:
    yield from _explained(_ACCOUNT, text, _FEWEST_DIGITS)


_UNEXPLAINED = re.compile(
    rf"(?<![\w.,:/$€£-])(?!\d0{{5}})\d{{9,13}}(?![\w%]|[.,:/]\d|\s*(?:{words.UNITS})\b)", re.IGNORECASE
)


def _unexplained(text: str) -> Iterator[tuple[int, int]]:
    """A lone long number that nothing explains: in a cry for help it is the customer's own."""
    for match in _UNEXPLAINED.finditer(text):
        before = text[max(0, match.start() - 25) : match.start()]
        if not _NOT_PERSONAL.search(before) and not _COMPANY.match(match.group()):
            yield match.span()


# -- phones ------------------------------------------------------------------------------------------------

_NUMBER = re.compile(
    r"(?<![\w.,:/$€£#-])(?:\+|00|\()?\d(?:[ \t]?[().\-/]{0,2}[ \t]?\d){6,16}(?![\w%]|[.,:]\d)"
)
_PHONE_CONTEXT = re.compile(rf"(?<![\w-])(?:{words.PHONE})(?![\w-])", re.IGNORECASE)
_GROUPED = re.compile(
    r"\(?\d{3}\)?[ .\-/]{1,3}\d{3}[ .-]\d{4}|\(?0\d{1,5}\)?(?:[ .\-/]{1,3}\d{2,8}){1,5}|1[ .-]\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}"
    r"|[679]\d\d[ .-]\d{3}[ .-]\d{3}|[679]\d\d(?:[ .-]\d\d){3}|\(\d\d\)\s?9?\d{4}[ -]?\d{4}"
)
_COMPANY = re.compile(r"(?:\+\d{1,2}[ .-]?)?(?:[10]?[ .-]?\(?(?:8[04-8]|9\d\d[ .-]|13|18)|\(?0(?:30|33|34))")
_SHORTEST_PHONE = 7
_BARE_MOBILE = re.compile(r"07\d{9}|0[67]\d{8}|01[567]\d{8,9}|\(?\d{3}\)\d{7}")


def _phones(text: str, region: str | None) -> Iterator[tuple[int, int]]:
    regions = (region, *REGIONS) if region else REGIONS
    for match in _NUMBER.finditer(text):
        number = match.group()
        if _DATE_OR_TIME.fullmatch(number) or _NOT_PERSONAL.search(
            text[max(0, match.start() - 15) : match.start()]
        ):
            continue
        around = text[max(0, match.start() - 45) : match.start()] + " " + text[match.end() : match.end() + 12]
        explained = _PHONE_CONTEXT.search(around) is not None
        if _is_phone(number, explained, regions):
            yield match.span()


def _is_phone(number: str, explained: bool, regions: tuple[str, ...]) -> bool:
    """Whether a number is a person's phone: written like one, or explained by a word, and possible somewhere."""
    international = number.startswith(("+", "00"))
    if not (international or explained or _GROUPED.fullmatch(number) or _BARE_MOBILE.fullmatch(number)):
        return False
    dialled = "+" + number[2:] if number.startswith("00") else number
    for each in regions[:1] if international else regions:
        valid = _validity(dialled, each)
        if valid or (valid is False and _COMPANY.match(dialled)):
            return valid
    return explained and len(re.sub(r"\D", "", number)) >= _SHORTEST_PHONE


def _validity(number: str, region: str) -> bool | None:
    """True for a valid number of a person, False for a company's (toll-free and the like), None for neither."""
    import phonenumbers  # its metadata costs start-up time

    try:
        parsed: PhoneNumber = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.number_type(parsed) not in _company_types()


@cache
def _company_types() -> frozenset[int]:
    from phonenumbers import PhoneNumberType as Type

    return frozenset({Type.TOLL_FREE, Type.PREMIUM_RATE, Type.SHARED_COST, Type.UAN, Type.VOICEMAIL})


# -- postal addresses --------------------------------------------------------------------------------------

_STREETS = (
    # English: 12 Oak Street, Apt 4
    r"\d{1,5}[a-z]?,?\s+(?:(?:north|south|east|west|[nsew]\.?|old|new|st\.?)\s+)?(?!(?:minutes?|mins?|hours?|days?|miles?|people|"
    r"of|on|in|at|to|and|the|times?|x|way|stars?|more|for)\b)[a-z0-9][\w'.]*(?:\s+(?!(?:on|in|at|to|the|and|is|was)\b)[a-z][\w'.]*){0,2}"
    r"\s+(?:street|str|avenue|ave|road|rd|lane|ln|boulevard|blvd|crescent|cres|terrace|drive|close|court|highway|parkway|pkwy|"
    r"gardens|mews|(?-i:St|Dr|Ct|Way|Pl|Place|Sq|Square|Cir|Circle|Grove|Row|Hill|Walk|Trail|Hwy|Park))\b\.?",
    # German: Lindenstraße 12a, Am Markt 5
    r"[a-zäöüß.-]*[a-zäöüß]{2}-?(?:straße|strasse|str\.|str|weg|platz|allee|gasse|ring|ufer|damm|stieg)\s?\d{1,4}\s?[a-z]?\b",
    r"(?:am|an der|auf dem|im|zum|zur|unter den)\s(?-i:[A-ZÄÖÜ])[a-zäöüß]+\s\d{1,3}\s?[a-z]?,?\s+\d{5}\b",
    # French: 12 bis, rue de la Paix
    r"\d{1,4}(?:\s?(?:bis|ter|quater))?,?\s+(?:rue|avenue|av\.?|boulevard|bd|place|chemin|all[ée]e|impasse|quai|cours|route)\s"
    r"[a-zà-ÿ'’-]+(?:\s[a-zà-ÿ'’-]+){0,4}",
    # Spanish, Portuguese: Calle Mayor 12, Rua das Flores, 34
    r"(?:calle|c/|avda\.?|avenida|av\.|plaza|pza\.?|paseo|camino|carretera|ronda|rua|r\.|travessa|pra[çc]a|alameda|estrada|largo)\s"
    r"(?:(?:de|del|la|las|los|el|do|da|dos|das|e|y)\s){0,2}[a-zà-ÿ][\wà-ÿ.'-]*"
    r"(?:\s(?:(?:de|del|la|las|los|do|da|dos|das|e|y)\s){0,2}[a-zà-ÿ][\wà-ÿ.'-]*){0,2},?\s(?:n[ºo°.]{1,2}\s?)?\d{1,5}\b",
    # Italian: via Garibaldi 7
    r"(?:via|viale|piazza|corso|vicolo|largo)\s(?-i:[A-Z])[\wà-ÿ.'-]+(?:\s(?-i:[A-Z])?[\wà-ÿ.'-]+){0,3},?\s(?:n\.?\s?)?\d{1,4}\b",
    # Dutch: Kerkstraat 12-3
    r"[a-z]+(?:straat|laan|weg|plein|gracht|kade|singel|dijk|hof|steeg|dreef)\s\d{1,4}(?:\s?[a-z]|-\d+)?\b",
)
_CODES = (
    r"(?-i:[A-Z]{1,2}\d[A-Z\d]?\s\d[ABD-HJLNP-UW-Z]{2})\b",
    r"(?-i:[A-Z][a-z]+),?\s(?-i:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]"
    r"|UT|V[AT]|W[AIVY])\s\d{5}(?:-\d{4})?\b",
)
_ADDRESS = re.compile(rf"(?<![\w$£€.])(?:{'|'.join((*_STREETS, *_CODES))})", re.IGNORECASE)
_HOUSE = rf"\d{{1,5}}[a-z]?\b(?!\s*(?:{words.UNITS})\b|[.,:%]\d|\s?[%x])(?:,?\s[\w.'’-]+){{0,4}}"
_LIVES_AT = re.compile(
    rf"\b(?:{words.LIVES_AT})\b[\s:]*(?P<value>(?:[a-z.'’/-]+,?\s+){{0,4}}?{_HOUSE})"
    rf"|\b(?:{words.SENT_TO})\b[\s:]*(?P<sent>(?:(?:my|our|the|flat|apt|apartment|unit|no\.?)\s)*{_HOUSE})",
    re.IGNORECASE,
)


def _addresses(text: str) -> Iterator[tuple[int, int]]:
    for match in _ADDRESS.finditer(text):
        yield match.span()
    for match in _LIVES_AT.finditer(text):
        yield match.span("value" if match["value"] else "sent")
