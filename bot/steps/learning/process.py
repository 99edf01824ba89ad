"""A short-lived process that learns the past beside everything else and leaves a snapshot.

Learning is thousands of small steps of Python. On a thread of a process that serves, each page and each
question would wait for the interpreter again and again until all is learned.
"""

import os
import signal
from multiprocessing import connection, get_context
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic
from typing import Protocol

from bot.steps.learning.taught_model import TaughtModel, save
from bot.store.engine import Database, open_engine
from bot.store.queries import learning

PAGE = 5_000
"""Lines that are read and learned at a time."""
_SAVE_EVERY_SECONDS = 20.0
_NICENESS = 10
_LAST_WORDS_SECONDS = 5.0


class LearnsApart(Protocol):
    """Something that brings a snapshot up to date elsewhere."""

    def wait(self, seconds: float) -> float | None:
        """Wait for news, so long at the most: the share that is learned; None once it has ended."""

    @property
    def succeeded(self) -> bool:
        """Whether it ended with all learned."""

    def stop(self) -> None:
        """End it; what it has saved stays."""


class LearningProcess:
    """The process, as the one that started it sees it."""

    def __init__(self, database_url: str, snapshot: Path) -> None:
        context = get_context("spawn")  # a fork would copy the locks of threads that are not copied
        self._news, told = context.Pipe(duplex=False)
        self._share = 0.0
        self._process = context.Process(
            target=learn_all, args=(database_url, snapshot, told), name="chorus-learning", daemon=True
        )
        self._process.start()
        told.close()

    def wait(self, seconds: float) -> float | None:
        """As ``LearnsApart.wait``."""
        connection.wait([self._news, self._process.sentinel], seconds)
        try:
            while self._news.poll():
                self._share = float(self._news.recv())
        except (EOFError, OSError):
            self._process.join(_LAST_WORDS_SECONDS)
        return self._share if self._process.is_alive() else None

    @property
    def succeeded(self) -> bool:
        """Whether it ended with all learned."""
        return self._process.exitcode == 0

    def stop(self) -> None:
        """End it; what it has saved stays."""
        self._process.terminate()
        self._process.join(_LAST_WORDS_SECONDS)
        self._process.kill()


def learn_all(database_url: str, snapshot: Path, told: Connection) -> None:
    """Learn all that the snapshot does not know yet, and save it now and then and at the end.

    Ends with an error when whoever started it is gone: the next one goes on from what was saved.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one that started it
    os.nice(_NICENESS)
    database = Database(open_engine(database_url, pool_size=1))
    taught = TaughtModel.load(snapshot, database)
    with database.read() as session:
        total = learning.count_after(session, taught.seq)
    learned, saved_at = 0, monotonic()
    while some := taught.take_in(database, PAGE):
        learned += some
        told.send(min(learned / max(total, 1), 1.0))
        if monotonic() - saved_at > _SAVE_EVERY_SECONDS:
            save(taught.to_bytes(), snapshot)
            saved_at = monotonic()
    save(taught.to_bytes(), snapshot)
    database.close()
