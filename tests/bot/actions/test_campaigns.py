"""Many want that something changes: who joined counts once, however they joined, and is told once."""

import contextlib
from datetime import timedelta
from typing import Any

import pytest

from bot.actions import erase, statements
from bot.actions.matters import campaigns as deeds
from bot.actions.matters import decisions
from bot.actions.matters.campaigns import Unaskable
from bot.actions.undecidable import Undecidable
from bot.states import StatementKind, StatementState
from bot.store.engine import Database
from bot.store.matters import campaigns
from bot.store.privacy import erasure
from bot.store.queries.pages import public_matters
from bot.store.tables.conversations import PostRow, QuestionRow
from bot.store.tables.matters import CampaignRow, MatterRow, StatementRow, ToldRow
from routing.campaigns.states import CampaignState
from routing.model.domain import QuestionState
from tests.campaigning import CHANGED, DEMAND, GOAL, WANTED, Campaign
from tests.conftest import FakeClock


@pytest.fixture
def campaign(database: Database, clock: FakeClock) -> Campaign:
    return Campaign(database, clock)


def test_each_is_counted_once_over_all_ways(campaign: Campaign) -> None:
    """Given Sam who asked, joins and joins again, and Kim who joins and asks: two people."""
    campaign.joins("sam")
    campaign.joins("sam")
    campaign.joins("kim")
    campaign.asks("kim", WANTED)
    assert campaign.people == 2


def test_who_joins_is_asked_for_nobody_and_stands_in_no_archive(campaign: Campaign) -> None:
    before = len(campaign.offers())
    campaign.joins("kim")
    [joined] = [one for one in campaign.questions() if one.joins]
    assert (joined.state, joined.matter_id, joined.gathered) == (QuestionState.DISMISSED, 1, True)
    assert len(campaign.offers()) == before
    assert campaign.by_brand() == []
    assert campaign.entries() == []


def test_who_deletes_the_post_is_out_again(campaign: Campaign) -> None:
    post = campaign.joins("kim")
    assert campaign.people == 2
    campaign.delete(post)
    campaign.all_work()
    assert campaign.people == 1
    campaign.delete(campaign.feed.read(None, 10)[0])
    campaign.all_work()
    assert campaign.people == 0
    with campaign.database.read() as session:
        assert session.get_one(MatterRow, 1).questions == 0


def test_who_is_erased_is_out_and_told_nothing(campaign: Campaign) -> None:
    campaign.joins("kim")
    with campaign.database.write() as session:
        erase.erase_customer(session, erasure.customer(session, "local", "kim"), campaign.clock())
    assert campaign.people == 1


@pytest.mark.parametrize("mark", ["join-7", "join-x", "joint-1", "join-", "enjoin-1"])
def test_a_mark_that_is_no_open_campaigns_is_an_ordinary_post(campaign: Campaign, mark: str) -> None:
    campaign.joins("kim", mark)
    assert not any(one.joins for one in campaign.questions())


def test_an_employee_does_not_join_by_the_way(campaign: Campaign) -> None:
    campaign.joins("jane")
    assert campaign.people == 1


def test_a_post_for_few_does_not_join(campaign: Campaign) -> None:
    campaign.post("kim", f"@brand {DEMAND} join-1", visibility="followers")
    campaign.all_work()
    assert not any(one.joins for one in campaign.questions())


def test_nobody_joins_a_campaign_that_is_not_open(campaign: Campaign) -> None:
    with campaign.database.write() as session:
        deeds.close_page(session, session.get_one(CampaignRow, 1), campaign.clock())
    campaign.joins("kim")
    with campaign.database.read() as session:
        assert public_matters.find(session, 1) is None
    assert not any(one.joins for one in campaign.questions())
    campaign.open()
    campaign.joins("kim")
    assert campaign.people == 2


def test_when_it_changes_everybody_who_joined_is_told_once(campaign: Campaign) -> None:
    campaign.joins("sam")
    for who in ("kim", "ann"):
        campaign.joins(who)
    campaign.says(StatementKind.CHANGED, default=CHANGED)
    for who in ("sam", "kim", "ann"):
        assert [text.endswith(CHANGED) for text in campaign.told(who)] == [True]
    campaign.all_work()
    assert len(campaign.by_brand()) == len(campaign.rows(ToldRow)) == 3
    assert campaign.rows(StatementRow)[0].state == StatementState.ENDED
    assert (campaign.row.state, campaign.row.due_at) == (CampaignState.CHANGED, None)
    campaign.joins("lee")
    assert campaign.told("lee") == []


def test_somebody_elses_approval_is_needed_before_anybody_is_told(campaign: Campaign) -> None:
    campaign.joins("kim")
    number = campaign.writes(StatementKind.DECLINED, default="No: two themes are more than we can keep.")
    campaign.all_work()
    assert campaign.by_brand() == []
    with pytest.raises(Undecidable, match="somebody else"):
        campaign.approves(number, campaign.mei)
    assert campaign.row.state == CampaignState.NEW


