"""Working through many rows in short transactions, so that a new post never waits long to be stored.

Rows share a transaction, for beginning and ending one costs as much as handling a row. That none suffers for
another's fault is seen to afterwards: where one fails, all that were together are undone and handled once
more, each in a transaction of its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Generic, TypeVar

from bot.store.engine import Database, Session, is_passing

Item = TypeVar("Item")

SLICE_SECONDS = 0.02
"""After this long a transaction ends, and the next one goes on with the rest."""
MOST_ROWS = 50
"""Rows in one transaction."""


@dataclass(frozen=True, slots=True)
class TimeSlices(Generic[Item]):
    """How the rows of one step are worked through."""

    database: Database
    handle: Callable[[Session, Item], None]
    """Called for every row; what it writes is undone when it raises, and it may be called a second time."""
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
        at = 0
        unnoted: list[Exception] = []
        while at < len(rows):
            began = monotonic()
            share = rows[at : at + MOST_ROWS]
            try:
                at += self._together(share, began)
            except Exception:  # noqa: BLE001 - whose fault it is shows when each is alone
                for row in share:
                    self._alone(row, unnoted)
                at += len(share)
            self.rest()
        if unnoted:
            raise unnoted[0]

    def _together(self, rows: Sequence[Item], began: float) -> int:
        """Handle rows until the time is up; how many is returned."""
        with self.database.write() as session:
            self.prepare(session, rows)
            done = 0
            while done < len(rows) and (not done or monotonic() - began <= SLICE_SECONDS):
                self.handle(session, rows[done])
                done += 1
            self.finish(session)
        return done

    def _alone(self, row: Item, unnoted: list[Exception]) -> None:
        try:
            self._together([row], monotonic())
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
