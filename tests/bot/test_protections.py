"""What no answer gets around: the guard's refusal, personal data, approval of newcomers and of very many.

Through the house's own steps, from a post on the feed or from the desk to what the brand's account says.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.actions.conversations.decide import approve
from bot.actions.undecidable import Undecidable
from bot.posts import PostEvent
from bot.states import AnswerKind, AnswerState, Via
from bot.store.engine import Database
from bot.store.tables.conversations import AnswerRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from routing.model.domain import QuestionState
from tests.conftest import FakeClock
from tests.house import House

OWN = {"domains": ["brand.com"]}
DISGUISED = [
    "See bit.ly/abc",
    "See https://brand.com.evil.com/help",
    "Write to help@brand.com.evil.com",
    "magnet:?xt=urn:x",
]


@pytest.fixture
def opened(database: Database, clock: FakeClock) -> Iterator[Callable[..., House]]:
    houses: list[House] = []

    def build(**publish: Any) -> House:
        house = House(database, clock, publish=publish)
        houses.append(house)
        tv = house.topic("tv", "TV", "picture")
        house.employee("Jane Doe", tv)
        house.employee("Ravi Kumar", tv)
        return house

    yield build
    for house in houses:
        house.close()


def asked(house: House, author: str = "sam", text: str = "@brand my TV has no picture") -> str:
    """A customer asks; the post's id."""
    post = house.post(author, text)
    house.work()
    return post.id


def answer(house: House, question: str, text: str, author: str = "jane") -> AnswerRow:
    """An employee answers with the tag; what became of it."""
    house.post(author, f"{text} #chorus", question)
    house.work()
    return house.answers()[-1]


def approved(house: House, answer_id: int) -> None:
    """Somebody in charge lets a held answer out."""
    with house.database.write() as session:
        row = session.get_one(AnswerRow, answer_id)
        approve(session, house.answering, row, AnswerKind.ADDITION, house.clock())
    house.work()


@pytest.mark.parametrize("text", DISGUISED)
def test_s08_a_disguised_address_is_dropped_with_the_reason_for_its_author(
    opened: Callable[..., House], text: str
) -> None:
    house = opened(**OWN)
    given = answer(house, asked(house), text)
    assert given.state == AnswerState.DROPPED
    assert given.held_for
    assert house.by_brand() == []
    assert house.questions()[0].state == QuestionState.OFFERED


@pytest.mark.parametrize("text", DISGUISED)
def test_s08_nobody_can_approve_a_disguised_address(opened: Callable[..., House], text: str) -> None:
    house = opened(**OWN)
    asked(house)
    with house.database.write() as session:
        question = session.get_one(QuestionRow, house.questions()[0].id)
        jane = session.get_one(EmployeeRow, 1)
        given = house.answering.take(
            session, question, jane, text, via=Via.DESK, now=house.clock(), approved_by="mei"
        )
        assert given.state == AnswerState.DROPPED
        with pytest.raises(Undecidable):
            approve(session, house.answering, given, AnswerKind.ADDITION, house.clock())
    house.work()
    assert house.by_brand() == []


def test_s08_a_foreign_address_is_published_only_once_somebody_has_approved_it(
    opened: Callable[..., House],
) -> None:
    house = opened(**OWN)
    given = answer(house, asked(house), "Write to support@evil.com")
    assert (given.state, house.by_brand()) == (AnswerState.HELD, [])
    assert "support@evil.com" in (given.held_for or "")
    approved(house, given.id)
    assert [post.text for post in house.by_brand()] == ["Write to support@evil.com ^Jane"]


@pytest.mark.parametrize("text", ["See evil.com", *DISGUISED])
def test_s08_an_answer_edited_before_it_goes_out_is_judged_anew(
    opened: Callable[..., House], text: str
) -> None:
    house = opened(**OWN, undo_window=30)
    question = asked(house)
    tagged = house.post("jane", "Try the other cable. #chorus", question)
    house.work()
    edited = house.feed.edit(tagged.id, f"{text} #chorus")
    assert edited is not None
    house.tell(edited, PostEvent.EDITED)
    house.wait(60)
    given = house.answers()[0]
    assert given.state == (AnswerState.DROPPED if text in DISGUISED else AnswerState.HELD)
    assert given.held_for
    assert house.by_brand() == []
    assert house.questions()[0].state != QuestionState.ANSWERED


