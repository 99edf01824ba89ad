"""A few posts made as large as they can be do not keep what comes after them from being read (R22)."""

from collections.abc import Callable

import httpx
import pytest

from bot.platforms.bluesky.adapter import Bluesky
from bot.platforms.bluesky.api import BlueskyAccount
from bot.platforms.mastodon.adapter import Mastodon
from bot.platforms.mastodon.api import MastodonAccount
from bot.platforms.wire.http import GREATEST_BODY
from bot.platforms.wire.listing import page_that_fits, told_in_parts
from bot.posts import Author, TooLong
from tests.bot.platforms.bluesky.fake_bluesky import PLC, SERVICE, FakeBluesky
from tests.bot.platforms.fake_clock import FakeClock
from tests.bot.platforms.mastodon.fake_mastodon import BASE, TOKEN, FakeMastodon
from tests.bot.platforms.memory_tokens import MemoryTokens

PADDING = "x" * (GREATEST_BODY // 4)
MANY = 6


class Streamed(httpx.BaseTransport):
    """Answers come in piece by piece, as over a wire, so that their length is seen while they are read."""

    def __init__(self, handle: Callable[[httpx.Request], httpx.Response]) -> None:
        self._handle = handle

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        told = self._handle(request)
        return httpx.Response(told.status_code, headers=told.headers, stream=httpx.ByteStream(told.content))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def test_r22_large_posts_on_bluesky_hold_up_nothing(clock: FakeClock) -> None:
    network = FakeBluesky(clock)
    account = BlueskyAccount(service=SERVICE, plc_directory=PLC)
    bluesky = Bluesky(account, network.tokens(), clock, Streamed(network.handle), clock_id=7)
    sam, jane = network.sign_up("sam.example"), network.sign_up("jane.example")
    cursor = bluesky.poll(None).cursor
    asked, told = list[str](), list[str]()
    for number in range(MANY):
        clock.pass_by(seconds=1)
        question = network.post(sam, f"@brand.example no picture ({number})")
        answer = network.post(jane, f"Hold it. ({number}) #chorus")
        for uri, uris in ((question["uri"], asked), (answer["uri"], told)):
            network.records[uri]["value"]["padding"] = PADDING
            uris.append(uri)
    read = list[str]()
    for _ in range(10):
        page = bluesky.poll(cursor)
        cursor = page.cursor
        read += [post.external_id for post in page.posts]
        if not page.more:
            break
    assert sorted(set(read)) == sorted(asked)
    found = bluesky.poll_answers([Author(jane, "jane.example")], None).posts
    assert sorted(post.external_id for post in found) == sorted(told)
    assert {one.external_id for one in bluesky.fetch(asked) if one.post} == set(asked)


def test_r22_large_posts_on_mastodon_hold_up_nothing(clock: FakeClock) -> None:
    server = FakeMastodon(clock)
    tokens = MemoryTokens(access_token=TOKEN)
    mastodon = Mastodon(MastodonAccount(BASE), tokens, clock, Streamed(server.handle))
    sam, jane = server.sign_up("sam"), server.sign_up("jane")
    server.post(sam, "@brand first")
    cursor = mastodon.poll(None).cursor
    asked = [server.post(sam, f"@brand no picture ({number})", padding=PADDING) for number in range(MANY)]
    told = [server.post(jane, f"Hold it. ({number}) #chorus", padding=PADDING) for number in range(MANY - 1)]
    read = list[str]()
    for _ in range(10):
        clock.pass_by(seconds=60)
        page = mastodon.poll(cursor)
        cursor = page.cursor
        read += [post.external_id for post in page.posts]
        if not page.more:
            break
    assert read == [one["id"] for one in asked]
    clock.pass_by(seconds=60)
    found = mastodon.poll_answers([mastodon.identify("jane")], None).posts
    assert {post.external_id for post in found} == {one["id"] for one in told}
    clock.pass_by(seconds=60)
    assert {one.external_id for one in mastodon.fetch([one["id"] for one in asked]) if one.post} == {
        one["id"] for one in asked
    }


def test_r22_a_page_gets_smaller_until_it_fits() -> None:
    sizes = list[int]()

    def ask(size: int) -> int:
        sizes.append(size)
        if size > 3:
            raise TooLong("too long")
        return size

    assert page_that_fits(ask, 100) == 1
    assert sizes == [100, 20, 4, 1]


def test_r22_what_does_not_fit_alone_is_told() -> None:
    def ask(size: int) -> int:
        raise TooLong(f"{size} is too long")

    with pytest.raises(TooLong, match="1 is too long"):
        page_that_fits(ask, 40)


def test_r22_what_does_not_fit_alone_says_nothing_and_hides_no_other() -> None:
    def ask(names: object) -> dict[str, str]:
        if "huge" in names or len(names) > 2:  # type: ignore[operator, arg-type]
            raise TooLong("too long")
        return {name: name.upper() for name in names}  # type: ignore[attr-defined]

    assert told_in_parts(ask, ["a", "b", "huge", "c"]) == {"a": "A", "b": "B", "c": "C"}
