"""One answer again: repeated by its entry's number, or pointed to before anybody is asked."""

from typing import Any

import pytest

from bot.states import AnswerState, PostKind
from bot.store.engine import Database
from routing.model.domain import OfferState, QuestionState
from tests.conftest import FakeClock
from tests.fake_search import FakeSearch
from tests.house import House


def answered(database: Database, clock: FakeClock, **settings: Any) -> House:
    """A house with two people and one entry, number 1."""
    house = House(database, clock, engine=FakeSearch(database), **settings)
    tv = house.topic("tv", "TV", "picture")
    house.employee("Jane Doe", tv)
    house.employee("Ravi Kumar", tv)
    question = house.post("sam", "@brand no picture")
    house.work()
    house.post("jane", "Try the other cable. #chorus", question)
    house.work()
    return house


@pytest.fixture
def house(database: Database, clock: FakeClock) -> House:
    return answered(database, clock)


def test_a_number_after_the_tag_repeats_the_entrys_answer_with_both_names(house: House) -> None:
    again = house.post("kim", "@brand my screen has no picture either")
    house.work()
    house.post("ravi", "@kim #chorus 1", again)
    house.work()
    assert house.by_brand()[-1].text == "Try the other cable. ^Jane, Ravi"
    assert house.by_brand()[-1].in_reply_to == again.id
    [entry] = house.entries()
    assert entry.asked_count == 2


def test_repeating_ones_own_answer_names_one_person(house: House) -> None:
    again = house.post("kim", "@brand my screen has no picture either")
    house.work()
    house.post("jane", "#chorus 1", again)
    house.work()
    assert house.by_brand()[-1].text == "Try the other cable. ^Jane"


def test_a_number_of_no_entry_publishes_nothing_and_says_why(house: House) -> None:
    again = house.post("kim", "@brand my screen has no picture either")
    house.work()
    house.post("ravi", "#chorus 77", again)
    house.work()
    assert len(house.by_brand()) == 1
    assert house.posts()[-1].verdict == PostKind.UNMATCHED
    assert "no entry 77" in (house.posts()[-1].last_error or "")


def test_a_sure_match_is_pointed_to_only_where_the_operator_wants_it(house: House) -> None:
    house.chorus.search.likely = lambda _question: [(1, 0.99, 0.99)]
    house.post("kim", "@brand my screen has no picture either")
    house.work()
    assert len(house.by_brand()) == 1
    assert house.questions()[-1].suggestions == [[1, 0.99, 0.99]]


def test_a_first_reply_is_in_the_language_of_the_customers_post(
    sqlite_database: Database, clock: FakeClock
) -> None:
    settings = {"publish": {"first_reply": True}, "base_url": "https://help.example"}
    house = answered(sqlite_database, clock, **settings)
    house.chorus.search.likely = lambda _question: [(1, 0.99, 0.99)]
    house.post("kim", "@brand mein Fernseher zeigt kein Bild mehr, was kann ich denn jetzt noch versuchen?")
    house.work()
    words = "Vielleicht hilft das schon, während jemand von uns danach sieht: https://help.example/q/1-"
    assert house.by_brand()[-1].text.startswith(words)


def test_a_first_reply_points_to_the_entry_and_people_are_asked_all_the_same(
    sqlite_database: Database, clock: FakeClock
) -> None:
    settings = {"publish": {"first_reply": True}, "base_url": "https://help.example"}
    house = answered(sqlite_database, clock, **settings)
    house.chorus.search.likely = lambda _question: [(1, 0.99, 0.99)]
    question = house.post("kim", "@brand my screen has no picture either")
    house.work()
    assert house.by_brand()[-1].text == (
        "This may help while somebody looks at it: https://help.example/q/1-no-picture"
    )
    assert house.questions()[-1].state == QuestionState.OFFERED
    assert [offer.state for offer in house.offers()[-2:]] == [OfferState.OPEN, OfferState.OPEN]
    assert house.answers()[-1].state == AnswerState.POINTED
    house.post("ravi", "Use input two. #chorus", question)
    house.work()
    assert house.by_brand()[-1].text == "Use input two. ^Ravi"
