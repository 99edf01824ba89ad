"""Moments from outside: which of them the house can reckon with."""

from datetime import UTC, datetime

EARLIEST = datetime(2, 1, 1, tzinfo=UTC)
LATEST = datetime(9998, 12, 31, tzinfo=UTC)
"""A year short of what Python knows: every zone and every wait of ours fits in between."""


def in_utc(moment: datetime) -> datetime | None:
    """The moment in UTC; None where it has no zone, or lies so far out that nobody could add to it."""
    if moment.tzinfo is None:
        return None
    try:
        at = moment.astimezone(UTC)
    except OverflowError:  # 9999-12-31T23:59-12:00 is a date that the calendar ends before
        return None
    return at if EARLIEST <= at <= LATEST else None
