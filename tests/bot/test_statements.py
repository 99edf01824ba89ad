"""What a whole life asks of the database: so many statements for each answer, and no more."""

from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import event

from bot.states import AnswerState, PostKind
from bot.store.engine import Database
from tests.conftest import FakeClock
from tests.house import House

TOGETHER = 20
"""Answers that come in together; alone, one takes what all of them share."""


class Statements:
    """What is said to a house's database while something is done."""

    def __init__(self, house: House) -> None:
        self.said: Counter[str] = Counter()
        event.listen(house.database.engine, "before_cursor_execute", self._note)

    def _note(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        self.said[" ".join(statement.split())] += 1

    def during(self, act: Callable[[], object]) -> int:
        self.said.clear()
        act()
        return self.said.total()


def ask(house: House, first: int, count: int) -> dict[str, str]:
    """Questions that are offered to people: their posts, with who is to answer each."""
    posts = {
        house.post(f"customer{number}", f"@brand no picture on my TV since update {number}").id: number
        for number in range(first, first + count)
    }
    house.work()
    asked = {offer.question_id: offer.employee_id for offer in house.offers()}
    people = {number: f"jane{number}" for number in range(1, 11)}
    stored = {post.id: post.external_id for post in house.posts()}
    return {
        stored[question.post_id]: people[asked[question.id]]
        for question in house.questions()
        if stored[question.post_id] in posts
    }


def answer(house: House, asked: dict[str, str]) -> None:
    """All are answered by tagged posts, and the answers go their way to the archive."""
    for post_id, who in asked.items():
        house.post(who, f"Hold the button of TV {post_id} for ten seconds. #chorus", post_id)
    house.work()
    house.chorus.search.catch_up()


@pytest.fixture
def house(database: Database, clock: FakeClock) -> House:
    house = House(database, clock)
    tv = house.topic("tv", "TV", "tv", "picture")
    for number in range(1, 11):
        house.employee(f"Jane{number} Doe", tv, daily_cap=1_000, open_cap=1_000)
    answer(house, ask(house, 0, 1))  # what is made when it is first needed is there from here on
    return house


def test_an_answer_costs_few_statements_from_its_post_to_the_archive(house: House) -> None:
    """What is needed of many is read in one statement and written in one (docs/benchmarks.md)."""
    asked = ask(house, 1, TOGETHER)
    statements = Statements(house)
    total = statements.during(lambda: answer(house, asked))
    assert [one.state for one in house.answers()] == [AnswerState.PUBLISHED] * (TOGETHER + 1)
    assert len(house.entries()) == TOGETHER + 1
    assert total / TOGETHER <= 15, statements.said.most_common(12)


def test_a_mention_costs_few_statements_until_people_are_asked(house: House) -> None:
    statements = Statements(house)
    total = statements.during(lambda: ask(house, 1, TOGETHER))
    assert sum(one.verdict == PostKind.QUESTION for one in house.posts()) == TOGETHER + 1
    assert total / TOGETHER <= 10, statements.said.most_common(12)
