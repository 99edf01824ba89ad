"""A house of which many want that it changes something: who joins, and who is counted."""

from datetime import timedelta

from bot.actions.matters import campaigns as deeds
from bot.platforms.local.adapter import FeedPost
from bot.store.engine import Database
from bot.store.matters import campaigns
from bot.store.queries.pages import public_matters
from bot.store.tables.matters import CampaignRow, MatterRow
from tests.conftest import FakeClock
from tests.outage import Outage

WANTED = "@brand please bring back the dark theme in your app, my eyes hurt at night"
DEMAND = "Bring back the dark theme"
CHANGED = "The dark theme is back: update the app, and choose it under Settings."
GOAL = 14


class Campaign(Outage):
    """A matter that Mei has made a campaign, with its page open; Ravi approves what she writes."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        super().__init__(database, clock)
        self.asks("sam", WANTED)
        with self.database.write() as session:
            deeds.make(session, session.get_one(MatterRow, 1), DEMAND, self.mei, GOAL, self.clock())
        self.open()

    def open(self) -> None:
        with self.database.write() as session:
            deeds.open_page(session, session.get_one(CampaignRow, 1), self.clock())

    def joins(self, who: str, mark: str = "join-1") -> FeedPost:
        """Somebody posts what the campaign's page has ready for them."""
        self.clock.advance(timedelta(seconds=30))
        post = self.post(who, f"@brand {DEMAND} {mark} http://test/m/1")
        self.all_work()
        return post

    @property
    def people(self) -> int:
        with self.database.read() as session:
            found = public_matters.find(session, 1)
            assert found is not None
            return found.people

    @property
    def row(self) -> CampaignRow:
        (found,) = self.rows_of_campaigns()
        return found

    def rows_of_campaigns(self) -> list[CampaignRow]:
        with self.database.read() as session:
            return campaigns.listed(session, 10)
