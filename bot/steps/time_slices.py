"""Working through many rows in short transactions, so that a new post never waits long to be stored.

Rows share a transaction, for beginning and ending one costs as much as handling a row. That none suffers for
another's fault is seen to afterwards: where one fails, all that were together are undone and handled once
more, each in a transaction of its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Generic, TypeVar

import structlog

from bot.store.engine import Database, Session, is_passing

log = structlog.get_logger(__name__)

Item = TypeVar("Item")

SLICE_SECONDS = 0.02
"""So long may a transaction write: as many rows come into one as the last one's took, but no fewer than 8."""
MOST_ROWS = 50
"""Rows in one transaction."""
_FEWEST_ROWS = 8
"""What all rows share is read and written once for each transaction, however few they are."""
_FIRST_ROWS = 16


class NotTogether(Exception):
    """A row cannot be handled in one transaction with those before it: it begins the next one."""


@dataclass(frozen=True, slots=True)
class TimeSlices(Generic[Item]):
    """How the rows of one step are worked through."""

    database: Database
    handle: Callable[[Session, Item], None]
    """Called for every row; what it writes is undone when it raises, and it may be called a second time.

    Raises NotTogether before it writes anything, and never for the first row of a transaction.
    """
    failed: Callable[[Session, Item, Exception], None]
    """Called when a row alone in its transaction still raised, in a fresh one."""
    finish: Callable[[Session], None]
    """Called at the end of every transaction."""
    rest: Callable[[], None]
    """Called between two transactions: the place to rest where something else is urgent."""
    prepare: Callable[[Session, Sequence[Item]], None] = lambda _session, _rows: None
    """Called at the beginning of a transaction with the rows that may be handled in it: read ahead here."""

    def work(self, rows: Sequence[Item]) -> None:
        """Handle all rows. Raises at the end what kept a row's failure from being noted."""
        at, fits = 0, _FIRST_ROWS
        unnoted: list[Exception] = []
        while at < len(rows):
            share = rows[at : at + fits]
            try:
                done, seconds = self._together(share)
                at += done
                fits = _that_fit(done, seconds)
            except Exception as error:  # noqa: BLE001 - whose fault it is shows when each is alone
                log.info("rows are handled one by one", rows=len(share), error=type(error).__name__)
                for row in share:
                    self._alone(row, unnoted)
                at += len(share)
            self.rest()
        if unnoted:
            raise unnoted[0]

    def _together(self, rows: Sequence[Item]) -> tuple[int, float]:
        """Handle rows in one transaction, up to one that begins the next: how many, in how many seconds."""
        with self.database.write() as session:
            began = monotonic()
            self.prepare(session, rows)
            done = 0
            for row in rows:
                try:
                    self.handle(session, row)
                except NotTogether:
                    if not done:
                        raise
                    break
                done += 1
            self.finish(session)
            seconds = monotonic() - began
        return done, seconds

    def _alone(self, row: Item, unnoted: list[Exception]) -> None:
        try:
            self._together([row])
        except Exception as error:  # noqa: BLE001 - the step decides what becomes of the row
            self._note(row, error, unnoted)

    def _note(self, row: Item, failure: Exception, unnoted: list[Exception]) -> None:
        try:
            with self.database.write() as session:
                self.failed(session, row, failure)
                self.finish(session)
        except Exception as error:
            if is_passing(error):  # no other row could be handled now either
                raise
            unnoted.append(error)


def _that_fit(rows: int, seconds: float) -> int:
    """How many rows fit into a transaction, by how long so many took."""
    fits = round(rows * SLICE_SECONDS / seconds) if seconds else MOST_ROWS
    return min(max(fits, _FEWEST_ROWS), MOST_ROWS)
