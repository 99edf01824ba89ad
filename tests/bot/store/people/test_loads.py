"""What is kept of people's loads is what counting their offers gives, whatever has happened."""

import random
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.actions import leaving
from bot.actions.conversations.handover import decline, refer
from bot.actions.undecidable import Undecidable
from bot.platforms.local.adapter import FeedPost
from bot.store.engine import Database, Session
from bot.store.people import loads
from bot.store.queries import routing as reads
from bot.store.tables.conversations import OfferRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from routing.model.domain import OfferState
from tests.conftest import FakeClock
from tests.house import House
from tests.kept_loads import counted, kept

STEPS = 40
ZONES = ("Pacific/Auckland", "UTC", "America/Los_Angeles", "Asia/Kathmandu")


class Died(Exception):
    """The process is gone at this point."""


class Lives:
    """A house in which things happen by chance, and whose process dies now and then."""

    def __init__(self, database: Database, clock: FakeClock, seed: int) -> None:
        self.chance = random.Random(seed)
        self.house = House(database, clock)
        tv = self.house.topic("tv", "TV", "tv", "picture")
        self.people = [
            self.house.employee(f"P{number} Doe", tv, timezone=zone, open_cap=5)
            for number, zone in enumerate(ZONES)
        ]
        self.asked: list[FeedPost] = []
        self.ask()

    def ask(self) -> None:
        self.asked.append(self.house.post(f"c{self.chance.random()}", "@brand my tv has no picture"))

    def answer(self) -> None:
        handle = f"p{self.chance.randrange(len(ZONES))}"
        self.house.post(
            handle, f"Hold it for {self.chance.random()} s. #chorus", self.chance.choice(self.asked)
        )

    def follow_up(self) -> None:
        post = self.chance.choice(self.asked)
        self.house.post(post.author, "@brand it is still black", post)

    def withdraw(self) -> None:
        self.house.delete(self.asked.pop(0))
        self.ask()

    def later(self) -> None:
        self.house.clock.advance(timedelta(minutes=self.chance.choice([1, 7, 45, 600])))

    def with_offer(self, deed: Callable[..., object]) -> None:
        offers = [one for one in self.house.offers() if one.state == OfferState.OPEN]
        if not offers:
            return
        chosen = self.chance.choice(offers)
        with self.house.database.write() as session:
            deed(session, session.get_one(OfferRow, chosen.id))

    def passed(self) -> None:
        self.with_offer(lambda session, offer: decline(session, offer, OfferState.PASSED, self.house.clock()))

    def referred(self) -> None:
        def deed(session: Session, offer: OfferRow) -> None:
            giver = session.get_one(EmployeeRow, offer.employee_id)
            taker = session.get_one(EmployeeRow, self.chance.choice(self.people).id)
            refer(
                session,
                self.house.chorus.rules,
                session.get_one(QuestionRow, offer.question_id),
                giver,
                taker,
                self.house.clock(),
            )

        try:
            self.with_offer(deed)
        except Undecidable:
            return

    def paused(self) -> None:
        now = self.house.clock()
        with self.house.database.write() as session:
            who = session.get_one(EmployeeRow, self.chance.choice(self.people).id)
            leaving.pause(session, who, now, now + timedelta(minutes=5))

    def work(self) -> None:
        self.house.work()

    def work_and_die(self) -> None:
        """The process dies at one of its points, and another one goes on."""
        left = self.chance.randrange(6)

        def die(_point: str) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise Died

        self.house.checkpoint = die
        try:
            self.house.work()
        except Died:
            pass
        finally:
            self.house.checkpoint = lambda _point: None
        self.house.clock.advance(timedelta(minutes=2))

    def happen(self) -> None:
        deeds = [self.ask, self.answer, self.follow_up, self.passed, self.referred, self.paused, self.later]
        rare = [self.withdraw]
        self.chance.choice(deeds * 3 + rare + [self.work] * 8 + [self.work_and_die] * 4)()


@pytest.mark.parametrize("seed", range(4))
def test_kept_loads_are_counted_loads_after_random_lives(
    database: Database, clock: FakeClock, seed: int
) -> None:
    lives = Lives(database, clock, seed)
    for _ in range(STEPS):
        lives.happen()
        assert kept(database) == counted(database)
    assert counted(database), "somebody was asked"


def test_the_router_reads_what_is_kept_by_each_ones_own_calendar(
    database: Database, clock: FakeClock
) -> None:
    house = House(database, clock)
    tv = house.topic("tv", "TV", "tv", "picture")
    house.employee("Jane Doe", tv, timezone="Pacific/Auckland")  # 01:00 on the next day at noon in UTC
    house.post("sam", "@brand my tv has no picture")
    house.work()
    asked_at = clock()
    for hours, today in ((0, 1), (22, 1), (2, 0)):
        clock.advance(timedelta(hours=hours))
        with database.read() as session:
            (load,) = loads.kept(session, reads.employees(session), clock()).values()
        assert (load.offers_today, load.last_offered_at) == (today, asked_at)
