"""Tags that say something to Chorus alone are never published, also those that the house had before."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.actions import statements as statement_deeds
from bot.actions.announce import decide
from bot.actions.announce.correct import approve_correction, propose_correction
from bot.actions.announce.propose import Proposal, propose
from bot.actions.announce.shown import AnnouncedWords
from bot.actions.conversations.answer import Answering
from bot.actions.people.details import Invalid
from bot.actions.rules import Rules
from bot.roles import Role
from bot.states import MatterState, StatementAudience, StatementKind
from bot.store.engine import Database
from bot.store.tables.announcements import AnnouncementRow
from bot.store.tables.matters import MatterRow, StatementRow
from tests.conftest import FakeClock
from tests.house import House
from tests.ledger_platform import LedgerPlatform

UNSAID = "#chorus #Otter #chorus-private #otter-private"


class Tagged:
    """A house that had another tag before; its rules are those of the moment after the change."""

    def __init__(self, database: Database, clock: FakeClock, directory: Path) -> None:
        self.feed = LedgerPlatform(directory / "mastodon", "mastodon")
        self.house = House(database, clock, platforms={"mastodon": self.feed})
        self.jane = self.house.employee("Jane Doe").id
        self.mei = self.house.employee("Mei Tan", role=Role.MODERATOR).id
        self.ada = self.house.employee("Ada Ray", role=Role.MODERATOR).id

    @property
    def rules(self) -> Rules:
        former = {"former_tags": ("#otter",), "former_private_tags": ("#otter-private",)}
        return replace(self.house.chorus.rules, **former)

    def announced(self, proposal: Proposal) -> AnnouncementRow:
        platforms, now = self.house.chorus.platforms, self.house.clock()
        with self.house.database.write() as session:
            row = propose(session, proposal, platforms, self.rules, self.jane, now)
            decide.approve(session, row, 1, self.mei, now)
            decide.plan(session, row, now, platforms, self.rules, now)
            return row


@pytest.fixture
def tagged(sqlite_database: Database, clock: FakeClock, tmp_path: Path) -> Iterator[Tagged]:
    return Tagged(sqlite_database, clock, tmp_path)


def test_an_announcement_goes_out_and_is_shown_without_them(tagged: Tagged) -> None:
    said = f"We are open {UNSAID} on Sunday. #opening"
    row = tagged.announced(Proposal(said, ("mastodon",), {}, warning=f"Hours {UNSAID}"))
    tagged.house.worker.run_until_idle("deliver", turns=20)
    assert tagged.feed.shown() == ["We are open on Sunday. #opening"]
    assert (row.text, row.warning) == ("We are open on Sunday. #opening", "Hours")
    assert "otter" not in tagged.house.browser().get("/announcements").text.casefold().replace("otter &", "")


def test_other_words_for_a_platform_go_out_without_them(tagged: Tagged) -> None:
    row = tagged.announced(Proposal("Words.", ("mastodon",), {"mastodon": f"Other words. {UNSAID}"}))
    tagged.house.worker.run_until_idle("deliver", turns=20)
    assert tagged.feed.shown() == [row.variants["mastodon"]] == ["Other words."]


def test_tags_alone_are_no_words(tagged: Tagged) -> None:
    with pytest.raises(Invalid, match="Nothing is left to publish"):
        tagged.announced(Proposal(UNSAID, ("mastodon",), {}))


def test_a_correction_goes_out_and_is_shown_without_them(tagged: Tagged) -> None:
    tagged.announced(Proposal("We are open on Sunday.", ("mastodon",), {}))
    tagged.house.worker.run_until_idle("deliver", turns=20)
    way = (tagged.house.chorus.platforms, tagged.rules)
    with tagged.house.database.write() as session:
        root, now = session.get_one(AnnouncementRow, 1), tagged.house.clock()
        words = AnnouncedWords(f"We are closed on Sunday. {UNSAID}", ("mastodon",))
        row = propose_correction(session, root, words, "It was wrong.", *way, tagged.mei, now)
        approve_correction(session, row, 1, *way, tagged.ada, now)
    tagged.house.worker.run_until_idle("deliver", turns=20)
    assert tagged.feed.shown() == [row.text] == ["We are closed on Sunday."]


def test_a_statement_is_written_without_them(tagged: Tagged) -> None:
    house = tagged.house
    answering = Answering(house.chorus.platforms, lambda: tagged.rules)
    with house.database.write() as session:
        matter = MatterRow(
            title="Outage", state=MatterState.OPEN, first_at=house.clock(), last_at=house.clock()
        )
        session.add(matter)
        session.flush()
        statement_deeds.propose(
            session,
            matter,
            StatementKind.STATEMENT,
            {"": f"We are on it. {UNSAID}", "de": f"Wir sind dran. {UNSAID}"},
            StatementAudience.ALL,
            tagged.mei,
            answering,
            house.clock(),
        )
    assert [one.texts for one in house.rows(StatementRow)] == [{"": "We are on it.", "de": "Wir sind dran."}]
