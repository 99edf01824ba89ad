"""A question waits for its customer so long as the house wants, and their next post opens it again."""

from datetime import timedelta

from bot.store.engine import Database
from routing.model.domain import QuestionState
from tests.bot.actions.talk import Talk
from tests.conftest import FakeClock
from tests.house import House

ASKS = "Which model is it?"
DAY = 86_400


def state(house: House) -> str:
    return house.questions()[0].state


def later(house: House, days: float) -> None:
    house.clock.advance(timedelta(days=days))
    house.worker.run_until_idle("house")


def test_a_question_ends_when_its_customer_has_had_their_time(database: Database, clock: FakeClock) -> None:
    talk = Talk(House(database, clock))
    talk.answers(ASKS, talk.opening)
    later(talk.house, 6.9)
    assert state(talk.house) == QuestionState.ASKED_BACK
    later(talk.house, 0.2)
    [question] = talk.house.questions()
    assert question.state == QuestionState.UNREPLIED
    assert (question.due_at, question.asked_back_by) == (None, None)
    assert talk.house.entries() == []


def test_the_patience_is_a_setting_and_counts_from_the_last_question_back(
    database: Database, clock: FakeClock
) -> None:
    talk = Talk(House(database, clock, ladder={"customer_patience": 2 * DAY}))
    brand = talk.answers(ASKS, talk.opening)
    later(talk.house, 1.5)
    more = talk.says("it is the LX 200", brand)
    talk.answers("And which year is it from?", more)
    later(talk.house, 1.5)
    assert state(talk.house) == QuestionState.ASKED_BACK
    later(talk.house, 0.6)
    assert state(talk.house) == QuestionState.UNREPLIED


def test_a_late_reply_opens_it_again_for_whoever_asked_back(database: Database, clock: FakeClock) -> None:
    talk = Talk(House(database, clock))
    talk.house.employee("Kim Lee", handle="kim")
    brand = talk.answers(ASKS, talk.opening)
    later(talk.house, 8)
    talk.says("sorry for the wait, it is the LX 200", brand)
    assert state(talk.house) == QuestionState.OFFERED
    assert talk.house.offers()[-1].employee_id == talk.jane


def test_an_answer_that_comes_after_the_end_is_taken(database: Database, clock: FakeClock) -> None:
    talk = Talk(House(database, clock))
    talk.answers(ASKS, talk.opening)
    later(talk.house, 8)
    talk.answers("Hold the ring for ten seconds until it blinks.", talk.opening)
    assert state(talk.house) == QuestionState.ANSWERED
    assert len(talk.house.entries()) == 1


def test_the_customer_is_reminded_once_where_the_operator_wants_it(
    database: Database, clock: FakeClock
) -> None:
    talk = Talk(House(database, clock, ladder={"customer_reminder": 2 * DAY}))
    talk.answers(ASKS, talk.opening)
    later(talk.house, 1.9)
    talk.house.work()
    assert len(talk.house.by_brand()) == 1
    for _ in range(3):
        later(talk.house, 1)
        talk.house.work()
    assert [one.text[:14] for one in talk.house.by_brand()[1:]] == ["We would still"]
    assert state(talk.house) == QuestionState.ASKED_BACK
    later(talk.house, 3)
    assert state(talk.house) == QuestionState.UNREPLIED
    assert len(talk.house.by_brand()) == 2


def test_whoever_replied_is_not_reminded(database: Database, clock: FakeClock) -> None:
    talk = Talk(House(database, clock, ladder={"customer_reminder": 2 * DAY}))
    brand = talk.answers(ASKS, talk.opening)
    talk.says("it is the LX 200", brand)
    later(talk.house, 3)
    talk.house.work()
    assert len(talk.house.by_brand()) == 1
