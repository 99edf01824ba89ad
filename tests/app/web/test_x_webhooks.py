"""X's webhook through the whole application: its challenge proves the address, and nothing else."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.wiring.adapters import connect_platforms, terms_of
from app.wiring.settings import load_settings
from bot.platforms.x.account import XAccount
from bot.platforms.x.adapter import X
from bot.platforms.x.signature import HEADER, signature
from bot.platforms.x.traits import PRICES
from bot.posts import Read
from bot.store.engine import Database
from bot.store.house import budgets, reading
from bot.store.tables.conversations import AnswerRow, PostRow
from tests.bot.platforms.memory_tokens import MemoryTokens
from tests.bot.platforms.x.fake_x import BRAND, CUSTOMER, EMPLOYEE, FakeX
from tests.conftest import FakeClock
from tests.house import House

SECRET = "the app's consumer secret"


class XHouse(House):
    """One process with X alone, and the network behind it."""

    def __init__(self, url: str, clock: FakeClock, *secrets: str) -> None:
        self.fake = FakeX(now=clock())
        account = XAccount(user_id=BRAND, handle="ExampleBrand", consumer_secrets=secrets)
        store = MemoryTokens(access_token="access-1", refresh_token="refresh-1")
        adapter = X(account, store, clock, transport=self.fake.transport())
        super().__init__(url, clock, platforms={"x": adapter})
        self.hire("x", EMPLOYEE, "JaneKnows")

    def call(self, method: str, **options: Any) -> httpx.Response:
        return self.ask(method, "/webhooks/x", **options)

    def forge(self, body: bytes) -> httpx.Response:
        """What anybody can do: ask for the body as if it were a challenge, and use what comes back."""
        told = self.call("GET", params={"crc_token": body.decode()})
        stolen = told.json().get("response_token", "none")
        return self.call("POST", content=body, headers={HEADER: stolen})

    def take(self, post_id: str) -> None:
        """Take a genuine event about a post in, and work."""
        body = self.fake.activity("post.mention.create", post_id)
        assert self.call("POST", content=body, headers={HEADER: signature(SECRET, body)}).status_code == 200
        self.work()

    def work(self) -> None:
        self.worker.run_until_idle()


@pytest.fixture
def house(database_url: str, clock: FakeClock) -> XHouse:
    return XHouse(database_url, clock, SECRET)


def test_s22_nobody_gets_an_event_signed_by_the_challenge(house: XHouse) -> None:
    question = house.fake.post(CUSTOMER, "@ExampleBrand no picture on my TV")
    assert house.forge(house.fake.activity("post.mention.create", question)).status_code == 401
    assert house.rows(PostRow) == []


def test_s22_nobody_speaks_as_an_employee_by_a_stolen_signature(house: XHouse) -> None:
    question = house.fake.post(CUSTOMER, "@ExampleBrand no picture on my TV")
    house.take(question)
    words = "@Sam_Asks @ExampleBrand please call our new number today #chorus"
    answer = house.fake.post(EMPLOYEE, words, question)
    assert house.forge(house.fake.activity("post.mention.create", answer)).status_code == 401
    house.work()
    assert house.rows(AnswerRow) == []
    assert house.fake.by_brand() == []


def test_the_genuine_challenge_is_answered(house: XHouse) -> None:
    for token in ("ZTM4MDA3ZDMtMjQ3Mi00YjE0LTg3YzAtMTVjYzM5YTIyZjQ2", "q-_w8yk3aTz0aB=="):
        told = house.call("GET", params={"crc_token": token})
        assert (told.status_code, told.json()) == (200, {"response_token": signature(SECRET, token.encode())})


@pytest.mark.parametrize("params", [{}, {"crc_token": ""}, {"crc_token": '{"for_user_id":"1"}'}])
def test_s22_what_is_no_challenge_gets_no_signature(house: XHouse, params: dict[str, str]) -> None:
    told = house.call("GET", params=params)
    assert 400 <= told.status_code < 500
    assert "response_token" not in told.text


def test_without_a_secret_the_challenge_says_what_is_missing(
    sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    house = XHouse(sqlite_url, clock)
    told = house.call("GET", params={"crc_token": "ZTM4MDA3ZDM"})
    assert told.status_code == 503
    assert "consumer secret" in told.json()["detail"]


def test_what_x_charges_for_its_events_is_in_the_budget(
    sqlite_database: Database, tmp_path: Path, clock: FakeClock
) -> None:
    settings = load_settings({"CHORUS_SECRET_KEY": "k" * 40, "CHORUS_X__CLIENT_ID": "app"}, tmp_path)
    adapter = connect_platforms(settings, sqlite_database, None, clock)["x"]
    fake = FakeX(now=clock())
    for words in ("no picture", "no sound"):
        post = fake.post(CUSTOMER, f"@ExampleBrand {words}")
        adapter.parse(fake.activity("post.mention.create", post))
    adapter.close()
    with sqlite_database.read() as session:
        account = budgets.account(session, "x", terms_of(settings)["x"], clock())
    assert account.day == account.for_reading == Decimal("0.010")


@pytest.mark.parametrize("is_spent", [False, True])
def test_the_composed_worker_looks_again_only_while_the_budget_has_money_for_it(
    sqlite_url: str, tmp_path: Path, clock: FakeClock, is_spent: bool
) -> None:
    house = XHouse(sqlite_url, clock, SECRET)
    question = house.fake.post(CUSTOMER, "@ExampleBrand no picture on my TV since the update")
    house.take(question)
    words = "@Sam_Asks @ExampleBrand Hold the power button for ten seconds. #chorus"
    answer = house.fake.post(EMPLOYEE, words, question)
    house.take(answer)
    assert len(house.fake.by_brand()) == 1
    clock.advance(timedelta(hours=13))
    if is_spent:
        with house.chorus.database.write() as session:
            reading.note(session, "x", {Read.AGAIN: 250}, PRICES, clock())
    house.fake.requests.clear()
    house.work()
    asked = [one.url.params.get("ids") for one in house.fake.requests if one.url.path == "/2/tweets"]
    assert asked == ([] if is_spent else [f"{question},{answer}"])
