"""Entries read by their ids: however many, by statements that are put together once."""

import pytest
from sqlalchemy import event

from bot.store.archive import listed
from bot.store.archive.records import places_for, values_of
from bot.store.engine import Database
from tests.app.archive_house import Shelf


def test_ids_fill_places_up_to_the_next_power_of_two() -> None:
    assert values_of("entry", [7]) == {"entry_0": 7}
    assert values_of("entry", [7, 9, 8]) == {"entry_0": 7, "entry_1": 9, "entry_2": 8, "entry_3": 8}
    for count in range(1, 70):
        wanted = values_of("entry", list(range(count)))
        assert [place.key for place in places_for("entry", len(wanted))] == list(wanted)
        assert len(wanted) < 2 * count


@pytest.mark.parametrize("count", [1, 2, 3, 10, 17])
def test_entries_come_in_the_order_of_their_ids_each_once(database: Database, count: int) -> None:
    shelf = Shelf(database)
    entry_ids = [shelf.entry(f"Question {number}") for number in range(count)][::-1]

    with database.read() as session:
        found = listed.by_ids(session, entry_ids)

    assert [record.id for record in found] == entry_ids
    assert all(record.answers for record in found)


def test_the_next_lists_of_a_size_ask_the_same_statements(sqlite_database: Database) -> None:
    shelf = Shelf(sqlite_database)
    entry_ids = [shelf.entry(f"Question {number}") for number in range(12)]
    said: list[str] = []
    event.listen(sqlite_database.engine, "before_cursor_execute", lambda *given: said.append(given[2]))

    for some in (entry_ids[:9], entry_ids[1:11], entry_ids):
        with sqlite_database.read() as session:
            assert len(listed.by_ids(session, some)) == len(some)

    assert len(said) == 6
    assert len(set(said)) == 2, "BEGIN, entries with their answers"
