"""Many rows are worked through in short transactions; each row's fate is its own."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from bot.steps import time_slices
from bot.steps.time_slices import NotTogether, TimeSlices
from bot.store.engine import Database, Session
from bot.store.running import switches


def ignore(*_: Any) -> None:
    return None


def cut(
    database: Database,
    handle: Callable[[Session, int], None],
    failed: Callable[..., None] = ignore,
    **given: Any,
) -> TimeSlices[int]:
    return TimeSlices(database, handle, failed, **{"finish": ignore, "rest": ignore, **given})


def note(database: Database) -> Callable[[Session, int], None]:
    """Writes each row down, in the transaction it is given."""
    return lambda session, row: switches.put(session, f"row {row}", row, by="test", now=database.now(session))


def noted(database: Database, rows: Sequence[int]) -> list[int]:
    with database.read() as session:
        return [row for row in rows if switches.value_of(session, f"row {row}") == row]


def test_every_row_is_handled_and_every_transaction_finished(sqlite_database: Database) -> None:
    handled: list[int] = []
    finished: list[int] = []
    rested: list[int] = []

    cut(
        sqlite_database,
        lambda _session, row: handled.append(row),
        finish=lambda _session: finished.append(len(handled)),
        rest=lambda: rested.append(len(handled)),
    ).work(range(500))

    assert handled == list(range(500))
    assert finished[-1] == 500
    assert 500 / time_slices.MOST_ROWS <= len(finished) < 500
    assert rested == finished


def test_a_transaction_begins_with_a_look_at_the_rows_that_may_come_in_it(sqlite_database: Database) -> None:
    ahead: list[int] = []

    def handle(_session: Session, row: int) -> None:
        assert row in ahead

    def prepare(_session: Session, rows: Sequence[int]) -> None:
        ahead[:] = rows

    cut(sqlite_database, handle, prepare=prepare).work(range(120))


def test_a_row_may_begin_the_next_transaction(sqlite_database: Database) -> None:
    together: list[list[int]] = [[]]

    def handle(_session: Session, row: int) -> None:
        if row % 3 == 0 and together[-1]:
            raise NotTogether
        together[-1].append(row)

    cut(sqlite_database, handle, finish=lambda _session: together.append([])).work(range(7))

    assert together == [[0, 1, 2], [3, 4, 5], [6], []]


def test_r16_a_row_that_fails_takes_no_other_with_it(sqlite_database: Database) -> None:
    write, failures = note(sqlite_database), []

    def handle(session: Session, row: int) -> None:
        write(session, row)
        if row == 7:
            raise ValueError("poison")

    def failed(session: Session, row: int, error: Exception) -> None:
        failures.append((row, str(error)))
        write(session, 100 + row)

    cut(sqlite_database, handle, failed).work(range(20))

    assert failures == [(7, "poison")]
    assert noted(sqlite_database, range(200)) == [*range(7), *range(8, 20), 107]


def test_r22_a_row_whose_failure_cannot_even_be_noted_takes_no_other_with_it(
    sqlite_database: Database,
) -> None:
    write = note(sqlite_database)

    def handle(session: Session, row: int) -> None:
        write(session, row)
        if row == 7:
            raise ValueError("poison")

    def failed(_session: Session, row: int, _error: Exception) -> None:
        raise KeyError(row)

    with pytest.raises(KeyError):
        cut(sqlite_database, handle, failed).work(range(120))
    assert noted(sqlite_database, range(120)) == [row for row in range(120) if row != 7]


def test_what_is_committed_stays_when_the_end_of_a_later_transaction_fails(sqlite_database: Database) -> None:
    def finish(_session: Session) -> None:
        if noted(sqlite_database, range(100)):
            raise RuntimeError("the database is gone")

    cutter = cut(sqlite_database, note(sqlite_database), finish=finish)
    with pytest.raises(RuntimeError):
        cutter.work(range(time_slices.MOST_ROWS + 20))
    stored = noted(sqlite_database, range(100))
    assert 0 < len(stored) <= time_slices.MOST_ROWS
    assert stored == list(range(len(stored)))
