"""What is said without addressing the brand comes onto the tray, whichever way and in whichever order."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlmodel import select

from bot.actions.erase import erase_customer
from bot.posts import PostEvent, Visibility
from bot.states import ListenedState, ListeningCut, PostKind
from bot.store.engine import Database
from bot.store.listening import days, tray
from bot.store.privacy import erasure
from bot.store.tables.listening import BrandWordRow, ListenedRow, WordDayRow
from tests.conftest import FakeClock
from tests.house import House
from tests.listened import listening, on_the_tray


def verdicts(house: House) -> Sequence[str | None]:
    return [post.verdict for post in house.posts()]


@pytest.fixture
def house(database: Database, clock: FakeClock) -> House:
    house = House(database, clock)
    listening(house, "Acme", "acme router")
    return house


def test_a_post_with_a_word_waits_on_the_tray_and_asks_nobody(house: House) -> None:
    house.employee("Jane Doe")
    house.post("sam", "my Acme router is dead again")
    house.post("kim", "nice weather")
    house.work()
    assert on_the_tray(house) == ["my Acme router is dead again"]
    assert verdicts(house) == [PostKind.LISTENED, PostKind.NOT_FOR_US]
    assert house.posts()[1].text == ""
    assert (house.questions(), house.offers(), house.by_brand()) == ([], [], [])
    [row] = house.rows(ListenedRow)
    with house.database.read() as session:
        assert tray.words_of(session, [row.id]) == {row.id: ["Acme", "acme router"]}
        assert [one.posts for one in session.exec(select(WordDayRow))] == [1, 1]


def test_a_post_that_addresses_the_brand_is_a_mention_whatever_it_holds(house: House) -> None:
    house.post("sam", "@brand my acme is dead")
    house.work()
    assert verdicts(house) == [PostKind.QUESTION]
    assert house.rows(ListenedRow) == []


def test_the_same_post_once_more_changes_nothing(house: House) -> None:
    post = house.post("sam", "my acme is dead")
    house.work()
    house.tell(post)
    house.work()
    assert len(house.rows(ListenedRow)) == len(house.posts()) == 1


def test_edited_to_address_the_brand_it_is_a_question_and_leaves_the_tray(house: House) -> None:
    post = house.post("sam", "my acme is dead")
    house.work()
    house.edit(post, "@brand my acme is dead")
    house.work()
    assert verdicts(house) == [PostKind.QUESTION]
    assert house.rows(ListenedRow) == []
    assert len(house.questions()) == 1


def test_edited_without_its_word_it_leaves_the_tray_and_is_not_kept(house: House) -> None:
    post = house.post("sam", "my acme is dead")
    house.work()
    house.edit(post, "never mind")
    house.work()
    assert (house.rows(ListenedRow), verdicts(house)) == ([], [PostKind.NOT_FOR_US])
    assert house.posts()[0].text == ""


def test_edited_it_stays_as_it_was_decided_with_the_words_it_holds_now(house: House) -> None:
    post = house.post("sam", "my acme router is dead")
    house.work()
    with house.database.write() as session:
        session.get_one(ListenedRow, 1).state = ListenedState.LET_BE
    house.edit(post, "my acme is dead")
    house.work()
    [row] = house.rows(ListenedRow)
    assert row.state == ListenedState.LET_BE
    with house.database.read() as session:
        assert tray.words_of(session, [row.id]) == {row.id: ["Acme"]}
        assert [one.posts for one in session.exec(select(WordDayRow))] == [1, 1]  # counted once


def test_deleted_it_is_gone_from_the_tray(house: House) -> None:
    post = house.post("sam", "my acme is dead")
    house.work()
    house.delete(post)
    house.work()
    assert (house.rows(ListenedRow), verdicts(house)) == ([], [PostKind.GONE])
    assert house.posts()[0].text == ""


@pytest.mark.parametrize("visibility", [Visibility.UNLISTED, Visibility.FOLLOWERS, Visibility.PRIVATE])
def test_what_its_author_does_not_let_everybody_find_never_comes_there(
    house: House, visibility: Visibility
) -> None:
    house.post("sam", "my acme is dead", visibility=visibility)
    house.work()
    assert (house.rows(ListenedRow), verdicts(house)) == ([], [PostKind.NOT_FOR_US])


def test_made_less_visible_it_leaves_the_tray(house: House) -> None:
    post = house.post("sam", "my acme is dead")
    house.work()
    house.edit(post, visibility=Visibility.FOLLOWERS)
    house.work()
    assert house.rows(ListenedRow) == []


def test_our_own_people_and_reposts_are_left_out(house: House) -> None:
    house.employee("Jane Doe", handle="jane")
    house.employee("Ravi Kumar", handle="ravi", state="paused")
    house.post("jane", "proud of the new acme")
    house.post("ravi", "proud of the new acme, too")
    house.post("sam", "acme acme", is_repost=True)
    house.tell(house.feed.append("brand", "Acme has news"), PostEvent.CREATED)
    house.work()
    assert house.rows(ListenedRow) == []


def test_an_off_word_and_one_of_another_platform_find_nothing(database: Database, clock: FakeClock) -> None:
    house = House(database, clock)
    listening(house, "acme", is_on=False)
    listening(house, "router", platforms=["x"])
    house.post("sam", "my acme router is dead")
    house.work()
    assert house.rows(ListenedRow) == []


def test_a_day_has_its_bound_and_says_when_it_is_reached(database: Database, clock: FakeClock) -> None:
    house = House(database, clock, listening={"daily_posts": 2})
    listening(house, "acme")
    for number in range(4):
        house.post(f"c{number}", f"acme {number}")
    house.work()
    assert on_the_tray(house) == ["acme 1", "acme 0"]
    assert [post.text for post in house.posts()[2:]] == ["", ""]
    with house.database.read() as session:
        today = days.of_today(session, clock())["local"]
    assert (today.kept, today.cut) == (2, ListeningCut.DAY)
    clock.advance(timedelta(days=1))
    house.post("sam", "acme tomorrow")
    house.work()
    assert on_the_tray(house)[0] == "acme tomorrow"
    with house.database.read() as session:
        assert days.of_today(session, clock())["local"].cut == ""


def test_nothing_is_listened_to_where_that_is_off(database: Database, clock: FakeClock) -> None:
    house = House(database, clock, listening={"daily_posts": 0})
    listening(house, "acme")
    house.post("sam", "acme")
    house.work()
    assert house.rows(ListenedRow) == []


def test_when_its_time_is_over_it_goes_wholly(database: Database, clock: FakeClock) -> None:
    house = House(database, clock, listening={"keep_days": 3})
    listening(house, "acme")
    house.post("sam", "my acme is dead")
    house.work()
    clock.advance(timedelta(days=2))
    house.post("kim", "my acme is alive")
    house.work()
    assert house.steps.search_words.forget() == 0
    clock.advance(timedelta(days=1, seconds=1))
    assert house.steps.search_words.forget() == 1
    assert on_the_tray(house) == ["my acme is alive"]
    assert [post.text for post in house.posts()] == ["my acme is alive"]


def test_who_is_forgotten_is_on_the_tray_no_more(house: House) -> None:
    house.post("sam", "my acme is dead")
    house.post("kim", "my acme is alive")
    house.work()
    with house.database.write() as session:
        person = erasure.customer(session, "local", "sam")
        erase_customer(session, person, house.clock())
    assert on_the_tray(house) == ["my acme is alive"]
    with house.database.read() as session:
        assert {word.text for word in session.exec(select(BrandWordRow))} == {"Acme", "acme router"}


def test_a_removed_word_takes_along_what_is_there_for_it_alone(house: House) -> None:
    house.post("sam", "my acme router is dead")
    house.post("kim", "acme acme")
    house.work()
    with house.database.write() as session:
        tray.remove_word(session, session.get_one(BrandWordRow, 1))
    assert on_the_tray(house) == ["my acme router is dead"]
    assert len(house.posts()) == 1
