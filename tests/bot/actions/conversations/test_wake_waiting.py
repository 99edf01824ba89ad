"""R24: a hand that becomes free goes to the question that waits longest, at once, before newer ones."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.actions.conversations import decide, handover
from bot.actions.conversations.wake_waiting import FreedCapacity
from bot.actions.people import employees
from bot.actions.people.details import details_of
from bot.store.engine import Database, Session
from bot.store.tables.conversations import OfferRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from routing.ladder.policy import Policy, Rung
from routing.model.domain import OfferState, QuestionState
from tests.conftest import FakeClock
from tests.house import House

PATIENT = Policy(rungs=(Rung(3, timedelta(hours=3)),), wait_for_more=timedelta(hours=72))


class Queue:
    """Kim takes one question at a time: alpha. Bravo and charlie wait, in this order, then time passes."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.tv = house.topic("tv", "TV", "tv", "picture")
        self.kim = house.employee("Kim Lee", self.tv, open_cap=1).id
        self.posts = {}
        for name in ("alpha", "bravo", "charlie"):
            self.ask(name)
        house.wait(600)
        assert self.offered() == ["alpha"]

    def ask(self, name: str) -> None:
        """Somebody asks, and the steps run."""
        self.posts[name] = self.house.post(name, f"@brand no picture on my TV, says {name}")
        self.house.work()
        self.house.clock.advance(5)

    def offered(self) -> list[str]:
        """Whose questions are in front of somebody, in the order they were offered."""
        by_id = {row.id: row.customer_handle for row in self.house.questions()}
        return [by_id[one.question_id] for one in self.house.offers() if one.state == OfferState.OPEN]

    def question(self, name: str) -> QuestionRow:
        return next(row for row in self.house.questions() if row.customer_handle == name)

    def do(self, deed: Callable[..., object], table: type, number: int | None) -> None:
        """A deed about a row, in a transaction of its own."""
        with self.house.database.write() as session:
            deed(session, session.get_one(table, number), self.house.clock())

    def edit(self, number: int, **changed: object) -> None:
        """Change what is known of somebody."""
        with self.house.database.write() as session:
            employee = session.get_one(EmployeeRow, number)
            details = replace(details_of(session, employee), **changed)  # type: ignore[arg-type]
            employees.edit_employee(session, employee, details, self.house.clock())


@pytest.fixture
def queue(database: Database, clock: FakeClock) -> Iterator[Queue]:
    house = House(database, clock, policy=PATIENT)
    return Queue(house)


def answered(queue: Queue) -> None:
    queue.house.post("kim", "Unplug it for two minutes. #chorus", queue.posts["alpha"])


def passed(queue: Queue) -> None:
    queue.do(
        lambda session, offer, now: handover.decline(session, offer, OfferState.PASSED, now), OfferRow, 1
    )


def run_out(queue: Queue) -> None:
    """At the very moment, when nobody would look at those who wait for a while yet."""
    [offer] = queue.house.offers()
    queue.house.clock.at = offer.expires_at - timedelta(seconds=1)
    queue.house.work()
    assert queue.question("bravo").due_at > offer.expires_at
    queue.house.clock.at = offer.expires_at


def deleted(queue: Queue) -> None:
    queue.house.delete(queue.posts["alpha"])


def dismissed(queue: Queue) -> None:
    queue.do(lambda session, row, now: decide.dismiss(session, row, "Spam.", now), QuestionRow, 1)


def taken_over_and_closed(queue: Queue) -> None:
    queue.do(decide.close, QuestionRow, 1)


def raised_cap(queue: Queue) -> None:
    queue.edit(queue.kim, open_cap=2)


def new_employee(queue: Queue) -> None:
    queue.house.employee("Lee Park", queue.tv, open_cap=1)


WAYS = [answered, passed, run_out, deleted, dismissed, taken_over_and_closed, raised_cap, new_employee]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_r24_a_free_hand_goes_at_once_to_who_waits_longest(
    queue: Queue, way: Callable[[Queue], None]
) -> None:
    way(queue)
    queue.ask("delta")
    assert [name for name in queue.offered() if name != "alpha"] == ["bravo"]


def test_r24_the_end_of_a_pause_wakes_who_waits(queue: Queue) -> None:
    lee = queue.house.employee("Lee Park", queue.tv, state="paused", open_cap=1).id
    queue.house.work()
    assert queue.offered() == ["alpha"]
    queue.do(employees.resume, EmployeeRow, lee)
    queue.ask("delta")
    assert queue.offered() == ["alpha", "bravo"]


