"""Looking at the database: is it there, does it answer, does it fit, has it room."""

import shutil
import stat
from pathlib import Path

from app.web.phrasing import so_many
from app.wiring.findings import Finding, Level
from app.wiring.settings import Settings
from bot.store import migrations
from bot.store.engine import Database, DatabaseDown, open_engine, sqlite_file
from bot.store.queries import examination

_ABOUT = "database"
_ROOM_WARNING = 2 * 2**30
_ROOM_ERROR = 200 * 2**20
_LONG_LOG = 256 * 2**20
_SKEW_WARNING_SECONDS = 2.0
_SKEW_ERROR_SECONDS = 30.0


def database_findings(settings: Settings) -> tuple[Database | None, list[Finding]]:
    """The findings, and the database if one can go on looking into it."""
    file = sqlite_file(settings.database_url)
    if file is not None and not file.is_file():
        return None, [
            Finding(
                Level.ERROR,
                _ABOUT,
                f"There is no database at {file}.",
                "chorus migrate or chorus serve creates it; or set CHORUS_DATABASE_URL to the one you mean.",
            )
        ]
    database = Database(open_engine(settings.database_url))
    try:
        database.ping()
    except DatabaseDown as error:
        return None, [Finding(Level.ERROR, _ABOUT, str(error), ""), *_room(settings, file)]
    findings = [_schema(database), *_room(settings, file), _skew(database)]
    if findings[0].level is Level.ERROR:
        database.close()
        return None, findings[:-1]
    return database, findings


def _schema(database: Database) -> Finding:
    at, newest = migrations.current(database.engine), migrations.newest()
    if at != newest:
        return Finding(
            Level.ERROR,
            _ABOUT,
            f"{database.name} is at revision {at or 'none'}, and this version of Chorus needs {newest}.",
            "Make a backup, then run chorus migrate.",
        )
    missing = migrations.differences(database.engine)
    if missing:
        return Finding(
            Level.ERROR,
            _ABOUT,
            f"{database.name} says revision {at}, but its tables differ from it in "
            f"{so_many(len(missing), 'place', 'places')}.",
            "Somebody changed the tables by hand. Restore a backup, or undo the change.",
        )
    return Finding(Level.OK, _ABOUT, f"{database.name}, revision {at}.")


def _room(settings: Settings, file: Path | None) -> list[Finding]:
    place = file.parent if file is not None else settings.data_directory
    place = next((one for one in (place, *place.absolute().parents) if one.exists()), Path("/"))
    free = shutil.disk_usage(place).free
    findings = [_free(place, free)]
    if file is None:
        return findings
    log = file.with_name(f"{file.name}-wal")
    if log.is_file() and log.stat().st_size > _LONG_LOG:
        findings.append(
            Finding(
                Level.WARNING,
                _ABOUT,
                f"Its write-ahead log has grown to {log.stat().st_size / 2**20:.0f} MiB.",
                "Some process keeps a very old read open. Restart Chorus, and end other programs that use "
                f"{file.name}.",
            )
        )
    if file.stat().st_mode & stat.S_IROTH:
        findings.append(
            Finding(
                Level.NOTE,
                _ABOUT,
                f"Everybody on this machine can read {file}.",
                f"chmod 600 {file}",
            )
        )
    return findings


def _free(place: Path, free: int) -> Finding:
    size = f"{free / 2**30:.1f} GiB are free at {place}."
    if free < _ROOM_ERROR:
        advice = "Make room at once: without it no post can be stored, and platforms are told to come again."
        return Finding(Level.ERROR, "disk", size, advice)
    if free < _ROOM_WARNING:
        return Finding(Level.WARNING, "disk", size, "Make room soon.")
    return Finding(Level.OK, "disk", size)


def _skew(database: Database) -> Finding:
    skew = examination.clock_skew(database)
    way = "ahead of" if skew > 0 else "behind"
    words = f"This machine's clock is {abs(skew):.1f} seconds {way} the database's."
    if abs(skew) >= _SKEW_WARNING_SECONDS:
        level = Level.ERROR if abs(skew) >= _SKEW_ERROR_SECONDS else Level.WARNING
        return Finding(
            level,
            "clock",
            words,
            "Let both machines take the time from a time server (chrony, systemd-timesyncd).",
        )
    return Finding(Level.OK, "clock", "It agrees with the database's.")
