"""On PostgreSQL, nodes hear of each other's commits at once, by LISTEN and NOTIFY.

A signal says only that there is something new. One that gets lost costs nothing but the time until the next
look, so a broken connection is simply opened again.
"""

import threading
from collections.abc import Callable

import structlog

from bot.store.changes import CHANNEL
from bot.store.engine import Database

log = structlog.get_logger(__name__)

_LISTEN_SECONDS = 1.0
_GATHER_SECONDS = 0.05
"""Commits that follow each other this closely are heard of once: all that wakes looks for all that is due."""
_RECONNECT_SECONDS = 2.0


class ChangeListener:
    """Calls ``heard`` whenever another node has committed a change."""

    def __init__(self, database: Database, heard: Callable[[], None]) -> None:
        self._database = database
        self._heard = heard
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="signals", daemon=True)

    def start(self) -> None:
        """Begin to listen, where there is something to listen to."""
        if not self._database.is_sqlite:
            self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen()
            except Exception as error:  # noqa: BLE001 - whatever it was, pages go on by looking themselves
                log.info("signals interrupted", error=str(error))
                self._stopping.wait(_RECONNECT_SECONDS)

    def _listen(self) -> None:
        pooled = self._database.engine.raw_connection()
        try:
            connection = pooled.driver_connection
            if connection is None:
                return
            connection.autocommit = True
            connection.execute(f"LISTEN {CHANNEL}")
            while not self._stopping.is_set():
                for _ in connection.notifies(timeout=_LISTEN_SECONDS, stop_after=1):
                    self._heard()
                self._stopping.wait(_GATHER_SECONDS)
        finally:
            pooled.invalidate()  # a connection that listens must not serve anybody else
            pooled.close()
