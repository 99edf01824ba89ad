"""A post without words asks nobody: a person asks back what it is about, and the reply goes its way."""

import pytest

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