def test_heard_and_looked_at_stand_on_the_page_alone(campaign: Campaign) -> None:
    campaign.joins("kim")
    for kind in (StatementKind.HEARD, StatementKind.LOOKED_AT):
        campaign.says(kind, default="We have read it.")
        assert campaign.row.state == CampaignState(kind)
    assert campaign.by_brand() == []
    with campaign.database.read() as session:
        found = public_matters.find(session, 1)
    assert found is not None
    assert [one.kind for one in found.said] == ["looked_at", "heard"]


def test_after_a_no_it_can_still_change_and_nothing_else_be_said(campaign: Campaign) -> None:
    campaign.joins("kim")
    campaign.says(StatementKind.DECLINED, default="No: two themes are more than we can keep.")
    with pytest.raises(Undecidable, match="over"):
        campaign.writes(StatementKind.HEARD, default="We have read it.")
    campaign.says(StatementKind.CHANGED, default=CHANGED)
    assert len(campaign.told("kim")) == 2
    with pytest.raises(Undecidable, match="over"):
        campaign.writes(StatementKind.DECLINED, default="No.")


def test_what_is_no_campaign_cannot_be_changed(campaign: Campaign) -> None:
    campaign.asks("lee", "@brand where do I find the invoice of my last order?")
    with campaign.database.write() as session, pytest.raises(Undecidable, match="no campaign"):
        statements.propose(
            session,
            session.get_one(MatterRow, 2),
            StatementKind.CHANGED,
            {"": CHANGED},
            statements.StatementAudience.ALL,
            campaign.mei,
            campaign.answering,
            campaign.clock(),
        )


@pytest.mark.parametrize("point", ["after_telling", "after_send", "before_send"])
def test_whatever_dies_on_the_way_who_joined_is_told_once(campaign: Campaign, point: str) -> None:
    for who in ("kim", "ann"):
        campaign.joins(who)
    campaign.approves(campaign.writes(StatementKind.CHANGED, default=CHANGED), campaign.ravi)
    deaths = iter([True, True])

    def die(name: str) -> None:
        if name == point and next(deaths, False):
            raise RuntimeError("died")

    campaign.checkpoint = die
    for _ in range(12):
        with contextlib.suppress(RuntimeError):
            campaign.all_work()
        campaign.clock.advance(timedelta(minutes=2))
    assert [len(campaign.told(who)) for who in ("sam", "kim", "ann")] == [1, 1, 1]


def test_the_next_word_is_due_within_the_goal(campaign: Campaign) -> None:
    opened = campaign.row.opened_at
    assert opened is not None
    assert campaign.row.due_at == opened + timedelta(days=GOAL)
    campaign.clock.advance(timedelta(days=GOAL + 1))
    assert campaigns.is_overdue(campaign.row, campaign.clock())
    campaign.says(StatementKind.HEARD, default="We have read it.")
    assert not campaigns.is_overdue(campaign.row, campaign.clock())
    campaign.clock.advance(timedelta(days=GOAL + 1))
    assert campaigns.is_overdue(campaign.row, campaign.clock())


def test_accounts_like_a_net_are_shown_and_left_out_where_a_person_says_so(campaign: Campaign) -> None:
    campaign.joins("kim")
    for number in range(6):
        campaign.joins(f"fan{number:04}")
    with campaign.database.write() as session:
        row = session.get_one(CampaignRow, 1)
        [net] = deeds.nets_in(session, row)
        assert str(net).startswith("6 accounts: names that differ by a number, as fan0000; joined within")
        assert campaign.people == 8
    with campaign.database.write() as session:
        assert deeds.leave_out_nets(session, session.get_one(CampaignRow, 1), campaign.clock()) == 6
    assert campaign.people == 2
    campaign.joins("fan0000")
    assert campaign.people == 2
    assert len([one for one in campaign.posts() if one.deleted_at is None and one.text]) == 9
    campaign.says(StatementKind.CHANGED, default=CHANGED)
    assert len(campaign.told("fan0003")) == 1
    with campaign.database.write() as session:
        deeds.count_all(session, session.get_one(CampaignRow, 1), campaign.clock())
    assert campaign.people == 8


def test_how_old_an_account_is_counts(campaign: Campaign) -> None:
    for number, name in enumerate(("ida", "jon", "lu", "mia", "nor")):
        campaign.joins(name)
        with campaign.database.write() as session:
            post = session.get_one(PostRow, session.get_one(QuestionRow, number + 2).post_id)
            post.author_since = campaign.clock() - timedelta(days=2)
    with campaign.database.read() as session:
        [net] = deeds.nets_in(session, session.get_one(CampaignRow, 1))
    assert "made within" in str(net)


