"""Numbers of orders, cases, accounts, documents: by a word that explains them or their shape (pure)."""

import re
from collections.abc import Iterator

from bot.text.personal import words
from bot.text.personal.context import COMPANY, DATE_OR_TIME, NOT_PERSONAL

_BETWEEN = r"[\s:#.\-–=()\[\]\"'*°]"
_FILLER = r"(?:\s+(?!\d)[\w'’]{1,12}\.?){0,3}?"


def _after(context: str, value: str) -> "re.Pattern[str]":
    """``value`` behind one of the context words, with up to three short words between."""
    return re.compile(
        rf"(?<![\w-])(?P<context>{context})(?!\w)(?:{_BETWEEN}|\b(?:no|nr|num|number|n|id)\b){{0,12}}{_FILLER}"
        rf"{_BETWEEN}{{0,6}}(?P<value>{value})",
        re.IGNORECASE,
    )


_CODE = r"(?=[A-Za-z0-9_\-/]*\d)[A-Za-z0-9](?:[A-Za-z0-9]|[-/_](?=[A-Za-z0-9])){3,29}(?![\w%])"
_SPACED_DIGITS = r"\d{1,6}(?:[ .\-/]\d{1,6}){1,7}(?![\w%])"
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
_COUNTED = re.compile(rf"\s*(?:{words.UNITS})\b", re.IGNORECASE)
_BORN = re.compile(
    rf"\b(?:{words.BORN})\b[\s:.]*"
    r"(?P<value>\d{1,2}[./ -]\d{1,2}[./ -](?:19|20)?\d\d|(?:19|20)\d\d-\d\d-\d\d)"
    r"(?!\d)",
    re.IGNORECASE,
)
_FEWEST_DIGITS = 5
_LOCATOR_LENGTH = 6


_DIGIT = re.compile(r"\d")


def _explained(pattern: "re.Pattern[str]", text: str, minimum: int) -> Iterator[tuple[int, int]]:
    if not _DIGIT.search(text):
        return
    position = 0
    while match := pattern.search(text, position):
        position = match.end("context")
        value = match["value"]
        digits = sum(character.isdigit() for character in value)
        letters = any(character.isalpha() for character in value)
        enough = digits >= (3 if letters else minimum) or (digits == 2 and len(value) >= _LOCATOR_LENGTH)
        if not enough or DATE_OR_TIME.fullmatch(value):
            continue
        if _COUNTED.match(text, match.end("value")):
            continue
        if not NOT_PERSONAL.search(text[match.end("context") : match.start("value")]):
            yield match.span("value")


def orders(text: str) -> Iterator[tuple[int, int]]:
    """Orders, bookings, parcels, cases: what the company can look a customer up by."""
    yield from _explained(_ORDER, text, _FEWEST_DIGITS)
    for match in _PNR.finditer(text):
        if re.search(r"[A-Z]", match["value"]):
            yield match.span("value")


def known_orders(text: str) -> Iterator[tuple[int, int]]:
    """Numbers whose shape alone gives them away: large shops, parcel services, social security."""
    yield from (match.span() for match in _KNOWN_ORDER.finditer(text))


def accounts(text: str) -> Iterator[tuple[int, int]]:
    """Customers, contracts, memberships, documents, dates of birth."""
    yield from _explained(_ACCOUNT, text, _FEWEST_DIGITS)
    yield from (match.span("value") for match in _BORN.finditer(text))


_UNEXPLAINED = re.compile(
    r"(?<![\w.,:/$€£-])(?!\d0{5})(?:\d{9,30}|\d{4}(?:[ -]\d{4}){3,}(?:[ -]\d{1,4})?)"
    rf"(?![\w%]|[.,:/]\d|\s*(?:{words.UNITS})\b)",
    re.IGNORECASE,
)


def unexplained(text: str) -> Iterator[tuple[int, int]]:
    """A lone long number that nothing explains: in a cry for help it is the customer's own."""
    for match in _UNEXPLAINED.finditer(text):
        before = text[max(0, match.start() - 25) : match.start()]
        if not NOT_PERSONAL.search(before) and not COMPANY.match(match.group()):
            yield match.span()
