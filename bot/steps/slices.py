"""Working through many rows in short transactions, so that a new post never waits long to be stored."""

from collections import deque
from collections.abc import Callable, Iterable
from time import monotonic
from typing import TypeVar

from bot.store.engine import Database, Session

Row = TypeVar("Row")

SLICE_SECONDS = 0.02
"""After this long a transaction ends, and the next one goes on with the rest."""


def in_slices(
    database: Database,
    rows: Iterable[Row],
    handle: Callable[[Session, Row], None],
    finish: Callable[[Session], None],
    rest: Callable[[float], None],
) -> None:
    """Call ``handle`` for every row, and ``finish`` at the end of each of the transactions that takes.

    ``rest`` is called between two transactions with the seconds that the one before has taken.
    """
    left = deque(rows)
    while left:
        began = monotonic()
        with database.write() as session:
            while True:
                handle(session, left.popleft())
                if not left or monotonic() - began > SLICE_SECONDS:
                    break
            finish(session)
        rest(monotonic() - began)
