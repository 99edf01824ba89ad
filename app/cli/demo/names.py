"""The stories that the demo knows."""

from enum import StrEnum


class StoryName(StrEnum):
    """What happens in the demo."""

    DAY = "day"
    """Customers ask about this and that, and people answer."""
    OUTAGE = "outage"
    """A cloud is down, everybody is told once, and many want that something changes."""
