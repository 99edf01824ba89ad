"""What a customer adds counts like what they asked: for its topics, and for how urgent it is."""

import pytest

from bot.states import PostKind
from bot.store.engine import Database
from bot.store.tables.conversations import PostRow, QuestionRow
from routing.model.domain import QuestionState
from tests.app.work_house import WorkHouse
from tests.conftest import FakeClock

ON_FIRE = "@brand now it is on fire, urgent!"


@pytest.fixture
def house(database: Database, clock: FakeClock) -> WorkHouse:
    built = WorkHouse(database, clock)
    built.topic("tv", "TV & picture", ("tv",))
    built.topic("wifi", "Wi-Fi", ("router",))
    for number in range(20):
        built.employee(f"P{number} Doe", topics={"tv": 2})
    return built


def _asked(house: WorkHouse) -> int:
    house.post("sam", "@brand no picture on my tv")
    house.work()
    (question,) = house.rows(QuestionRow)
    assert (question.priority, question.rung, _people(house)) == (0, 1, 3)
    return int(question.id)


def _people(house: WorkHouse) -> int:
    return len(house.offers())


def _add(house: WorkHouse, question: int, text: str) -> None:
    house.clock.advance(60)
    opening = house.row(PostRow, house.row(QuestionRow, question).post_id)
    house.post("sam", text, str(opening.external_id))
    house.work()
    assert house.rows(PostRow)[-1].verdict == PostKind.FOLLOW_UP


def test_what_is_found_to_be_urgent_while_people_are_asked_goes_on_at_once_and_once(house: WorkHouse) -> None:
    question = _asked(house)
    _add(house, question, ON_FIRE)
    row = house.row(QuestionRow, question)
    assert (row.priority, row.rung, row.state) == (3, 2, QuestionState.OFFERED)
    assert _people(house) == 3 + 9  # six, and half as many more because it is hurried
    assert '<span class="badge is-warn">urgent</span>' in house.browser(_last(house)).get("/desk").text
    house.work()
    _add(house, question, "@brand please, it burns, immediately!")
    assert (house.row(QuestionRow, question).rung, _people(house)) == (2, 12)


def _last(house: WorkHouse) -> int:
    return int(house.offers()[-1].employee_id)


def test_what_is_added_without_hurry_asks_nobody_else(house: WorkHouse) -> None:
    question = _asked(house)
    due_at = house.row(QuestionRow, question).due_at
    _add(house, question, "@brand it is the one with the grey frame, bought last year")
    row = house.row(QuestionRow, question)
    assert (row.priority, row.rung, row.due_at, _people(house)) == (0, 1, due_at, 3)


def test_what_is_added_is_read_for_its_topics(house: WorkHouse) -> None:
    question = _asked(house)
    _add(house, question, "@brand it is plugged into the router, if that matters")
    assert {one.slug for one in house.row(QuestionRow, question).weights} == {"tv", "wifi"}


def test_what_waits_for_somebody_in_charge_is_as_urgent_as_what_is_added(house: WorkHouse) -> None:
    question = _asked(house)
    with house.database.write() as session:
        row = session.get_one(QuestionRow, question)
        row.state, row.due_at = QuestionState.ESCALATED, None
    _add(house, question, ON_FIRE)
    row = house.row(QuestionRow, question)
    assert (row.state, row.priority, row.due_at) == (QuestionState.ESCALATED, 3, None)
    _add(house, question, "@brand it is the one with the grey frame")
    assert house.row(QuestionRow, question).priority == 3
