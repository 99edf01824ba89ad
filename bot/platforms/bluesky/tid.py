"""Timestamp identifiers, the record keys of posts: 13 characters that sort by time.

https://atproto.com/specs/tid: a 64-bit integer, its top bit 0, then 53 bits of microseconds since 1970 and
10 bits of a clock's number, in base 32 with an alphabet that sorts like the numbers do.
"""

from datetime import UTC, datetime, timedelta

ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
LENGTH = 13
CLOCKS = 1024
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_HIGHEST = 2**53


def tid(now: datetime, clock_id: int) -> str:
    """The identifier for an aware time and a clock's number (0 to 1023). Raises ValueError."""
    return tid_of((now - _EPOCH) // _MICROSECOND, clock_id)


def tid_of(microseconds: int, clock_id: int) -> str:
    """The identifier for microseconds since 1970 and a clock's number. Raises ValueError."""
    if not (0 <= microseconds < _HIGHEST and 0 <= clock_id < CLOCKS):
        raise ValueError("A TID holds 53 bits of microseconds and 10 bits of a clock's number.")
    number = microseconds << 10 | clock_id
    return "".join(ALPHABET[number >> shift & 31] for shift in range(60, -1, -5))


def time_of_tid(key: str) -> datetime | None:
    """The time in a record key; None where it is no TID."""
    if len(key) != LENGTH or any(letter not in ALPHABET for letter in key) or ALPHABET.index(key[0]) > 7:
        return None
    number = 0
    for letter in key:
        number = number << 5 | ALPHABET.index(letter)
    return _EPOCH + (number >> 10) * _MICROSECOND


class Tids:
    """Makes identifiers that rise even where the clock does not. Not shared between threads."""

    def __init__(self, clock_id: int) -> None:
        self._clock_id = clock_id
        self._last = -1

    def next(self, now: datetime) -> str:
        """A fresh identifier, not before ``now``."""
        self._last = max((now - _EPOCH) // _MICROSECOND, self._last + 1)
        return tid_of(self._last, self._clock_id)
