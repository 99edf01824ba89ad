"""Moments: which from outside the house can reckon with, and how an operator is told one."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

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


class NotMoment(ValueError):
    """Nobody can tell which moment is meant; ``str(error)`` says what to write instead."""


def on_the_clock_of(zone: ZoneInfo, text: str) -> datetime:
    """The moment, in UTC, at which clocks in ``zone`` show ``2026-03-05T14:30``.

    What they show twice, in the night when they go back, is the first of the two. Raises NotMoment, also for
    what they skip when they go forward.
    """
    try:
        shown = datetime.fromisoformat(text)
    except ValueError:
        raise NotMoment("Write the day and the time like 2026-03-05T14:30.") from None
    if shown.tzinfo is not None or not EARLIEST.year < shown.year < LATEST.year:
        raise NotMoment("Write the day and the time like 2026-03-05T14:30.")
    moment = shown.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != shown:
        raise NotMoment("Clocks go forward then and skip this time: choose another one.")
    return moment


def told(moment: datetime) -> str:
    """To the minute, in UTC, as logs and reasons have it: ``2026-03-04 12:00 UTC``."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"