def test_a_campaign_by_hand_gets_a_number_that_no_matter_gets_again(campaign: Campaign) -> None:
    with campaign.database.write() as session:
        row = deeds.make_by_hand(session, "Print on both sides", campaign.mei, GOAL, campaign.clock())
        number = row.matter_id
        deeds.open_page(session, row, campaign.clock())
    campaign.asks("lee", "@brand where do I find the invoice of my last order?")
    campaign.joins("kim", f"join-{number}")
    assert number == 2
    assert {one.id: one.title for one in campaign.rows(MatterRow)}[2] == "Print on both sides"
    assert [one.matter_id for one in campaign.questions()] == [1, 3, 2]


def test_a_number_that_is_taken_while_somebody_gathers_is_given_to_no_other(campaign: Campaign) -> None:
    """Given one opened by hand between reading and writing, then what was gathered is gathered anew."""
    campaign.post("lee", "@brand where do I find the invoice of my last order?")
    campaign.work()
    gather = campaign.steps.gather
    vector, opened = gather._vector, iter([True])

    def opens(*given: Any) -> Any:
        if next(opened, False):
            with campaign.database.write() as session:
                deeds.make_by_hand(session, "Print on both sides", campaign.mei, GOAL, campaign.clock())
        return vector(*given)

    gather._vector = opens  # type: ignore[method-assign]
    for _ in range(2):  # what was refused is gathered at the next turn
        campaign.all_work()
    assert [one.matter_id for one in campaign.questions()] == [1, 3]
    assert [one.questions for one in campaign.rows(MatterRow)] == [1, 0, 1]


def test_two_that_are_one_keep_page_words_and_campaign(campaign: Campaign) -> None:
    campaign.joins("kim")
    campaign.says(StatementKind.HEARD, default="We have read it.")
    for who in ("lee", "max"):
        campaign.asks(who, "@brand black background at dusk would be kind")
    with campaign.database.write() as session:
        other = session.get_one(QuestionRow, len(campaign.questions())).matter_id
        assert other is not None
        assert other != 1
        kept = decisions.merge(session, 1, other, "mei", campaign.clock())
        assert kept.id == other
    campaign.all_work()
    with campaign.database.read() as session:
        found = public_matters.find(session, 1)
    assert found is not None
    assert (found.id, found.title, found.people, len(found.said)) == (other, DEMAND, 4, 1)
    campaign.joins("ann")
    assert campaign.people == 5


def test_two_campaigns_are_not_made_one(campaign: Campaign) -> None:
    with campaign.database.write() as session:
        row = deeds.make_by_hand(session, "Print on both sides", campaign.mei, GOAL, campaign.clock())
        with pytest.raises(Undecidable, match="campaigns"):
            decisions.merge(session, 1, row.matter_id, "mei", campaign.clock())


@pytest.mark.parametrize("demand", ["", "  ", "x" * 111, "Call Jane Doe at +1 415 555 0132"])
def test_what_cannot_be_asked_for_is_refused(campaign: Campaign, demand: str) -> None:
    with campaign.database.write() as session, pytest.raises(Unaskable):
        deeds.make_by_hand(session, demand, campaign.mei, GOAL, campaign.clock())


def test_what_people_have_joined_is_not_said_otherwise(campaign: Campaign) -> None:
    with campaign.database.write() as session:
        row = session.get_one(CampaignRow, 1)
        with pytest.raises(Undecidable, match="close"):
            deeds.reword(session, row, "Something else", campaign.clock())
        with pytest.raises(Undecidable, match="already"):
            deeds.open_page(session, row, campaign.clock())
        with pytest.raises(Undecidable, match="already"):
            deeds.make(session, session.get_one(MatterRow, 1), DEMAND, 1, GOAL, campaign.clock())
        deeds.close_page(session, row, campaign.clock())
        deeds.reword(session, row, "Something else", campaign.clock())
        assert row.demand == "Something else"


def test_who_was_only_overheard_has_not_joined(campaign: Campaign) -> None:
    """Given somebody who wished for it without telling us, then they are counted nowhere on the page."""
    campaign.joins("kim")
    campaign.asks("lee", WANTED)
    with campaign.database.write() as session:
        session.get_one(QuestionRow, 3).unasked = True
    assert campaign.people == 2
    campaign.says(StatementKind.CHANGED, default=CHANGED)
    assert campaign.told("lee") == []
    assert campaign.rows(StatementRow)[0].state == StatementState.ENDED


def test_who_was_left_out_stays_out_until_everybody_is_counted(campaign: Campaign) -> None:
    """Given a net of five of which one goes, then the others look like none any more, and stay left out."""
    posts = [campaign.joins(f"fan{number:04}") for number in range(5)]
    with campaign.database.write() as session:
        deeds.leave_out_nets(session, session.get_one(CampaignRow, 1), campaign.clock())
    campaign.delete(posts[0])
    campaign.all_work()
    with campaign.database.write() as session:
        assert deeds.leave_out_nets(session, session.get_one(CampaignRow, 1), campaign.clock()) == 0
    assert campaign.people == 1
