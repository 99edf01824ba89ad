"""What an examination of the house finds."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is, from good to bad."""

    OK = "ok"
    NOTE = "note"
    """Fine as it is; good to know."""
    WARNING = "warning"
    """Chorus works, but not as somebody would expect."""
    ERROR = "error"
    """Something does not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what it is, and what to do about it (empty: nothing)."""

    level: Level
    about: str
    message: str
    advice: str = ""
