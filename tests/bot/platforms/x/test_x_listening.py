"""Words by X's recent search: what is asked for, what it costs, and how it goes on."""

from collections import Counter
from datetime import timedelta

import pytest

from bot.platforms.x.account import XAccount
from bot.platforms.x.adapter import X
from bot.platforms.x.listening import queries
from bot.posts import Read
from routing.dialogue.brand_words import BrandWord
from tests.bot.platforms.memory_tokens import MemoryTokens
from tests.bot.platforms.x.fake_x import BRAND, CUSTOMER, STRANGER, FakeX
from tests.bot.platforms.x.x_names import POSTS, TWEETS, Names

ACME, ROUTER = BrandWord(1, "acme"), BrandWord(2, "acme router")


class Searching:
    """An adapter, what it has read and the queries it has put."""

    def __init__(self, names: Names = TWEETS, **account: int) -> None:
        self.fake = FakeX(names=names)
        self.read: Counter[Read] = Counter()
        store = MemoryTokens(access_token="access-1")
        self.x = X(
            XAccount(user_id=BRAND, handle="ExampleBrand", **account),  # type: ignore[arg-type]
            store,
            lambda: self.fake.now,
            transport=self.fake.transport(),
            on_read=self.read.update,
        )
        self.cursor: str | None = None

    def look(self, *words: BrandWord, most: int = 100) -> list[str]:
        """What the next search brings."""
        page = self.x.search(words or (ACME,), self.cursor, most)
        self.cursor, self.page = page.cursor, page
        return [post.text for post in page.posts]

    @property
    def queries(self) -> list[str]:
        return [one.url.params["query"] for one in self.fake.requests]


@pytest.fixture(params=[TWEETS, POSTS], ids=["tweets", "posts"])
def searching(request: pytest.FixtureRequest) -> Searching:
    return Searching(request.param)


def test_words_are_found_where_nobody_addresses_the_brand(searching: Searching) -> None:
    searching.fake.post(STRANGER, "my acme is dead")
    searching.fake.post(CUSTOMER, "@ExampleBrand my acme is dead")  # the mentions bring it, for a fifth
    searching.fake.post(BRAND, "acme news")
    searching.fake.post(CUSTOMER, "nothing of that")
    assert searching.look() == ["my acme is dead"]
    assert searching.read[Read.LISTENED] == 1
    [post] = searching.x.search((ACME,), None, 100).posts
    assert (post.author.handle, post.visibility.is_public) == ("Passerby", True)


def test_it_goes_on_where_it_began_and_hands_nothing_out_twice(searching: Searching) -> None:
    assert searching.look() == []
    searching.fake.now += timedelta(seconds=30)
    searching.fake.post(STRANGER, "acme one")
    assert searching.look() == ["acme one"]
    searching.fake.post(STRANGER, "acme two", at=searching.fake.now - timedelta(seconds=20))  # found late
    searching.fake.now += timedelta(seconds=30)
    assert searching.look() == ["acme two"]
    assert searching.look() == []


def test_the_first_look_goes_back_an_hour_and_one_after_a_long_time_a_day(searching: Searching) -> None:
    now = searching.fake.now
    searching.fake.post(STRANGER, "acme long ago", at=now - timedelta(hours=2))
    searching.fake.post(STRANGER, "acme lately", at=now - timedelta(minutes=50))
    assert searching.look() == ["acme lately"]
    searching.fake.post(STRANGER, "acme in between", at=now + timedelta(days=1))
    searching.fake.now += timedelta(days=8)  # X refuses to look further back than seven days
    assert searching.look() == []
    assert searching.look() == []


def test_a_clock_that_was_ahead_keeps_nothing_from_being_found(searching: Searching) -> None:
    searching.fake.now += timedelta(days=3)
    searching.look()
    searching.fake.now -= timedelta(days=3)
    searching.fake.post(STRANGER, "acme one")
    assert searching.look() == ["acme one"]


def test_never_more_than_asked_for_the_newest_and_a_word_that_it_was_cut() -> None:
    searching = Searching()
    for number in range(130):
        searching.fake.post(STRANGER, f"acme {number}")
    assert searching.look(most=120) == [f"acme {number}" for number in range(10, 130)]
    assert searching.page.cut
    assert searching.look(most=9) == []  # X hands out no fewer than ten
    assert searching.page.cut


def test_one_loud_word_leaves_room_for_the_others() -> None:
    searching = Searching(query_length=100)
    for number in range(200):
        searching.fake.post(STRANGER, f"acme {number}")
    searching.fake.post(STRANGER, "the other thing", at=searching.fake.now - timedelta(minutes=1))
    words = (BrandWord(1, "acme", without=("x" * 30,)), BrandWord(2, "other thing", without=("y" * 30,)))
    found = searching.look(*words)
    assert len(queries(words, BRAND, "ExampleBrand", 100)) == 2
    assert "the other thing" in found
    assert len(found) == 51


def test_queries_hold_as_many_words_as_they_may_with_all_that_narrows_them() -> None:
    pie = BrandWord(3, "Kirsche", languages=("de", "en"), without=("pie", "im Garten"))
    [query] = queries((ACME, ROUTER, pie), BRAND, "ExampleBrand", 512)
    assert query == (
        '((acme) OR (("acme router" OR #acmerouter)) OR '
        '(Kirsche -pie -"im Garten" (lang:de OR lang:en))) -is:retweet -from:100 -@ExampleBrand'
    )
    many = [BrandWord(number, f"word number {number}") for number in range(60)]
    every = queries(many, BRAND, "ExampleBrand", 512)
    assert max(map(len, every)) <= 512
    assert all(sum(f'"word number {number}"' in one for one in every) == 1 for number in range(60))
    endless = BrandWord(4, "acme", without=tuple("x" * 60 for _ in range(8)))
    assert queries((endless,), BRAND, "", 300) == ["(acme) -is:retweet -from:100"]


def test_some_queries_a_call_and_the_round_goes_on() -> None:
    searching = Searching(query_length=100, batches_per_poll=2)
    words = [BrandWord(number, f"some word number {number}") for number in range(5)]
    searching.fake.post(STRANGER, "some word number 4")
    assert searching.look(*words) == []
    assert searching.page.more
    found = []
    while searching.page.more:
        found += searching.look(*words)
    assert found == ["some word number 4"]
    assert len(searching.queries) == len(queries(words, BRAND, "ExampleBrand", 100))
