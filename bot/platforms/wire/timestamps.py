"""Moments as people's programs write them: anything at all may stand there."""

from datetime import UTC, datetime

_YEARS = range(2, 9999)
"""Years that leave room for time zones and spans on both sides of a moment."""


def time_of(value: object) -> datetime | None:
    """An ISO 8601 time in UTC, None where there is none, it cannot be read or nobody can reckon with it."""
    if not isinstance(value, str):
        return None
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        return None
    if time.year not in _YEARS:
        return None
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
