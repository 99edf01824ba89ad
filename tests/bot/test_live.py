"""From where on open pages can be told what they missed, and who of them is signed in."""

from datetime import timedelta

import pytest

from bot.live import WORK, News, news, of_employee
from bot.roles import Role
from bot.states import ChangeKind
from bot.store import changes
from bot.store.engine import Database
from bot.store.people import access
from bot.store.tables.people import EmployeeRow
from routing.model.domain import EmployeeState
from tests.conftest import FakeClock
from tests.house import House


@pytest.fixture
def house(database: Database, clock: FakeClock) -> House:
    return House(database, clock)


def append(house: House, *numbers: int) -> None:
    for number in numbers:
        with house.database.write() as session:
            changes.append(session, ChangeKind.HAND, number, house.clock())


def lately(house: House) -> News:
    return news(house.database, None, ())


def test_before_anything_happened_nothing_is_missed(house: House) -> None:
    assert lately(house) == News(seq=0, known_from=0)


def test_what_happened_lately_is_known_and_what_was_before_is_not(house: House) -> None:
    append(house, 1, 2)
    house.clock.advance(timedelta(minutes=11))
    append(house, 3)
    found = lately(house)
    assert (found.known_from, found.seq) == (2, 3)
    assert set(found.moved) == {WORK, of_employee(3)}


def test_after_a_quiet_night_whoever_has_seen_the_last_change_misses_nothing(house: House) -> None:
    append(house, 1, 2)
    house.clock.advance(timedelta(hours=9))
    assert lately(house) == News(seq=2, known_from=2)


def test_lines_that_are_forgotten_are_not_taken_for_none(house: House) -> None:
    append(house, 1)
    house.clock.advance(timedelta(hours=2))
    append(house, 2, 3)
    house.steps.expire.forget()
    assert lately(house).known_from == 1


def test_each_topic_has_the_number_of_its_last_change_in_the_order_of_these(house: House) -> None:
    append(house, 7, 8, 7)
    assert list(lately(house).moved.items()) == [(of_employee(8), 2), (WORK, 3), (of_employee(7), 3)]


def test_the_next_look_goes_on_where_the_last_one_ended(house: House) -> None:
    append(house, 7)
    seq = lately(house).seq
    append(house, 8)
    found = news(house.database, seq, ())
    assert set(found.moved) == {WORK, of_employee(8)}
    assert news(house.database, found.seq, ()) == News(seq=found.seq, known_from=found.seq)


def test_only_sessions_that_stand_are_found_with_the_role_that_their_people_have(house: House) -> None:
    jane, mei, ann = (
        house.employee("Jane Doe"),
        house.employee("Mei Tan", role=Role.ADMIN),
        house.employee("Ann"),
    )
    with house.database.write() as session:
        old = access.start_session(session, session.get_one(EmployeeRow, jane.id), house.clock())
    house.clock.advance(access.IDLE)
    with house.database.write() as session:
        secrets = [
            access.start_session(session, session.get_one(EmployeeRow, one.id), house.clock())
            for one in (jane, mei, ann)
        ]
        session.get_one(EmployeeRow, ann.id).state = EmployeeState.LEFT
    found = news(house.database, 0, [old, *secrets, "made up"]).roles
    assert found == {secrets[0]: Role.EMPLOYEE, secrets[1]: Role.ADMIN}
