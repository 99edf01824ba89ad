"""A quoted post that is not to be seen for now: withheld with the true reason, and shown again."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.states import EntryState
from bot.steps.recheck import Recheck
from bot.store.tables.conversations import EntryRow, PostRow, QuestionRow
from tests.bot.platforms.bluesky.fake_bluesky import FakeBluesky, Json
from tests.bot.platforms.mastodon.fake_mastodon import FakeMastodon
from tests.bot.round_trip import RoundTrip
from tests.conftest import FakeClock

QUESTION = "no picture on my TV since the update"
TIP = "Hold the power button for ten seconds."


@dataclass
class Town:
    """A question on Bluesky, answered and in the archive."""

    network: FakeBluesky
    house: RoundTrip
    sam: str
    question: Json

    def recheck(self) -> EntryRow:
        """A day later every quoted post is looked at again."""
        return _rechecked(self.house)


def _rechecked(house: RoundTrip) -> EntryRow:
    house.pass_time(24 * 3600)
    chorus = house.chorus
    Recheck(chorus.database, chorus.platforms, chorus.ingest).run()
    house.work()
    entry: EntryRow = house.rows(EntryRow)[0]
    return entry


@pytest.fixture
def town(database_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Town]:
    network = FakeBluesky(clock)  # type: ignore[arg-type]
    sam, jane = network.sign_up("sam.example"), network.sign_up("jane.example")
    with RoundTrip(database_url, clock, network.adapter()) as house:
        house.hire("bluesky", jane, "jane.example")
        question = network.post(sam, f"@brand.example {QUESTION}")
        house.turn()
        network.post(jane, f"{TIP} #chorus", parent=question)
        house.turn()
        yield Town(network, house, sam, question)


@pytest.mark.parametrize(
    ("status", "why"),
    [("deactivated", "its author's account is deactivated"), ("takendown", "it was taken down")],
)
def test_s12_words_go_while_their_author_is_not_to_be_seen_and_come_back(
    town: Town, status: str, why: str
) -> None:
    [before] = town.house.rows(EntryRow)
    assert QUESTION in before.quotation
    town.network.statuses[town.sam] = status
    entry = town.recheck()
    assert entry.state == EntryState.PUBLIC
    assert entry.quotation is None
    assert why in entry.withheld
    assert "picture" not in entry.title
    [question] = town.house.rows(QuestionRow)
    assert QUESTION in question.text

    del town.network.statuses[town.sam]
    entry = town.recheck()
    assert (entry.quotation, entry.withheld, entry.title) == (before.quotation, None, before.title)


def test_s12_a_block_takes_the_words_out_of_sight_but_nothing_away(town: Town) -> None:
    town.network.blocking.add(town.sam)
    entry = town.recheck()
    assert entry.state == EntryState.PUBLIC
    assert "blocked" in entry.withheld
    assert [row.deleted_at for row in town.house.rows(PostRow)] == [None, None]


@pytest.mark.parametrize("whole_account", [False, True])
def test_s12_what_was_deleted_is_gone_for_good(town: Town, whole_account: bool) -> None:
    if whole_account:
        town.network.statuses[town.sam] = "deleted"
    else:
        town.network.remove(town.question)
    assert town.recheck().state == EntryState.GONE
    assert town.house.rows(QuestionRow)[0].text == ""


def test_an_edited_record_changes_the_quotation(town: Town) -> None:
    town.network.rewrite(town.question, "@brand.example no sound on my TV")
    assert "no sound" in (town.recheck().quotation or "")
    revision = town.recheck().revision
    assert town.recheck().revision == revision


def test_erased_names_do_not_come_back_with_a_post_that_nobody_edited(town: Town) -> None:
    with town.house.chorus.database.write() as session:
        post = session.get(PostRow, 1)
        assert post is not None
        post.text = "[erased]"
        session.add(post)
    town.recheck()
    assert town.house.rows(PostRow)[0].text == "[erased]"


def test_a_block_on_mastodon_is_no_deletion(database_url: str, tmp_path: Path, clock: FakeClock) -> None:
    network = FakeMastodon(clock)  # type: ignore[arg-type]
    sam, jane = network.sign_up("sam"), network.sign_up("jane")
    adapter = network.adapter()
    with RoundTrip(database_url, clock, adapter) as house:
        house.hire("mastodon", adapter.identify("jane").id, "jane@example.social")
        question = network.post(sam, f"@brand {QUESTION}")
        house.turn()
        network.post(jane, f"{TIP} #chorus", in_reply_to_id=question["id"])
        house.turn()
        network.blocking.add(sam["id"])
        entry = _rechecked(house)
        assert (entry.state, entry.quotation) == (EntryState.PUBLIC, None)
        assert "blocked" in (entry.withheld or "")
        network.blocking.clear()
        assert QUESTION in (_rechecked(house).quotation or "")
        network.remove(question)
        assert _rechecked(house).state == EntryState.GONE


def test_words_that_come_back_into_sight_for_followers_only_are_at_no_time_quoted(
    database_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    network = FakeMastodon(clock)  # type: ignore[arg-type]
    sam, jane = network.sign_up("sam"), network.sign_up("jane")
    adapter = network.adapter()
    with RoundTrip(database_url, clock, adapter) as house:
        house.hire("mastodon", adapter.identify("jane").id, "jane@example.social")
        question = network.post(sam, f"@brand {QUESTION}")
        house.turn()
        network.post(jane, f"{TIP} #chorus", in_reply_to_id=question["id"])
        house.turn()
        network.blocking.add(sam["id"])
        assert _rechecked(house).quotation is None
        network.blocking.clear()
        question["visibility"] = "private"
        house.pass_time(24 * 3600)
        Recheck(house.chorus.database, house.chorus.platforms, house.chorus.ingest).run()
        [entry] = house.rows(EntryRow)  # intake has not looked yet
        assert entry.quotation is None
        house.work()
        assert not house.rows(EntryRow)[0].quotation
