"""The last look before sending: what has changed since a message was taken from the queue keeps it in."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from bot.roles import Role
from bot.states import AnswerState, DeliveryState
from bot.steps.deliver import Deliver
from bot.store.engine import Database, Session
from bot.store.running import switches
from bot.store.tables.conversations import DeliveryRow
from bot.store.tables.people import EmployeeRow
from routing.model.domain import EmployeeState
from tests.conftest import FakeClock
from tests.house import House


class Interrupted(Deliver):
    """Something happens when a message has been taken from the queue and no byte has gone out."""

    meanwhile: Callable[[], None] = staticmethod(lambda: None)

    def _claimed(self, *taken: Any, **how: Any) -> list[DeliveryRow]:
        rows = super()._claimed(*taken, **how)
        happened, self.meanwhile = self.meanwhile, lambda: None
        happened()
        return rows


@pytest.fixture
def house(database: Database, clock: FakeClock) -> House:
    house = House(database, clock)
    house.employee("Jane Doe", house.topic("tv", "TV", "picture"))
    question = house.post("sam", "@brand no picture")
    house.work()
    house.post("jane", "Try the other cable. #chorus", question)
    house.steps.intake.run()
    return house


def pause(session: Session, now: datetime, *, paused: bool) -> None:
    switches.put(session, switches.PAUSED, value=paused, by="Mei", now=now)


def meanwhile(house: House, deed: Callable[[Session, datetime], None]) -> None:
    """Let the message go out, with this happening at the last moment."""

    def happens() -> None:
        with house.database.write() as session:
            deed(session, house.clock())

    chorus = house.chorus
    deliver = Interrupted(chorus.database, chorus.platforms, chorus.rules, "worker")
    deliver.meanwhile = happens
    deliver.run()
    deliver.close()


def test_it_goes_out_where_nothing_happens(house: House) -> None:
    meanwhile(house, lambda _session, _now: None)
    assert len(house.by_brand()) == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"state": EmployeeState.LEFT}, "has left"),
        ({"role": Role.READER}, "may not answer any more"),
        ({"opted_in_at": None}, "may not answer any more"),
    ],
)
def test_s03_nothing_goes_out_of_somebody_who_may_not_speak_any_more(
    house: House, change: dict[str, Any], why: str
) -> None:
    def deed(session: Session, _now: datetime) -> None:
        jane = session.get_one(EmployeeRow, 1)
        for name, value in change.items():
            setattr(jane, name, value)
        session.add(jane)

    meanwhile(house, deed)
    assert not house.by_brand()
    [answer] = house.answers()
    assert answer.state == AnswerState.WITHDRAWN
    assert why in (answer.held_for or "")


def test_s18_a_pause_at_the_last_moment_holds_and_nothing_is_lost(house: House) -> None:
    meanwhile(house, lambda session, now: pause(session, now, paused=True))
    assert not house.by_brand()
    [row] = house.deliveries()
    assert (row.state, row.attempts, row.first_sent_at) == (DeliveryState.READY, 0, None)
    with house.database.write() as session:
        pause(session, house.clock(), paused=False)
    house.work()
    assert len(house.by_brand()) == 1


def test_a_message_that_was_taken_over_meanwhile_is_left_alone(house: House) -> None:
    def deed(session: Session, _now: datetime) -> None:
        row = session.get_one(DeliveryRow, 1)
        row.fence += 1
        session.add(row)

    meanwhile(house, deed)
    assert not house.by_brand()
    assert house.deliveries()[0].state == DeliveryState.SENDING
