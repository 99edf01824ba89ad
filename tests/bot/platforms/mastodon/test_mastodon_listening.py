"""Words on a server of Mastodon's API: hashtags read forward, and its search where it has one."""

import httpx
import pytest

from bot.platforms.mastodon.adapter import Mastodon
from bot.posts import Page, Retry
from routing.dialogue.brand_words import BrandWord
from tests.bot.platforms.fake_clock import FakeClock
from tests.bot.platforms.mastodon.fake_mastodon import FakeMastodon

ACME, ROUTER = BrandWord(1, "acme"), BrandWord(2, "Acme Router")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=[False, True], ids=["mastodon", "gotosocial"])
def server(request: pytest.FixtureRequest, clock: FakeClock) -> FakeMastodon:
    return FakeMastodon(clock, gotosocial=request.param)


def looks(mastodon: Mastodon, *words: BrandWord, cursor: str | None = None, most: int = 100) -> Page:
    return mastodon.search(words or (ACME,), cursor, most)


def texts(page: Page) -> list[str]:
    return [post.text for post in page.posts]


def test_hashtags_are_found_and_words_where_the_server_searches(server: FakeMastodon) -> None:
    kim = server.sign_up("kim")
    server.post(kim, "my #acme is dead")
    server.post(kim, "the acme router is dead", spoiler_text="")
    server.post(kim, "an #AcmeRouter, too")
    found = texts(looks(server.adapter(), ACME, ROUTER))
    tagged = ["my #acme is dead", "an #AcmeRouter, too"]
    assert [one for one in found if "#" in one] == tagged
    assert ("the acme router is dead" in found) is not server.gotosocial


def test_it_reads_on_from_where_it_was_in_any_process(server: FakeMastodon, clock: FakeClock) -> None:
    kim = server.sign_up("kim")
    server.post(kim, "#acme one")
    first = looks(server.adapter())
    assert texts(first) == ["#acme one"]
    for number in range(60):  # more than one page
        server.post(kim, f"#acme {number}")
    clock.pass_by(minutes=5)
    found, cursor = [], first.cursor
    for _ in range(3):
        page = looks(server.adapter(), cursor=cursor)
        found += texts(page)
        cursor = page.cursor
    assert sorted(set(found)) == sorted(f"#acme {number}" for number in range(60))


def test_the_first_look_goes_back_an_hour(server: FakeMastodon, clock: FakeClock) -> None:
    kim = server.sign_up("kim")
    server.post(kim, "#acme long ago")
    clock.pass_by(hours=2)
    server.post(kim, "#acme now")
    assert texts(looks(server.adapter())) == ["#acme now"]


def test_after_days_without_a_look_it_begins_anew(server: FakeMastodon, clock: FakeClock) -> None:
    kim = server.sign_up("kim")
    server.post(kim, "#acme one")
    cursor = looks(server.adapter()).cursor
    clock.pass_by(minutes=10)
    server.post(kim, "#acme in between")
    clock.pass_by(days=3)
    assert texts(looks(server.adapter(), cursor=cursor)) == []


def test_what_is_private_is_told_to_be(server: FakeMastodon) -> None:
    kim = server.sign_up("kim")
    server.post(kim, "the acme", visibility="private")
    assert all(not post.visibility.is_public for post in looks(server.adapter()).posts)


def test_a_server_that_refuses_to_search_is_asked_no_more(server: FakeMastodon) -> None:
    kim = server.sign_up("kim")
    server.post(kim, "#acme one")
    refusal = httpx.Response(403, json={"error": "This action is outside the authorized scopes"})
    server.fail("GET", "/api/v2/search", refusal)
    mastodon = server.adapter()
    first = looks(mastodon)
    assert texts(first) == ["#acme one"]
    looks(mastodon, cursor=first.cursor)
    assert sum(one.url.path == "/api/v2/search" for one in server.requests) == 1


def test_the_pace_is_kept_and_the_round_goes_on_later(server: FakeMastodon, clock: FakeClock) -> None:
    words = [BrandWord(number, f"word{number}") for number in range(1, 31)]
    mastodon = server.adapter()
    page = looks(mastodon, *words)
    assert len([one for one in server.requests if "instance" not in one.url.path]) <= 10
    assert not page.more
    asked: set[str] = set()
    for _ in range(40):
        clock.pass_by(seconds=60)
        page = looks(mastodon, *words, cursor=page.cursor)
    asked = {one.url.path.rpartition("/")[2] for one in server.requests if "/tag/" in one.url.path}
    assert asked == {word.text for word in words}


def test_never_more_than_asked_for(server: FakeMastodon) -> None:
    kim = server.sign_up("kim")
    for number in range(30):
        server.post(kim, f"#acme {number}")
    first = looks(server.adapter(), most=10)
    assert len(first.posts) == 10


def test_a_silent_server_is_tried_again(server: FakeMastodon) -> None:
    server.fail("GET", "/api/v1/timelines/tag", httpx.Response(503))
    with pytest.raises(Retry):
        looks(server.adapter())


@pytest.mark.parametrize("cursor", ["", "nonsense", "[]", '{"places": {"1:tag": 7}}', '{"after": "x"}'])
def test_a_cursor_that_cannot_be_read_is_none(server: FakeMastodon, cursor: str) -> None:
    server.post(server.sign_up("kim"), "#acme one")
    assert texts(looks(server.adapter(), cursor=cursor)) == ["#acme one"]


def test_the_brand_favourites_a_status_and_takes_that_back(server: FakeMastodon, clock: FakeClock) -> None:
    status = server.post(server.sign_up("kim"), "hold the button")
    mastodon = server.adapter()
    for _ in range(2):
        mastodon.like(status["id"], {}, "key", clock())
    assert status["favourited"]
    mastodon.unlike(status["id"], "key")
    assert not status["favourited"]
    server.remove(status)
    mastodon.unlike(status["id"], "key")  # it is gone, and so is the like
