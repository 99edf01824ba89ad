"""Backups taken while Chorus works, and restoring them without saying anything twice.

A SQLite database is copied page by page by SQLite's own online backup. PostgreSQL, and SQLite where it is
asked for, is written as JSON lines (``bot.store.backup.dump``), which either kind of database can be restored
from.
"""

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, MetaData, inspect
from sqlmodel import Session

from bot.private_files import make_private_directory
from bot.store import migrations
from bot.store.backup import dump, restored
from bot.store.backup.dump import BadBackup
from bot.store.engine import Database, open_engine, sqlite_file
from bot.store.running import nodes

if TYPE_CHECKING:
    from alembic.config import Config

__all__ = ["Adjust", "BadBackup", "Refused", "Restored", "back_up", "is_inhabited", "restore"]

_SQLITE_MAGIC = b"SQLite format 3\x00"
_MADE_AT = "user_version"  # SQLite keeps one number for the application: here, when the backup was made
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)  # seconds from here fit into that number until 2088

Adjust = Callable[[Session, datetime], None]
"""What has to happen to a restored database before anybody uses it, in the same transaction."""


class Refused(Exception):
    """The restore would destroy something; ``str(error)`` says what, and how to do it all the same."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore has done. ``kept`` is where the former database went, if it went anywhere."""

    made_at: datetime
    held: int
    kept: Path | None


def back_up(database: Database, target: Path, now: datetime, *, portable: bool = False) -> int:
    """Write a backup to ``target``, whole or not at all, readable by its owner only.

    The database may be written to meanwhile. The backup's size in bytes is returned. Raises BadBackup when
    the copy does not hold together, OSError when it cannot be written.
    """
    with _beside(target) as draft:
        source = sqlite_file(database.engine.url.render_as_string(hide_password=False))
        if source is not None and not portable:
            _copy_sqlite(source, draft, now)
        else:
            revision = migrations.current(database.engine) or ""
            with draft.open("wb") as file:
                dump.write(database.engine, file, revision, now)
        _flush(draft)
        draft.replace(target)
    _flush(target.parent)
    return target.stat().st_size


def restore(source: Path, url: str, now: datetime, adjust: Adjust, *, replace: bool = False) -> Restored:
    """Make the database at ``url`` what ``source`` holds, at this version's schema, and set it right.

    All or nothing: a restore that fails leaves what was there. ``replace`` allows to take the place of a
    database that holds something; a SQLite file is kept beside under another name.

    Raises BadBackup, Refused, or migrations.SchemaTooNew.
    """
    if not source.is_file():
        raise BadBackup(f"There is no file {source}.")
    file = sqlite_file(url)
    if file is None:
        return _restore_postgresql(source, url, now, adjust, replace=replace)
    kept = None
    with _beside(file) as draft:
        made_at = _fill_sqlite(source, draft)
        held = _set_right(f"sqlite:///{draft}", made_at, now, adjust)
        if is_inhabited(url):
            _refuse_unless(replace, url)
            kept = _put_aside(file, now)
        draft.replace(file)
    _flush(file.parent)
    return Restored(made_at, held, kept)


def is_inhabited(url: str) -> bool:
    """Whether there is a database with tables at this address."""
    file = sqlite_file(url)
    if file is not None and not file.is_file():
        return False
    engine = open_engine(url, pool_size=1)
    try:
        with engine.connect() as connection:
            return bool(inspect(connection).get_table_names())
    finally:
        engine.dispose()


def _refuse_unless(replace: bool, url: str) -> None:
    database = Database(open_engine(url, pool_size=1))
    try:
        if not replace:
            raise Refused(
                f"{database.name} holds a database already. Set CHORUS_DATABASE_URL to a new place, or add "
                "--replace to put the backup in its place."
            )
        with database.read() as session:
            there = inspect(session.connection()).has_table("node")
            alive = nodes.working(session, database.now(session)) if there else []
        if alive:
            raise Refused(f"Chorus is running on {database.name} ({alive[0].name}): stop it first.")
    finally:
        database.close()


def _put_aside(file: Path, now: datetime) -> Path:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode=DELETE")  # so that no log of the former file is left behind
    kept = file.with_name(f"{file.name}.until-{now:%Y%m%dT%H%M%S}")
    file.replace(kept)
    for rest in ("-wal", "-shm"):
        file.with_name(file.name + rest).unlink(missing_ok=True)
    return kept


