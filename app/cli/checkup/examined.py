"""What an examination looks at."""

from dataclasses import dataclass
from datetime import datetime

from app.wiring.settings import Settings
from bot.store.engine import Database


@dataclass(frozen=True, slots=True)
class Examined:
    """A database that answers and has the right schema, with the settings that led to it."""

    settings: Settings
    database: Database

    def now(self) -> datetime:
        """The time by the database's clock."""
        with self.database.read() as session:
            return self.database.now(session)
