"""Phone numbers of persons; a company's toll-free and service numbers are none (pure)."""

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from bot.text.personal import words
from bot.text.personal.context import COMPANY, DATE_OR_TIME, NOT_PERSONAL

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

REGIONS = ("US", "GB", "DE", "FR", "ES", "IT", "PT", "NL", "BR", "AT", "CH", "BE", "IE", "AU", "IN", "MX")
"""Where a phone number without a country code may be from; the earlier, the likelier."""

_NUMBER = re.compile(
    r"(?<![\w.,:/$€£-])(?:\+|00|\()?\d(?:[ \t]?[().\-/]{0,2}[ \t]?\d){6,16}(?![\w%]|[.,:]\d)"
)
_PHONE_CONTEXT = re.compile(rf"(?<![\w-])(?:{words.PHONE})(?![\w-])", re.IGNORECASE)
_GROUPED = re.compile(
    r"\(?\d{3}\)?[ .\-/]{1,3}\d{3}[ .-]\d{4}"
    r"|1[ .-]\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}|\(?0\d{1,5}\)?(?:[ .\-/]{1,3}\d{2,8}){1,5}"
    r"|[679]\d\d[ .-]\d{3}[ .-]\d{3}|[679]\d\d(?:[ .-]\d\d){3}|\(\d\d\)\s?9?\d{4}[ -]?\d{4}"
)
_SHORTEST_PHONE = 7
_SHORTEST_INTERNATIONAL = 10
_BARE_MOBILE = re.compile(r"07\d{9}|0[67]\d{8}|01[567]\d{8,9}|\(?\d{3}\)\d{7}")


def phones(text: str, region: str | None) -> Iterator[tuple[int, int]]:
    """Phone numbers, the likeliest country being ``region``."""
    regions = (region, *REGIONS) if region else REGIONS
    for match in _NUMBER.finditer(text):
        number = match.group()
        before = text[max(0, match.start() - 45) : match.start()]
        if DATE_OR_TIME.fullmatch(number) or NOT_PERSONAL.search(before):
            continue
        around = before + " " + text[match.end() : match.end() + 12]
        explained = _PHONE_CONTEXT.search(around) is not None
        if _is_phone(number, explained, regions):
            yield match.span()


def _is_phone(number: str, explained: bool, regions: tuple[str, ...]) -> bool:
    """Whether a number is a person's phone: written like one or explained by a word, and possible."""
    international = number.startswith(("+", "00"))
    if not (international or explained or _GROUPED.fullmatch(number) or _BARE_MOBILE.fullmatch(number)):
        return False
    dialled = "+" + number[2:] if number.startswith("00") else number
    if international:
        dialled = dialled.replace("(0)", "")  # "+44 (0)20 …": dialled at home only
    for each in regions[:1] if international else regions:
        valid = _validity(dialled, each)
        if valid or (valid is False and COMPANY.match(dialled)):
            return valid
    digits = len(re.sub(r"\D", "", number))
    # A plus sign says enough, also before a range that no country has given out.
    return digits >= (_SHORTEST_INTERNATIONAL if dialled.startswith("+") else _SHORTEST_PHONE) and (
        explained or dialled.startswith("+")
    )


def _validity(number: str, region: str) -> bool | None:
    """True for a valid number of a person, False for a company's (toll-free and such), None for neither."""
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


def regions() -> frozenset[str]:
    """The countries whose phone numbers can be told apart, by ISO 3166: ``US``, ``DE``."""
    from phonenumbers import SUPPORTED_REGIONS

    return frozenset(SUPPORTED_REGIONS)
