"""What every command does first: read the settings, open the database, say which one it is."""

import sys
from datetime import datetime
from pathlib import Path
from time import monotonic

from app.cli.printing import printable
from app.wiring.environment import UnusableSettings
from app.wiring.settings import Settings, load_settings
from app.wiring.steering.in_force import rulebook_of
from bot.actions.archive.gate import judge_by
from bot.store import migrations
from bot.store.engine import Database, Session, open_engine, sqlite_file


def say(text: str) -> None:
    """A line for the person at the terminal, on standard error, so that output can be piped."""
    sys.stderr.write(f"{printable(text)}\n")


def open_database(settings: Settings | None = None, *, create: bool = False) -> Database:
    """The database of the settings, at the newest schema. Raises UnusableSettings with what to do.

    Only ``create`` makes one that is not there, and migrates one that is behind.
    """
    settings = settings or load_settings()
    file = sqlite_file(settings.database_url)
    if file is not None and not create and not file.is_file():
        raise UnusableSettings(
            f"There is no database at {file}. "
            "Run chorus migrate or chorus serve first, or set CHORUS_DATABASE_URL to the one you mean."
        )
    database = Database(open_engine(settings.database_url))
    place = str(file) if file is not None else database.name
    say(f"Database: {place}")
    database.ping()
    if create:
        migrations.upgrade(database.engine)
    elif migrations.current(database.engine) != migrations.newest():
        raise UnusableSettings(f"The database {place} is not at this version's schema: run chorus migrate.")
    rulebook = rulebook_of(settings, database, monotonic)
    judge_by(database, lambda: rulebook().rules.archive)
    return database


def clock(database: Database, session: Session) -> datetime:
    """The time by the database's clock."""
    return database.now(session)


_SNAPSHOTS = ("experts.snapshot", "matters.snapshot")


def forget_snapshots(directory: Path) -> None:
    """What was learned of words that may be gone goes from the data directory; it is learned again."""
    for name in _SNAPSHOTS:
        (directory / name).unlink(missing_ok=True)
