"""An issue in a tracker is written for people: dates by the brand's clock, and topics by their names."""

from datetime import UTC, datetime

from bot.actions.hooks.issue import issue_of
from bot.channels.messages import BrandProfile
from bot.states import HookEvent, TitleSource
from bot.store.engine import Database
from bot.store.tables.hooks import HookEventRow
from bot.store.tables.matters import MatterRow
from tests.conftest import FakeClock
from tests.house import House

BRAND = BrandProfile("Acme", "https://a.example", timezone="Europe/Berlin")


def test_the_figures_of_an_issue_are_written_for_people(database: Database, clock: FakeClock) -> None:
    house = House(database, clock)
    house.topic("home_cinema", "Home cinema")
    since = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)
    with database.write() as session:
        session.add(
            MatterRow(
                id=7,
                title="my walrus hums",
                title_source=TitleSource.DERIVED,
                topic="home_cinema",
                first_at=since,
                last_at=since,
                questions=12,
            )
        )
        session.flush()
        event = HookEventRow(
            key="msg_1", kind=HookEvent.MATTER_NOTICED, subject=7, detail={"said": "9 people"}, at=since
        )
        issue = issue_of(session, event, BRAND)
    assert "- Since: 5 March 2026, 00:30 (Europe/Berlin)" in issue.text
    assert "- Topic: Home cinema" in issue.text
    assert "- Noticed: 9 people" in issue.text
    assert "- For people in charge: https://a.example/admin/matters/7" in issue.text
    everything = f"{issue.title}\n{issue.text}"
    for raw in ("2026-03-04", "T23:30", "home_cinema", "walrus"):
        assert raw not in everything
