"""Open pages are told that something is new, and that they are signed out."""

from collections.abc import AsyncIterator

import pytest
from sqlmodel import delete, select

from bot.store.engine import Database
from bot.store.tables.people import SessionRow
from tests.app.work_house import WorkHouse
from tests.conftest import FakeClock


class Spoken:
    """A channel on which something is new, then nothing, then something again."""

    async def changes(self, channels: frozenset[str]) -> AsyncIterator[str]:
        assert channels == {"work"}
        for one in ("work", "", "", "work"):
            yield one


@pytest.fixture
def house(sqlite_database: Database, clock: FakeClock) -> WorkHouse:
    built = WorkHouse(sqlite_database, clock)
    built.give(live=Spoken())
    return built


def test_a_connection_on_which_nothing_is_new_can_be_told_from_a_dead_one(house: WorkHouse) -> None:
    events = house.browser(house.employee()).get("/desk/live", accept="text/event-stream")
    assert [line for line in events.text.splitlines() if line.startswith("event")] == [
        "event: change",
        "event: beat",
        "event: beat",
        "event: change",
    ]


def test_s16_whoever_is_signed_out_is_told_so_and_hears_no_more(house: WorkHouse) -> None:
    class Ending(Spoken):
        async def changes(self, channels: frozenset[str]) -> AsyncIterator[str]:
            async for one in super().changes(channels):
                yield one
                with house.database.write() as session:
                    session.execute(delete(SessionRow))

    house.give(live=Ending())
    events = house.browser(house.employee()).get("/desk/live", accept="text/event-stream")
    assert [line for line in events.text.splitlines() if line.startswith("event")] == [
        "event: change",
        "event: signed-out",
    ]


def test_s16_what_an_open_page_asks_for_by_itself_is_no_use_of_the_session(house: WorkHouse) -> None:
    browser = house.browser(house.employee())
    for _ in range(3):
        house.clock.advance(3600)
        browser.get("/desk/live", accept="text/event-stream")
        browser.get("/desk", chorus_live="1")
    with house.database.read() as session:
        row = session.exec(select(SessionRow)).one()
    assert row.seen_at == row.created_at
    browser.get("/desk")
    with house.database.read() as session:
        assert session.exec(select(SessionRow)).one().seen_at == house.clock()


@pytest.mark.parametrize("path", ["/live/entries", "/live/feed", "/desk/live", "/local/live"])
def test_no_endless_answer_is_given_to_head_whose_reader_would_wait_for_the_end(
    house: WorkHouse, path: str
) -> None:
    assert house.browser(house.employee()).request("HEAD", path).status_code == 405
