"""Payment cards and bank accounts, by their check digits (pure)."""

import re
from collections.abc import Iterator

from bot.text.personal import words

_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ .-]?[A-Z0-9]){11,30}(?![A-Za-z0-9])", re.IGNORECASE)
_CARD = re.compile(r"(?<![\w.,-])\d(?:[ .\-]{0,2}\d){12,18}(?![\w-])")
_CARD_SHAPE = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}|35\d{14}"
    r"|6(?:011|4[4-9]\d|5\d\d|2\d\d)\d{12,15}|(?:50|5[6-9]|6\d)\d{10,17}"
)
_CARD_CONTEXT = re.compile(rf"\b(?:{words.CARD})\b", re.IGNORECASE)


_FEWEST_IBAN_DIGITS = 10


def ibans(text: str) -> Iterator[tuple[int, int]]:
    """Bank accounts in the international form: right by their check digits, or announced as IBAN."""
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


def cards(text: str) -> Iterator[tuple[int, int]]:
    """Card numbers of the known schemes: right by their check digit, or announced as a card."""
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