@pytest.mark.parametrize("text", DISGUISED)
def test_s08_a_held_answer_that_is_refused_by_now_cannot_be_approved(
    opened: Callable[..., House], text: str
) -> None:
    house = opened(**OWN, approve_first=1)
    given = answer(house, asked(house), "Try the other cable.")
    with house.database.write() as session:
        session.get_one(AnswerRow, given.id).text = text
    with pytest.raises(Undecidable):
        approved(house, given.id)
    house.work()
    assert house.by_brand() == []


@pytest.mark.parametrize("text", ["Call Joe on 07700 900123", "I wrote to joe.bloggs@brand.com"])
def test_s10_personal_data_in_an_answer_waits_for_a_person(opened: Callable[..., House], text: str) -> None:
    house = opened(**OWN, region="GB")
    given = answer(house, asked(house), text)
    assert (given.state, house.by_brand(), house.entries()) == (AnswerState.HELD, [], [])


@pytest.mark.parametrize(
    "private",
    ["sam.jones@gmail.com", "07700 900123", "4111 1111 1111 1111", "order 123-4567890-1234567"],
)
def test_s10_a_question_with_personal_data_is_answered_but_not_quoted(
    opened: Callable[..., House], private: str
) -> None:
    house = opened()
    answer(house, asked(house, text=f"@brand my TV has no picture, I am {private}"), "Try the other cable.")
    [entry] = house.entries()
    assert entry.quotation is None
    assert entry.withheld
    assert private not in entry.title
    assert len(house.by_brand()) == 1


def test_s10_a_question_edited_to_hold_personal_data_is_quoted_no_more(
    opened: Callable[..., House],
) -> None:
    house = opened()
    question = asked(house)
    answer(house, question, "Try the other cable.")
    assert house.entries()[0].quotation
    house.clock.advance(5)
    edited = house.feed.edit(question, "@brand my TV has no picture, call 07700 900123")
    assert edited is not None
    house.tell(edited, PostEvent.EDITED)
    house.work()
    [entry] = house.entries()
    assert entry.quotation is None
    assert "900123" not in entry.title


def test_s04_a_newcomers_first_answers_are_approved_by_a_person(opened: Callable[..., House]) -> None:
    house = opened(approve_first=2)
    for number, author in enumerate(("sam", "kim"), start=1):
        given = answer(house, asked(house, author), f"Try cable {number}.")
        assert given.state == AnswerState.HELD
        assert "newcomer" in (given.held_for or "")
        assert len(house.by_brand()) == number - 1
        approved(house, given.id)
        assert len(house.by_brand()) == number
    third = answer(house, asked(house, "lee"), "Try the third cable.")
    assert third.state == AnswerState.PUBLISHED
    assert answer(house, asked(house, "max"), "Hold the button.", "ravi").state == AnswerState.HELD


def test_s04_more_answers_a_day_than_the_limit_are_approved_by_a_person(
    opened: Callable[..., House],
) -> None:
    house = opened(daily_limit=2)
    states = [
        answer(house, asked(house, author), f"Try this: {word}.").state
        for author, word in (("sam", "unplug it"), ("kim", "hold the button"), ("lee", "call the shop"))
    ]
    assert states == [AnswerState.PUBLISHED, AnswerState.PUBLISHED, AnswerState.HELD]
    assert len(house.by_brand()) == 2
    assert answer(house, asked(house, "max"), "Open the lid.", "ravi").state == AnswerState.PUBLISHED
    house.wait(86_401)
    assert answer(house, asked(house, "pat"), "Wait a while.").state == AnswerState.PUBLISHED
