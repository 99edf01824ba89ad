"""Words by Bluesky's own search."""

import httpx
import pytest

from bot.platforms.bluesky.adapter import Bluesky
from bot.posts import Page, Rejected
from routing.dialogue.brand_words import BrandWord
from tests.bot.platforms.bluesky.fake_bluesky import FakeBluesky
from tests.bot.platforms.fake_clock import FakeClock

ACME, ROUTER = BrandWord(1, "acme"), BrandWord(2, "Acme Router")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def network(clock: FakeClock) -> FakeBluesky:
    return FakeBluesky(clock)


def looks(bluesky: Bluesky, *words: BrandWord, cursor: str | None = None, most: int = 100) -> Page:
    return bluesky.search(words or (ACME,), cursor, most)


def texts(page: Page) -> list[str]:
    return [post.text for post in page.posts]


def test_words_are_found_each_post_once_and_the_brands_own_not(network: FakeBluesky) -> None:
    kim = network.sign_up("kim.example")
    network.post(kim, "my acme is dead")
    network.post(kim, "nothing of that")
    network.post(kim, "the Acme Router is dead")
    network.post(network.brand, "acme has news")
    assert texts(looks(network.adapter(), ACME, ROUTER)) == ["my acme is dead", "the Acme Router is dead"]


def test_it_goes_on_where_it_began_and_hands_nothing_out_twice(
    network: FakeBluesky, clock: FakeClock
) -> None:
    kim = network.sign_up("kim.example")
    network.post(kim, "acme one")
    first = looks(network.adapter())
    clock.pass_by(seconds=30)
    network.post(kim, "acme two")
    second = looks(network.adapter(), cursor=first.cursor)
    clock.pass_by(minutes=5)
    third = looks(network.adapter(), cursor=second.cursor)
    assert [texts(one) for one in (first, second, third)] == [["acme one"], ["acme two"], []]


def test_the_first_look_goes_back_an_hour(network: FakeBluesky, clock: FakeClock) -> None:
    kim = network.sign_up("kim.example")
    network.post(kim, "acme long ago")
    clock.pass_by(hours=2)
    network.post(kim, "acme now")
    assert texts(looks(network.adapter())) == ["acme now"]


def test_never_more_than_asked_for_the_newest_and_a_word_that_it_was_cut(
    network: FakeBluesky, clock: FakeClock
) -> None:
    kim = network.sign_up("kim.example")
    for number in range(30):
        network.post(kim, f"acme {number}")
        clock.pass_by(seconds=1)
    page = looks(network.adapter(), most=10)
    assert texts(page) == [f"acme {number}" for number in range(20, 30)]
    assert page.cut
    assert not looks(network.adapter(), most=30).cut


def test_a_quote_of_the_brand_is_the_reply_that_its_notification_is(network: FakeBluesky) -> None:
    kim = network.sign_up("kim.example")
    said = network.post(network.brand, "an answer")
    network.post(kim, "acme again", quote=said)
    [found] = looks(network.adapter()).posts
    [notified] = network.adapter().poll(None).posts
    assert found.in_reply_to == notified.in_reply_to == said["uri"]
    assert found.external_id == notified.external_id


def test_many_words_go_by_rounds(network: FakeBluesky) -> None:
    network.post(network.sign_up("kim.example"), "word24 is dead")
    words = [BrandWord(number, f"word{number}") for number in range(25)]
    page = looks(network.adapter(), *words)
    assert page.more
    found = texts(page)
    while page.more:
        page = looks(network.adapter(), *words, cursor=page.cursor)
        found += texts(page)
    assert found == ["word24 is dead"]


def test_a_server_without_search_says_so(network: FakeBluesky) -> None:
    unknown = httpx.Response(501, json={"error": "MethodNotImplemented", "message": "Method Not Implemented"})
    network.fail("app.bsky.feed.searchPosts", unknown)
    with pytest.raises(Rejected):
        looks(network.adapter())


def test_the_brand_likes_a_post_once_and_takes_that_back(network: FakeBluesky, clock: FakeClock) -> None:
    said = network.post(network.sign_up("kim.example"), "hold the button")
    bluesky = network.adapter()
    key, at = bluesky.new_key(clock()), clock()
    for _ in range(2):
        bluesky.like(said["uri"], {"cid": said["cid"]}, key, at)
    [like] = [one for uri, one in network.records.items() if "/app.bsky.feed.like/" in uri]
    assert like["value"]["subject"] == said
    assert network.commits == 1
    bluesky.like(said["uri"], {"cid": "another"}, key, at)  # it is there, whatever is said now
    bluesky.unlike(said["uri"], key)
    bluesky.unlike(said["uri"], key)
    assert not [uri for uri in network.records if "/app.bsky.feed.like/" in uri]
