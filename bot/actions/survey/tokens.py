"""What the address of a survey's page ends in: signed, so that nobody can make one up, and soon over.

It holds the survey's number and when it ends, in a base of consonants: no word, number or address ever comes
of it by chance, so that what looks for personal data finds none.
"""

import hashlib
import hmac
from datetime import UTC, datetime

_LETTERS = "bcdfghjkmnpqrstvwxyz"
_NUMBER_BYTES, _HOUR_BYTES, _SIGNATURE_BYTES = 6, 4, 14
"""112 bits of a signature: nobody guesses one."""
_BYTES = _NUMBER_BYTES + _HOUR_BYTES + _SIGNATURE_BYTES
_LENGTH = 45
"""Letters that always suffice: 20 ** 45 is more than 2 ** (8 * 24)."""
_AN_HOUR = 3_600


class NoSuchSurvey(LookupError):
    """No survey has this address."""


class SurveyOver(LookupError):
    """The time to answer is over, or the question is gone."""


def token_of(key: bytes, survey_id: int, expires_at: datetime) -> str:
    """What a survey's address ends in."""
    hour = -(-int(expires_at.timestamp()) // _AN_HOUR)
    signed = survey_id.to_bytes(_NUMBER_BYTES, "big") + hour.to_bytes(_HOUR_BYTES, "big")
    number = int.from_bytes(_signature(key, signed) + signed, "big")
    letters = []
    for _ in range(_LENGTH):
        number, digit = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[digit])
    return "".join(letters)


def survey_named(keys: tuple[bytes, ...], token: str, now: datetime) -> int:
    """The number of the survey with this address. Raises NoSuchSurvey or SurveyOver."""
    if len(token) != _LENGTH or any(letter not in _LETTERS for letter in token):
        raise NoSuchSurvey
    number = 0
    for letter in reversed(token):
        number = number * len(_LETTERS) + _LETTERS.index(letter)
    if number >> (8 * _BYTES):
        raise NoSuchSurvey
    whole = number.to_bytes(_BYTES, "big")
    signature, signed = whole[:_SIGNATURE_BYTES], whole[_SIGNATURE_BYTES:]
    if not any(hmac.compare_digest(_signature(key, signed), signature) for key in keys):
        raise NoSuchSurvey
    hour = int.from_bytes(signed[_NUMBER_BYTES:], "big")
    if datetime.fromtimestamp(hour * _AN_HOUR, UTC) <= now:
        raise SurveyOver
    return int.from_bytes(signed[:_NUMBER_BYTES], "big")


def _signature(key: bytes, signed: bytes) -> bytes:
    return hmac.new(key, signed, hashlib.sha256).digest()[:_SIGNATURE_BYTES]
