"""Cursors of the API: where a list goes on, opaque to whoever hands them back."""

import base64
import binascii
from datetime import UTC, datetime, timedelta

import orjson

from app.web.problems import Problem
from bot.store.queries.pages.archive import ListPosition

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = 253_402_300_799_999_999
"""Microseconds until the end of the year 9999."""
_LONGEST = 100
_DEEPEST = 100_000
_MOST = 2**63


def of_position(position: ListPosition) -> str:
    """The list of the latest goes on after this entry."""
    return _encode([(position.published_at - _EPOCH) // timedelta(microseconds=1), position.id])


def of_number(number: int) -> str:
    """The list goes on with the numbers below this one."""
    return _encode([number])


def of_offset(offset: int) -> str:
    """A ranking goes on with this many hits left out."""
    return _encode([offset])


def position_of(cursor: str) -> ListPosition:
    """What ``of_position`` made a cursor of. Raises Problem (422) for anything else."""
    match _decode(cursor):
        case [int(microseconds), int(entry_id)] if 0 <= microseconds <= _LATEST and 0 < entry_id < _MOST:
            return ListPosition(_EPOCH + timedelta(microseconds=microseconds), entry_id)
    raise _unknown()


def number_of(cursor: str) -> int:
    """What ``of_number`` made a cursor of. Raises Problem (422) for anything else."""
    match _decode(cursor):
        case [int(number)] if 0 < number < _MOST:
            return number
    raise _unknown()


def offset_of(cursor: str) -> int:
    """What ``of_offset`` made a cursor of. Raises Problem (422) for anything else."""
    match _decode(cursor):
        case [int(offset)] if 0 < offset <= _DEEPEST:
            return offset
    raise _unknown()


def _encode(value: list[int]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(value)).decode().rstrip("=")


def _decode(cursor: str) -> object:
    if len(cursor) > _LONGEST:
        raise _unknown()
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        found = orjson.loads(base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True))
    except (binascii.Error, UnicodeEncodeError, orjson.JSONDecodeError):
        raise _unknown() from None
    if isinstance(found, list) and any(isinstance(one, bool) for one in found):
        raise _unknown()  # true would pass for a number here, and not in the database
    return found


def _unknown() -> Problem:
    detail = "This cursor is not of this list. Take `next` of the page before, with the same parameters."
    return Problem(422, detail, errors=[("cursor", detail)])
