"""What an examination finds, and what it looks at."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.wiring.settings import Settings
from bot.store.engine import Database


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


@dataclass(frozen=True, slots=True)
class Examined:
    """A database that answers and has the right schema, with the settings that led to it."""

    settings: Settings
    database: Database

    def now(self) -> datetime:
        """The time by the database's clock."""
        with self.database.read() as session:
            return self.database.now(session)
