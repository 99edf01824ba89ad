"""A channel that nothing else knows of is told what it is to hear, by being handed in alone."""

from dataclasses import dataclass, field

import pytest

from app.wiring.channels import channels_of
from app.wiring.settings import MailSettings, Settings
from bot.channels.base import Reach
from bot.channels.messages import Message
from bot.posts import PlatformError, Retry, Visibility
from bot.roles import Role
from bot.states import DeliveryState
from bot.store.engine import Database
from bot.store.tables.conversations import QuestionRow
from routing.model.domain import QuestionState
from tests.conftest import FakeClock
from tests.house import House


@dataclass
class Memory:
    """A channel that remembers what it was handed: to whom, and the subject."""

    name: str
    reaches: Reach
    sent: list[tuple[str, str]] = field(default_factory=list)
    fails: PlatformError | None = None
    is_open: bool = True

    def send(self, to: str, message: Message, *, key: str, timeout: float) -> None:
        assert key
        assert timeout > 0
        if self.fails is not None:
            raise self.fails
        self.sent.append((to, message.subject))

    def close(self) -> None:
        self.is_open = False


@pytest.fixture
def pager() -> Memory:
    return Memory("pager", Reach.TEAM)


@pytest.fixture
def push() -> Memory:
    return Memory("push", Reach.PERSON)


def tell(house: House, seconds: float = 0) -> None:
    house.clock.advance(seconds)
    house.work()
    house.worker.run_until_idle("notices")


def escalate(house: House) -> None:
    with house.database.write() as session:
        session.add(
            QuestionRow(
                platform="local",
                state=QuestionState.ESCALATED,
                text="?",
                asked_at=house.clock(),
                customer_id="s",
            )
        )


def test_a_new_team_channel_gets_the_alarms(database: Database, clock: FakeClock, pager: Memory) -> None:
    house = House(database, clock, brand_name="Acme", channels={"pager": pager})
    house.employee("Max Boss", role=Role.ADMIN, open_cap=0, daily_cap=0)
    pager.fails = Retry("It is busy.")
    escalate(house)
    tell(house)
    assert [(row.platform, row.state) for row in house.deliveries()] == [("pager", DeliveryState.READY)]
    pager.fails = None
    tell(house, 60)
    tell(house, 60)
    assert pager.sent == [("", "Acme: A question needs you")]
    assert [row.state for row in house.deliveries()] == [DeliveryState.SENT]


def test_a_new_personal_channel_gets_offers_what_became_of_answers_and_alarms(
    database: Database, clock: FakeClock, pager: Memory, push: Memory
) -> None:
    house = House(database, clock, brand_name="Acme", channels={"pager": pager, "push": push})
    house.employee("Jane Doe", house.topic("tv", "TV", "tv", "picture"), level=3)
    house.employee("Max Boss", role=Role.ADMIN, open_cap=0, daily_cap=0)
    question = house.post("sam", "@brand no picture on my TV")
    house.work()
    tell(house, 61)
    assert (push.sent, pager.sent) == (
        [("jane@example.com", "A customer of Acme has a question for you")],
        [],
    )
    house.post("jane", "Try the other cable. #chorus", question, visibility=Visibility.PRIVATE)
    tell(house, 61)
    alarm = "Acme: An answer waits for your decision"
    assert set(push.sent[1:]) == {
        ("jane@example.com", "Acme: Your answer has not been published"),
        ("max@example.com", alarm),
    }
    assert pager.sent == [("", alarm)]


def test_notices_of_a_channel_that_is_set_up_no_more_are_put_away(
    sqlite_database: Database, clock: FakeClock, pager: Memory, push: Memory
) -> None:
    pager.fails = Retry("It is busy.")
    before = House(sqlite_database, clock, channels={"pager": pager})
    escalate(before)
    tell(before)
    after = House(sqlite_database, clock, channels={"push": push})
    tell(after, 60)
    [row] = after.deliveries()
    assert (row.state, row.reason) == (DeliveryState.WITHDRAWN, "Notices by pager are switched off.")


def test_channels_are_closed_with_the_process(
    sqlite_database: Database, clock: FakeClock, pager: Memory
) -> None:
    House(sqlite_database, clock, channels={"pager": pager}).close()
    assert not pager.is_open


def test_channels_keep_the_names_that_are_stored(clock: FakeClock) -> None:
    settings = Settings.model_validate(
        {"mail": MailSettings(host="127.0.0.1"), "notify_webhook": "https://chat.example.com/hook"}
    )
    channels = channels_of(settings, clock)
    assert {name: one.reaches for name, one in channels.items()} == {
        "mail": Reach.PERSON,
        "webhook": Reach.TEAM,
    }
    for one in channels.values():
        one.close()
