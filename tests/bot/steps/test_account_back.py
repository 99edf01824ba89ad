"""Once the brand's account is connected again, what waited for it goes out at once; nothing else does."""

from datetime import timedelta
from typing import Any

import pytest

from bot.platforms.base import Platform
from bot.posts import Ambiguous, Outgoing, PlatformError, Published, Reconnect, Retry
from bot.states import ConnectionState, DeliveryState
from bot.store.engine import Database
from bot.store.house import connections
from bot.store.house.connections import StoredTokens
from bot.store.sealing import Sealer
from tests.conftest import FakeClock
from tests.house import House

KEY = b"0123456789012345678901234567890123456789012="
ANSWER = "Hold the power button for ten seconds. #chorus"


class Trouble:
    """A platform that does what its adapter does, except while there is trouble."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.trouble: PlatformError | None = None

    def publish(self, outgoing: Outgoing, timeout: float) -> Published:
        if self.trouble is not None:
            raise self.trouble
        return self._platform.publish(outgoing, timeout)

    def find(self, outgoing: Outgoing) -> Published | None:
        if self.trouble is not None:
            raise self.trouble
        return self._platform.find(outgoing)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._platform, name)


class Brand:
    """A house whose brand account can lose its permission and get it back."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.house = House(database, clock, wrap=Trouble)  # type: ignore[arg-type]
        self.platform: Any = self.house.chorus.platforms["local"]
        self.tokens = StoredTokens(database, "local", Sealer([KEY]))
        self.house.employee("Jane Doe", self.house.topic("tv", "TV", "tv", "picture"))

    def answered(self, *customers: str) -> None:
        for customer in customers:
            question = self.house.post(customer, "@brand no picture on my TV since Monday")
            self.house.work()
            self.house.post("jane", ANSWER, question)
        self.house.work()

    def said(self) -> int:
        return len(self.house.by_brand())

    def states(self) -> list[tuple[str, str | None]]:
        return [(one.state, one.code) for one in self.house.deliveries()]


@pytest.fixture
def brand(database: Database, clock: FakeClock) -> Brand:
    return Brand(database, clock)


def test_what_waited_goes_out_at_once_after_connecting(brand: Brand) -> None:
    brand.platform.trouble = Reconnect("The token was revoked.")
    brand.answered("sam", "kim")
    assert brand.states() == [(DeliveryState.READY, "no_account")] * 2
    brand.platform.trouble = None
    brand.house.work()
    assert brand.said() == 0
    brand.tokens.save({"access_token": "fresh"})
    brand.house.work()
    assert brand.said() == 2
    assert brand.states() == [(DeliveryState.SENT, None)] * 2


def test_what_nobody_knows_of_is_looked_up_at_once_after_connecting(brand: Brand) -> None:
    brand.platform.trouble = Ambiguous("It did not answer in full.")
    brand.answered("sam")
    brand.platform.trouble = Reconnect("The token was revoked.")
    brand.house.clock.advance(timedelta(minutes=1))
    brand.house.work()
    assert brand.states() == [(DeliveryState.UNKNOWN, "no_account")]
    brand.platform.trouble = None
    brand.tokens.save({"access_token": "fresh"})
    brand.house.work()
    assert brand.states() == [(DeliveryState.SENT, None)]
    assert brand.said() == 1


def test_r8_a_platform_that_asked_to_wait_is_not_hurried_by_connecting(
    brand: Brand, clock: FakeClock
) -> None:
    brand.platform.trouble = Retry("It asks to slow down.", clock() + timedelta(minutes=15))
    brand.answered("sam", "kim")
    brand.platform.trouble = None
    brand.tokens.save({"access_token": "fresh"})
    brand.house.work()
    assert brand.said() == 0
    clock.advance(timedelta(minutes=16))
    brand.house.work()
    assert brand.said() == 2


def test_an_account_that_works_again_by_itself_is_as_good_as_a_new_connection(
    brand: Brand, database: Database
) -> None:
    brand.platform.trouble = Reconnect("The app's credit is used up.")
    brand.answered("sam")
    brand.platform.trouble = None
    with database.write() as session:
        now = database.now(session)
        connections.mark(session, "local", ConnectionState.CONNECTED, "It did not answer.", now)
    brand.house.work()
    assert brand.said() == 0
    with database.write() as session:
        now = database.now(session)
        connections.mark(session, "local", ConnectionState.RECONNECT, "Used up.", now)
        connections.mark(session, "local", ConnectionState.CONNECTED, None, now)
    brand.house.work()
    assert brand.said() == 1
