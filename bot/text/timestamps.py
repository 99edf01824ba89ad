"""Moments: which from outside the house can reckon with, and how an operator is told one."""

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


def told(moment: datetime) -> str:
    """To the minute, in UTC, as logs and reasons have it: ``2026-03-04 12:00 UTC``."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"
