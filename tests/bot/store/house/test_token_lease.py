"""R17: however many nodes find at once that a token is over, one of them renews it."""

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta

import httpx
import pytest
from cryptography.fernet import Fernet

from bot.platforms.base import Platform
from bot.platforms.x.account import XAccount
from bot.platforms.x.adapter import X
from bot.store.engine import Database
from bot.store.house.connections import StoredTokens
from bot.store.running import leases
from bot.store.sealing import Sealer
from tests.bot.platforms import fake_clock
from tests.bot.platforms.bluesky.fake_bluesky import FakeBluesky
from tests.bot.platforms.x import fake_x
from tests.bot.platforms.x.fake_x import FakeX
from tests.conftest import FakeClock

KEY = Fernet.generate_key()
_LONGEST = 20.0
"""Seconds: what is waited for happens at once, or the test has failed."""


def node(
    database: Database, platform: str = "x", rest: Callable[[float], object] = lambda _: None
) -> StoredTokens:
    return StoredTokens(database, platform, Sealer([KEY]), rest=rest)


def test_r17_two_nodes_renew_at_once_and_one_of_them_asks(database: Database) -> None:
    asked: list[str] = []
    second_came = threading.Event()
    first, second = node(database), node(database, rest=lambda _: second_came.set())
    first.save({"access": "old"})
    got: dict[str, Mapping[str, str]] = {}

    def asks_second(stored: Mapping[str, str]) -> Mapping[str, str]:
        asked.append("second")
        second_came.set()
        return {"access": "second's"}

    def goes() -> None:
        got["second"] = second.refresh({"access": "old"}, asks_second)

    other = threading.Thread(target=goes)

    def asks_first(stored: Mapping[str, str]) -> Mapping[str, str]:
        asked.append("first")
        other.start()
        assert second_came.wait(_LONGEST)
        return {"access": "new"}

    got["first"] = first.refresh({"access": "old"}, asks_first)
    other.join(_LONGEST)
    assert asked == ["first"]
    assert got == {"first": {"access": "new"}, "second": {"access": "new"}}
    assert second.load() == {"access": "new"}


def test_r17_who_read_the_tokens_before_they_were_renewed_takes_the_new_ones(database: Database) -> None:
    first, second = node(database), node(database)
    first.save({"access": "old"})
    first.refresh({"access": "old"}, lambda _: {"access": "new"})
    assert second.refresh({"access": "old"}, lambda _: {"access": "twice"}) == {"access": "new"}


def test_r17_a_node_that_died_while_renewing_holds_the_others_up_for_its_lease_only(
    database: Database, clock: FakeClock
) -> None:
    rests: list[float] = []

    def rest(seconds: float) -> None:
        rests.append(seconds)
        clock.advance(timedelta(seconds=20))

    living = node(database, rest=rest)
    living.save({"access": "old"})
    with database.write() as session:
        leases.take(session, "token:x", "died", clock(), timedelta(seconds=45))
    assert living.refresh({"access": "old"}, lambda _: {"access": "new"}) == {"access": "new"}
    assert len(rests) == 3


def test_r17_a_failed_renewal_lets_the_next_node_try_at_once(database: Database) -> None:
    first, second = node(database), node(database)
    first.save({"access": "old"})

    def fails(stored: Mapping[str, str]) -> Mapping[str, str]:
        raise OSError("no network")

    with pytest.raises(OSError, match="no network"):
        first.refresh({"access": "old"}, fails)
    assert second.refresh({"access": "old"}, lambda _: {"access": "new"}) == {"access": "new"}


class Two:
    """Two nodes with an adapter of one platform each, and one set of tokens between them."""

    def __init__(self, name: str, database: Database) -> None:
        self.came = threading.Event()
        stores = node(database, name), node(database, name, rest=lambda _: self.came.set())
        self.first, self.second = (self._x if name == "x" else self._bluesky)(*stores)
        self.renewals = 0
        self.answers: list[object] = []
        self.other = threading.Thread(target=lambda: self.answers.append(self.ask(self.second)))

    def ask(self, adapter: Platform) -> str:
        return adapter.identify("Sam_Asks" if adapter.name == "x" else "sam.example").id

    def _renewing(
        self, handle: Callable[[httpx.Request], httpx.Response], path: str
    ) -> Callable[[httpx.Request], httpx.Response]:
        """While the first node's renewal is on its way, the second finds out that the token is over."""

        def handled(request: httpx.Request) -> httpx.Response:
            if request.url.path.endswith(path):
                self.renewals += 1
                if self.renewals == 1:
                    answer = handle(request)
                    self.other.start()
                    assert self.came.wait(_LONGEST)
                    return answer
                self.came.set()
            return handle(request)

        return handled

    def _x(self, *stores: StoredTokens) -> list[Platform]:
        fake = FakeX()
        stores[0].save({"access_token": "access-1", "refresh_token": "refresh-1"})
        fake.expire_token()
        transport = httpx.MockTransport(self._renewing(fake.transport().handle_request, "/oauth2/token"))
        account = XAccount(user_id=fake_x.BRAND, handle="ExampleBrand", client_id="client")
        return [X(account, one, lambda: fake_x.NOW, transport=transport) for one in stores]

    def _bluesky(self, *stores: StoredTokens) -> list[Platform]:
        fake = FakeBluesky(fake_clock.FakeClock())
        fake.sign_up("sam.example")
        stores[0].save(fake.tokens().load())
        fake.end_session()
        fake.handle = self._renewing(fake.handle, "refreshSession")  # type: ignore[method-assign]
        return [fake.adapter(one) for one in stores]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["x", "bluesky"])
def test_r17_the_adapters_of_two_nodes_renew_once_and_both_go_on(database: Database, name: str) -> None:
    two = Two(name, database)
    found = two.ask(two.first)
    two.other.join(_LONGEST)
    assert two.answers == [found]
    assert two.renewals == 1
