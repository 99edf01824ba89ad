"""Open pages are told what has moved, that their connection stands, and that they are signed out."""

from collections.abc import AsyncIterator, Mapping

import pytest
from sqlmodel import select

from app.wiring.publish_subscribe import Ending, Member, Told
from bot.store.engine import Database
from bot.store.tables.people import SessionRow
from tests.app.work_house import WorkHouse
from tests.conftest import FakeClock
from tests.fake_live import FakeLive


class Spoken(FakeLive):
    """Notes who follows what, and says what it was given."""

    def __init__(self, *told: Told) -> None:
        self.told = told
        self.followed: list[tuple[Mapping[str, str], int]] = []

    async def follow(
        self, names: Mapping[str, str], since: int = 0, member: Member | None = None
    ) -> AsyncIterator[Told]:
        self.followed.append((dict(names), since))
        for one in self.told:
            yield one


@pytest.fixture
def house(sqlite_database: Database, clock: FakeClock) -> WorkHouse:
    return WorkHouse(sqlite_database, clock)


def hears(house: WorkHouse, *told: Told, path: str = "/desk/live?watch=mine", **headers: str) -> list[str]:
    """The events of a stream, without what comes before the first."""
    house.give(live=Spoken(*told))
    text = house.browser(house.employee()).get(path, accept="text/event-stream", **headers).text
    begin, *events = text.removesuffix("\n\n").split("\n\n")
    assert begin.startswith("retry: ")
    return events


def test_an_event_is_what_has_moved_and_the_number_of_the_change(house: WorkHouse) -> None:
    assert hears(house, Told(12, ("mine", "question:7"))) == ["id: 12\nevent: change\ndata: mine question:7"]


def test_a_connection_on_which_nothing_is_new_can_be_told_from_a_dead_one(house: WorkHouse) -> None:
    assert hears(house, Told(3)) == ["id: 3\nevent: beat\ndata: -"]


def test_s16_whoever_is_signed_out_is_told_so_and_hears_no_more(house: WorkHouse) -> None:
    assert hears(house, Told(3, ending=Ending.SIGNED_OUT)) == ["event: signed-out\ndata: -"]


def test_whoever_has_another_role_by_now_comes_again(house: WorkHouse) -> None:
    assert hears(house, Told(3, ending=Ending.ROLE_CHANGED)) == []


@pytest.mark.parametrize(
    ("since", "last_event_id", "heard"),
    [("7", "", 7), ("7", "12", 12), ("", "12", 12), ("", "", 0), ("x", "-1", 0), ("9" * 30, "3", 3)],
)
def test_a_browser_that_comes_again_says_what_it_has_heard(
    house: WorkHouse, since: str, last_event_id: str, heard: int
) -> None:
    live = Spoken()
    house.give(live=live)
    headers = {"accept": "text/event-stream", "last_event_id": last_event_id}
    house.browser(house.employee()).get(f"/desk/live?watch=mine&since={since}", **headers)
    assert [number for _, number in live.followed] == [heard]


def test_s16_what_an_open_page_asks_for_by_itself_is_no_use_of_the_session(house: WorkHouse) -> None:
    browser = house.browser(house.employee())
    for _ in range(3):
        house.clock.advance(3600)
        browser.get("/desk/live?watch=mine", accept="text/event-stream")
        browser.get("/desk", chorus_live="1")
    with house.database.read() as session:
        row = session.exec(select(SessionRow)).one()
    assert row.seen_at == row.created_at
    browser.get("/desk")
    with house.database.read() as session:
        assert session.exec(select(SessionRow)).one().seen_at == house.clock()


@pytest.mark.parametrize("path", ["/live/entries", "/desk/live", "/local/live"])
def test_no_endless_answer_is_given_to_head_whose_reader_would_wait_for_the_end(
    house: WorkHouse, path: str
) -> None:
    assert house.browser(house.employee()).request("HEAD", path).status_code == 405
