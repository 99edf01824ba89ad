"""What a customer adds to a question is shown and found with it, by the rules of the first post."""

from datetime import timedelta

import pytest

from bot.actions.conversations import visibility
from bot.actions.erase import erase_customer
from bot.platforms.local.adapter import FeedPost
from bot.posts import Absence, Lookup, Visibility
from bot.states import EntryState
from bot.steps.recheck import FREE
from bot.store.engine import Database
from bot.store.privacy import erasure
from bot.store.queries.rechecks import Rounds
from bot.store.tables.conversations import EntryRow
from tests.bot.actions.talk import Talk
from tests.conftest import FakeClock
from tests.house import House

SOLVES = "Hold the ring for ten seconds until it blinks, then it is paired again."
ADDED = "It is the Aurora Mini, bought in May, and the ring is red"


@pytest.fixture
def talk(database: Database, clock: FakeClock) -> Talk:
    return Talk(House(database, clock))


def entry(talk: Talk) -> EntryRow:
    [row] = talk.house.entries()
    return row  # type: ignore[no-any-return]


def words(talk: Talk) -> list[str]:
    return [one.words for one in entry(talk).added]


def asked_back(talk: Talk, details: str = ADDED) -> FeedPost:
    """Jane asks back, Sam says more, Jane solves it; the post with the details is returned."""
    back = talk.answers("Which model is it, please?", talk.opening)
    added = talk.says(details, back)
    talk.answers(SOLVES, added)
    return added


def test_details_stand_with_the_question_in_the_archive(talk: Talk) -> None:
    asked_back(talk)
    assert words(talk) == [ADDED]
    browser = talk.house.browser()
    page = browser.get(browser.get(f"/q/{entry(talk).id}").headers["location"]).text
    assert "Aurora Mini" in page
    assert "Added by the same customer" in page
    detail = talk.house.ask("GET", f"/api/v1/answers/{entry(talk).id}").json()["details"]
    assert [one["text"] for one in detail] == [ADDED]


def test_they_are_found_by_the_search(talk: Talk) -> None:
    asked_back(talk)
    talk.house.chorus.search.catch_up()
    found = talk.house.ask("GET", "/api/v1/answers?q=aurora+mini").json()["items"]
    assert [one["id"] for one in found] == [str(entry(talk).id)]


def test_what_is_added_after_the_answer_comes_into_the_entry(talk: Talk) -> None:
    brand = talk.answers(SOLVES, talk.opening)
    before = entry(talk).revision
    talk.says("It still stays dark, the ring is red", brand)
    assert words(talk) == ["It still stays dark, the ring is red"]
    assert entry(talk).revision > before


def test_thanks_are_no_detail(talk: Talk) -> None:
    brand = talk.answers(SOLVES, talk.opening)
    talk.says("Thank you so much, that worked!", brand)
    assert words(talk) == []


def test_an_edit_follows(talk: Talk) -> None:
    added = asked_back(talk)
    talk.house.edit(added, "It is the Aurora Max")
    talk.house.work()
    assert words(talk) == ["It is the Aurora Max"]


def test_a_deletion_follows(talk: Talk) -> None:
    added = asked_back(talk)
    talk.house.delete(added)
    talk.house.work()
    assert words(talk) == []
    assert entry(talk).state == EntryState.PUBLIC


def test_what_is_not_public_any_more_goes(talk: Talk) -> None:
    added = asked_back(talk)
    talk.house.edit(added, "It is the Aurora Max, my dear", visibility=Visibility.PRIVATE)
    talk.house.work()
    assert words(talk) == []


def test_personal_data_is_not_shown_and_hides_nothing_else(talk: Talk) -> None:
    asked_back(talk, "It is the Aurora Mini, write to sam.smith@example.com or call +49 170 1234567")
    assert words(talk) == []
    assert entry(talk).quotation is not None


def test_they_go_with_the_question(talk: Talk) -> None:
    asked_back(talk)
    talk.house.delete(talk.opening)
    talk.house.work()
    assert words(talk) == []


def test_they_go_when_the_customer_is_forgotten(talk: Talk) -> None:
    asked_back(talk)
    with talk.house.database.write() as session:
        person = erasure.customer(session, "local", "sam")
        erase_customer(session, person, talk.house.clock())
    assert entry(talk).details == []


def test_a_post_that_is_not_to_be_seen_for_now_is_withheld_and_comes_back(talk: Talk) -> None:
    added = asked_back(talk)
    for absence, shown in ((Absence.TAKEN_DOWN, []), (None, [ADDED])):
        look = Lookup(added.id, gone=False, absence=absence)
        with talk.house.database.write() as session:
            assert visibility.changes_what_is_shown(session, "local", look)
            visibility.show_or_withhold(session, "local", look, talk.house.clock())
        assert words(talk) == shown
        assert entry(talk).quotation is not None


def test_an_export_takes_them_along(talk: Talk, database: Database) -> None:
    from bot.store.archive import transfer

    asked_back(talk)
    with database.read() as session:
        [line] = transfer.exported(session)
    assert [one.text for one in line.details] == [ADDED]


def test_its_post_is_looked_at_again_as_the_first_one_is(talk: Talk) -> None:
    added = asked_back(talk)
    with talk.house.database.read() as session:
        due = Rounds().due(session, "local", FREE, talk.house.clock() + timedelta(days=2), 10)
    assert {talk.opening.id, added.id} <= set(due)
