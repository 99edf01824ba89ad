"""A post without words asks nobody: a person asks back what it is about, and the reply goes its way."""

import pytest

from bot.posts import Visibility
from bot.roles import Role
from bot.store.engine import Database
from routing.model.domain import QuestionState
from routing.model.text import is_wordless
from tests.conftest import FakeClock
from tests.house import House


@pytest.mark.parametrize(
    "text", ["@brand", ".@brand 😡😡", "@brand ???", "@brand https://example.com/p.jpg", "  "]
)
def test_handles_signs_emoji_and_links_are_no_words(text: str) -> None:
    assert is_wordless(text)


@pytest.mark.parametrize(
    "text", ["@brand help", "@brand 5", "@brand助けて", "@brand #outage", "@brand مرحبا"]
)
def test_anything_that_can_be_read_is(text: str) -> None:
    assert not is_wordless(text)


def test_nobody_is_asked_a_person_asks_back_and_the_reply_is_put_to_those_who_know(
    database: Database, clock: FakeClock
) -> None:
    house = House(database, clock)
    house.employee("Jane Doe", house.topic("lamps", "Lamps", "lamp"))
    boss = house.browser(house.employee("Mei Ito", role=Role.MODERATOR).id)
    house.post("sam", "@brand 😢", pictures=("A lamp that does not shine",))
    house.work()
    [question] = house.questions()
    assert question.state == QuestionState.ESCALATED
    assert "no words" in question.note
    assert house.offers() == []

    page = boss.get(f"/desk/questions/{question.id}").text
    assert "A lamp that does not shine" in page
    assert f'href="/desk/questions/{question.id}?greet=1#answer"' in page
    form = boss.get(f"/desk/questions/{question.id}?greet=1").text
    assert "Hello! What is it about, and how can we help?" in form
    assert '<option value="question_back" selected>' in form

    words = {"text": "Hello! What is it about, and how can we help?", "kind": "question_back", "step": "send"}
    boss.post(f"/desk/questions/{question.id}/answer", words)
    house.work()
    [question] = house.questions()
    assert question.state == QuestionState.ASKED_BACK
    assert len(house.by_brand()) == 1

    house.post("sam", "my lamp stays dark since yesterday", house.by_brand()[0])
    house.work()
    [question] = house.questions()
    assert question.state == QuestionState.OFFERED
    assert question.text == "my lamp stays dark since yesterday"


ASKS = "Hello! What is it about, and how can we help?"


def asking_house(database: Database, clock: FakeClock) -> House:
    """The operator lets the brand ask back by itself."""
    house = House(database, clock, publish={"ask_back": True})
    house.employee("Jane Doe", house.topic("lamps", "Lamps", "lamp"))
    return house


def test_the_brand_asks_back_by_itself_where_the_operator_wants_it(
    database: Database, clock: FakeClock
) -> None:
    house = asking_house(database, clock)
    house.post("sam", "@brand 😢")
    house.work()
    assert [post.text.removeprefix("@sam ") for post in house.by_brand()] == [ASKS]
    assert house.questions()[0].state == QuestionState.ASKED_BACK

    house.post("sam", "my lamp stays dark since yesterday", house.by_brand()[0])
    house.work()
    house.post("jane", "Hold the ring for ten seconds until it blinks. #chorus", house.posts()[0].external_id)
    house.work()
    [entry] = house.entries()
    assert (entry.state, entry.quotation) == ("public", "my lamp stays dark since yesterday")
    assert "lamp" in entry.title.lower()


def test_it_asks_nobody_twice_and_says_nothing_in_private(database: Database, clock: FakeClock) -> None:
    house = asking_house(database, clock)
    house.post("sam", "@brand 😢")
    house.work()
    house.clock.advance(3600)
    house.post("sam", "@brand")
    house.post("kim", "@brand 😢", visibility=Visibility.PRIVATE)
    house.work()
    assert len(house.by_brand()) == 1


def test_by_default_it_does_not(database: Database, clock: FakeClock) -> None:
    house = House(database, clock)
    house.post("sam", "@brand 😢")
    house.work()
    assert house.by_brand() == []
