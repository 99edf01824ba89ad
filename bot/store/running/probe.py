"""Whether anything can be stored: a database that answers may still be full, read-only or out of reach."""

import shutil
import threading
from collections.abc import Callable
from math import inf
from pathlib import Path
from time import monotonic

from sqlalchemy.exc import DBAPIError

from bot.store.engine import Database, sqlite_file
from bot.store.running import cursors

_LEAST_ROOM = 16 * 2**20
"""Bytes: with less, the next posts may not fit, though one more small note still does."""
_CURSOR = "probe"
_EVERY_SECONDS = 5.0


def _free(place: Path) -> int:
    return shutil.disk_usage(place).free


class Probe:
    """Writes a note now and then, and tells what came of it; asked often, it writes seldom."""

    def __init__(
        self,
        database: Database,
        *,
        free: Callable[[Path], int] = _free,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Look after ``database``; ``free`` tells the bytes that are left at a place."""
        self._database = database
        self._file = sqlite_file(database.engine.url.render_as_string(hide_password=False))
        self._free = free
        self._clock = clock
        self._guard = threading.Lock()
        self._from = 0.0
        self._trouble: str | None = None

    def trouble(self) -> str | None:
        """Why nothing can be stored, in words, as of the last seconds; None where something can."""
        with self._guard:
            if self._clock() < self._from:
                return self._trouble
            self._from = inf  # whoever asks while this one writes hears what was last known
        try:
            self._trouble = self._crowded() or self._refused()
        finally:
            self._from = self._clock() + _EVERY_SECONDS
        return self._trouble

    def _crowded(self) -> str | None:
        if self._file is None:
            return None
        left = self._free(self._file.parent)
        if left >= _LEAST_ROOM:
            return None
        return f"The disk is full: {left / 2**20:.1f} MiB are left at {self._file.parent}. Make room."

    def _refused(self) -> str | None:
        try:
            with self._database.write() as session:
                cursors.move(session, _CURSOR, "", self._database.now(session))
        except DBAPIError as error:
            return f"Nothing can be stored in {self._database.name}: {error.orig}."
        return None