def _fill_sqlite(source: Path, draft: Path) -> datetime:
    """Put a backup of either kind into a new SQLite file."""
    if _is_sqlite(source):
        return _copy_sqlite(source, draft, None)
    head = dump.header(source)
    engine = open_engine(f"sqlite:///{draft}", pool_size=1)
    try:
        with engine.execution_options(writes=True).begin() as connection:
            _upgrade(connection, head.revision)
            dump.load(connection, source)
    finally:
        engine.dispose()
    return head.made_at


def _restore_postgresql(source: Path, url: str, now: datetime, adjust: Adjust, *, replace: bool) -> Restored:
    """Everything in one transaction: PostgreSQL takes back changed tables, too."""
    if _is_sqlite(source):
        with tempfile.TemporaryDirectory(prefix="chorus-restore-") as directory:
            return _restore_postgresql(_as_dump(source, Path(directory)), url, now, adjust, replace=replace)
    head = dump.header(source)
    if is_inhabited(url):
        _refuse_unless(replace, url)
    engine = open_engine(url, pool_size=1)
    try:
        with engine.begin() as connection:
            there = MetaData()
            there.reflect(connection)
            there.drop_all(connection)
            _upgrade(connection, head.revision)
            dump.load(connection, source)
            _upgrade(connection, "head")
            with Session(connection, expire_on_commit=False) as session:
                held = restored.set_right(session, head.made_at, now)
                adjust(session, now)
                session.flush()
                session.commit()
    finally:
        engine.dispose()
    return Restored(head.made_at, held, None)


def _as_dump(source: Path, directory: Path) -> Path:
    """A SQLite backup as JSON lines."""
    copy, lines = directory / "copy.db", directory / "rows.jsonl.gz"
    made_at = _copy_sqlite(source, copy, None)
    engine = open_engine(f"sqlite:///{copy}", pool_size=1)
    try:
        with lines.open("wb") as file:
            dump.write(engine, file, migrations.current(engine) or "", made_at)
    finally:
        engine.dispose()
    return lines


def _set_right(url: str, made_at: datetime, now: datetime, adjust: Adjust) -> int:
    database = Database(open_engine(url, pool_size=1))
    try:
        migrations.upgrade(database.engine)
        with database.write() as session:
            held = restored.set_right(session, made_at, now)
            adjust(session, now)
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql(f"PRAGMA {_MADE_AT}=0")
    finally:
        database.close()
    return held


def _upgrade(connection: Connection, revision: str) -> None:
    """Bring the schema to a revision within the connection's transaction. Raises SchemaTooNew."""
    if revision not in ("head", *_known_revisions()):
        raise migrations.SchemaTooNew(
            f"The backup is at revision {revision}, which this version of Chorus does not know. "
            "Restore it with the version that made it, or a newer one."
        )
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _known_revisions() -> list[str]:
    from alembic.script import ScriptDirectory

    return [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()]


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations.scripts_directory()).replace("%", "%%"))
    return config


def _copy_sqlite(source: Path, target: Path, made_at: datetime | None) -> datetime:
    """Copy a SQLite database while others write to it, check the copy, and note when it was made.

    ``made_at=None`` keeps and returns what the source says of itself.
    """
    try:
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as original,
            closing(sqlite3.connect(target)) as copy,
        ):
            # All pages in one step: one snapshot of the write-ahead log, however much is written meanwhile.
            original.backup(copy)
            if made_at is not None:
                copy.execute(f"PRAGMA {_MADE_AT}={int((made_at - _EPOCH).total_seconds())}")
            copy.execute("PRAGMA journal_mode=DELETE")
            problem = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
            dangling = copy.execute("PRAGMA foreign_key_check").fetchone()
            noted = int(copy.execute(f"PRAGMA {_MADE_AT}").fetchone()[0])
    except sqlite3.DatabaseError as error:
        raise BadBackup(f"{source} cannot be copied: {error}.") from error
    if problem != "ok" or dangling is not None:
        raise BadBackup(
            f"{source} is damaged: {problem if problem != 'ok' else f'row {dangling} refers to nothing'}."
        )
    if made_at is not None:
        return made_at
    if noted:
        return _EPOCH + timedelta(seconds=noted)
    return datetime.fromtimestamp(source.stat().st_mtime, tz=UTC)


def _is_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_SQLITE_MAGIC)) == _SQLITE_MAGIC


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A name for a draft in the same directory, so that putting it in place is one step; swept up after."""
    make_private_directory(target.parent)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".draft", dir=target.parent)
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
    finally:
        for rest in ("", "-wal", "-shm", "-journal"):
            draft.with_name(draft.name + rest).unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Make sure that a file, or a directory's list of names, is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