def test_r24_a_new_expertise_wakes_who_waits_for_it(database: Database, clock: FakeClock) -> None:
    """Asked in vain, the question waits for somebody who knows; then a colleague learns it."""
    house = House(database, clock, policy=replace(PATIENT, rungs=(Rung(1, timedelta(minutes=5)),) * 3))
    tv, wifi = house.topic("tv", "TV", "tv", "picture"), house.topic("wifi", "Wi-Fi", "wifi")
    house.employee("Kim Lee", tv, open_cap=1)
    mia = house.employee("Mia Roth", tv, paused_until=clock() + timedelta(hours=50)).id
    lee = house.employee("Lee Park", wifi, open_cap=1).id
    assert mia
    house.post("bravo", "@brand no picture on my TV")
    house.work()
    house.wait(310)
    assert [(one.employee_id, one.state) for one in house.offers()] == [(1, OfferState.OPEN)]
    with house.database.write() as session:
        employee = session.get_one(EmployeeRow, lee)
        details = replace(details_of(session, employee), topics={"tv": 2})
        employees.edit_employee(session, employee, details, clock())
    house.work()
    assert [one.employee_id for one in house.offers()] == [1, lee]


def test_r24_working_hours_that_begin_wake_who_waits(database: Database, clock: FakeClock) -> None:
    """At noon Kim's hands are full; Lee comes at four. The question has waited for long by then."""
    house = House(database, clock, policy=PATIENT)
    queue = Queue(house)
    house.employee("Lee Park", queue.tv, open_cap=1, shifts=[[2, 16 * 60, 17 * 60]])
    house.work()
    while clock() < queue.posts["alpha"].posted_at + timedelta(hours=3, minutes=50):
        house.wait(60)
    house.clock.at = clock().replace(hour=16, minute=0, second=0)
    queue.ask("delta")
    assert queue.offered() == ["alpha", "bravo"]


def test_r24_a_hand_that_becomes_free_while_the_router_decides_is_not_forgotten(queue: Queue) -> None:
    """Bravo is in the router's hands, which were told that Kim is full, when Kim answers alpha."""
    house = queue.house
    house.clock.at = max(row.due_at for row in house.questions()[1:])
    acts = [lambda: (answered(queue), house.steps.intake.run())]
    house.steps.route.give_way = lambda: acts.pop()() if acts else None
    house.steps.route.run()
    assert not acts
    assert queue.offered() == []
    house.steps.route.run()
    assert queue.offered() == ["bravo"]


def test_r24_a_hand_that_becomes_free_between_two_reads_is_looked_at_again(queue: Queue) -> None:
    """Kim answers alpha when it has been read that she is full, and not yet who has a hand free."""
    house = queue.house
    acts = [lambda: (answered(queue), house.steps.intake.run())]

    class Interrupted(FreedCapacity):
        def look(self, session: Session, *given: Any) -> list[int]:
            if self._seen >= 0 and acts:
                acts.pop()()
            return super().look(session, *given)

    house.steps.route.freed = Interrupted()
    house.steps.route.run()
    queue.edit(queue.kim, title="Engineer")  # so that there is something to look at
    house.steps.route.run()
    assert not acts
    house.steps.route.run()
    assert queue.offered() == ["bravo"]


def test_r24_a_process_that_starts_looks_at_who_waits(queue: Queue) -> None:
    """Whoever was to wake bravo has died: the next process does."""
    house = queue.house
    answered(queue)
    house.steps.intake.run()
    fresh = House(house.database, house.clock, policy=PATIENT)
    fresh.steps.route.run()
    assert queue.offered() == ["bravo"]


def test_r24_one_free_hand_makes_the_router_look_at_a_few_only(queue: Queue) -> None:
    house = queue.house
    for number in range(40):
        house.post(f"sam{number}", "@brand no picture on my TV")
    house.work()
    answered(queue)
    house.steps.intake.run()
    assert 0 < house.steps.route.run() <= 6
    assert queue.offered() == ["bravo"]


def test_r24_newer_ones_that_are_due_already_do_not_come_first(queue: Queue) -> None:
    """The router takes what it can at a time: whoever has waited longer is among the first."""
    house = queue.house
    for number in range(3):
        house.post(f"sam{number}", "@brand no picture on my TV")
    house.steps.intake.run()
    house.clock.advance(5)
    answered(queue)
    house.steps.intake.run()
    house.steps.route.run(limit=1)
    assert queue.offered() == ["bravo"]


def test_r24_who_has_an_answer_waits_for_no_hand(queue: Queue) -> None:
    assert queue.question("bravo").waits_since is not None
    queue.house.post("kim", "Unplug it for two minutes. #chorus", queue.posts["bravo"])
    queue.house.steps.intake.run()
    assert queue.question("bravo").waits_since is None


def test_r24_who_does_not_wait_for_a_hand_is_not_woken(queue: Queue) -> None:
    queue.do(lambda session, row, now: decide.escalate(session, row, "Mine.", now), QuestionRow, 2)
    answered(queue)
    queue.house.work()
    assert queue.question("bravo").state == QuestionState.ESCALATED
    assert queue.offered() == ["charlie"]
