"""What a customer adds to their question by itself within minutes belongs to it; in doubt it does not."""

import pytest

from bot.posts import Visibility
from bot.states import PostKind
from bot.store.engine import Database
from tests.conftest import FakeClock
from tests.house import House

ASKED = "@brand my router drops the connection every evening, what can I do?"
ADDED = "@brand sorry, it is the BF2, and it stands right next to the TV"
OTHER = "@brand and another question: how do I cancel my order from yesterday?"


@pytest.fixture
def house(database: Database, clock: FakeClock) -> House:
    house = House(database, clock)
    house.employee("Jane Doe", house.topic("wifi", "Wi-Fi", "router"))
    return house


def say(house: House, *texts: str, who: str = "sam", seconds: float = 60) -> None:
    for text in texts:
        house.clock.advance(seconds)
        house.post(who, text)
        house.work()


def verdicts(house: House) -> list[str | None]:
    return [post.verdict for post in house.posts()]


def test_a_post_that_adds_to_a_question_is_part_of_it_and_replied_to(house: House) -> None:
    say(house, ASKED, ADDED)
    [question] = house.questions()
    first, second = house.posts()
    assert verdicts(house) == [PostKind.QUESTION, PostKind.FOLLOW_UP]
    assert second.question_id == question.id
    assert (question.post_id, question.reply_to) == (first.id, second.id)
    page = house.browser(house.offers()[0].employee_id).get(f"/desk/questions/{question.id}").text
    assert "it is the BF2" in page


def test_both_may_come_in_at_once(house: House) -> None:
    house.post("sam", ASKED)
    house.post("sam", ADDED)
    house.work()
    assert verdicts(house) == [PostKind.QUESTION, PostKind.FOLLOW_UP]


def test_another_question_is_one_of_its_own(house: House) -> None:
    say(house, ASKED, OTHER)
    assert verdicts(house) == [PostKind.QUESTION] * 2
    assert len(house.questions()) == 2


def test_somebody_elses_words_are_none_of_it(house: House) -> None:
    say(house, ASKED)
    say(house, ADDED, who="kim")
    assert len(house.questions()) == 2


def test_after_some_minutes_or_an_answer_it_is_one_of_its_own(house: House) -> None:
    say(house, ASKED)
    say(house, ADDED, seconds=301)
    assert len(house.questions()) == 2
    say(house, ASKED, who="kim")
    house.post(
        "jane",
        "Change the channel in its settings, that helps most. #chorus",
        str(house.posts()[-1].external_id),
    )
    house.work()
    say(house, ADDED, who="kim")
    assert len(house.questions()) == 4


def test_what_is_not_for_everybody_is_not_added(house: House) -> None:
    say(house, ASKED)
    house.post("sam", ADDED, visibility=Visibility.FOLLOWERS)
    house.work()
    assert verdicts(house) == [PostKind.QUESTION] * 2
    assert len(house.questions()) == 2


def test_how_long_is_a_setting_and_may_be_never(sqlite_database: Database, clock: FakeClock) -> None:
    house = House(sqlite_database, clock, ladder={"same_question_within": 0})
    say(house, ASKED, ADDED)
    assert len(house.questions()) == 2
