"""Many rows are worked through in short transactions, each of them complete in itself."""

from bot.steps import slices
from bot.store import switches
from bot.store.engine import Database, Session


def test_every_row_is_handled_and_every_transaction_finished(sqlite_database: Database) -> None:
    handled: list[int] = []
    finished: list[int] = []
    rested: list[float] = []

    slices.in_slices(
        sqlite_database,
        range(500),
        lambda _session, row: handled.append(row),
        lambda _session: finished.append(len(handled)),
        rested.append,
    )

    assert handled == list(range(500))
    assert finished[-1] == 500
    assert len(rested) == len(finished)


def test_what_is_committed_stays_when_a_later_row_fails(sqlite_database: Database) -> None:
    def handle(session: Session, row: int) -> None:
        if row == 2:
            raise RuntimeError
        switches.put(session, f"row {row}", row, by="test", now=sqlite_database.now(session))

    def one_each(_session: Session) -> None:
        return None

    try:
        slices.in_slices(sqlite_database, [1], handle, one_each, lambda _worked: None)
        slices.in_slices(sqlite_database, [2], handle, one_each, lambda _worked: None)
    except RuntimeError:
        pass

    with sqlite_database.read() as session:
        assert switches.value_of(session, "row 1") == 1
        assert switches.value_of(session, "row 2") is None
