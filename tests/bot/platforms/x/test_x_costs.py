"""What X charges for reading is counted: once a day and thing, whichever way it comes."""

import re
import threading
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from bot.platforms.x.account import XAccount
from bot.platforms.x.adapter import X
from bot.platforms.x.traits import PRICES
from bot.posts import Author, KnownPost, Outgoing, Read, Visibility
from tests.bot.platforms.memory_tokens import MemoryTokens
from tests.bot.platforms.x.fake_x import BRAND, CUSTOMER, EMPLOYEE, NOW, STRANGER, FakeX
from tests.bot.platforms.x.x_names import POSTS, TWEETS, Names


class Meter:
    """An adapter, and what it said that it has read."""

    def __init__(self, names: Names = TWEETS) -> None:
        self.fake = FakeX(names=names)
        self.read: Counter[Read] = Counter()
        self.kept = threading.Event()
        self.is_down = False
        account = XAccount(user_id=BRAND, handle="ExampleBrand")
        store, transport = MemoryTokens(access_token="access-1"), self.fake.transport()
        self.x = X(account, store, lambda: self.fake.now, transport=transport, on_read=self.keep)

    def keep(self, reads: Mapping[Read, int]) -> None:
        if self.is_down:
            raise OSError("the disk is full")
        self.read.update(reads)
        self.kept.set()


@pytest.fixture
def meter() -> Meter:
    return Meter()


def test_a_mention_costs_what_the_brands_own_data_cost_and_its_author_is_read_too(meter: Meter) -> None:
    meter.fake.post(CUSTOMER, "@ExampleBrand no picture")
    meter.x.poll(None)
    assert meter.read[Read.OWN] == 1
    assert meter.read[Read.USER] == 4  # whoever came along
    assert meter.read[Read.POST] == 0  # the mention itself among what came along is the same post


def test_tagged_answers_cost_as_other_posts(meter: Meter) -> None:
    meter.fake.post(EMPLOYEE, "hold the button #chorus")
    meter.x.poll_answers([Author(EMPLOYEE)], None)
    assert (meter.read[Read.POST], meter.read[Read.OWN]) == (1, 0)


def test_the_same_thing_counts_once_a_day(meter: Meter) -> None:
    meter.fake.post(CUSTOMER, "@ExampleBrand no picture")
    for _ in range(3):
        meter.x.poll(None)
        meter.x.identify("Sam_Asks")
    assert (meter.read[Read.OWN], meter.read[Read.USER]) == (1, 4)
    meter.fake.now += timedelta(days=1)
    meter.fake.post(CUSTOMER, "@ExampleBrand still none")
    meter.x.identify("Sam_Asks")
    assert meter.read[Read.USER] == 5


def test_reading_back_costs_as_the_brands_own_posts(meter: Meter) -> None:
    question = meter.fake.post(CUSTOMER, "@ExampleBrand no picture")
    outgoing = Outgoing("x", "key", "Hold the button ^Jane", NOW, in_reply_to=question)
    meter.x.publish(outgoing, 10)
    assert meter.x.find(outgoing) is not None
    assert meter.read == {Read.OWN: 1}


@pytest.mark.parametrize("names", [TWEETS, POSTS], ids=["tweets", "posts"])
def test_a_look_again_reads_no_accounts_and_no_parents(names: Names) -> None:
    meter = Meter(names)
    ids = [meter.fake.post(CUSTOMER, f"@ExampleBrand question {number}") for number in range(120)]
    del meter.fake.posts[ids[3]]
    every = [*ids, "repost-7"]
    looks = {
        look.external_id: look for look in meter.x.fetch(every, dict.fromkeys(every, KnownPost(CUSTOMER)))
    }
    assert [one for one in ids if looks[one].gone] == [ids[3]]
    assert {look.post for look in looks.values()} == {None}
    assert meter.read == {Read.AGAIN: 119}


def test_a_look_again_tells_of_edits_and_of_what_is_for_followers_now(meter: Meter) -> None:
    edited, hidden, same = (meter.fake.post(CUSTOMER, f"@ExampleBrand {word}") for word in "abc")
    meter.fake.edit(edited, "@ExampleBrand said better")
    tell = meter.fake.tell
    meter.fake.tell = lambda post, **more: tell(  # type: ignore[method-assign]
        post, **({"scopes": {"followers": True}} if post.id == hidden else more)
    )
    known = {one: KnownPost(CUSTOMER) for one in (edited, hidden, same)}
    looks = {look.external_id: look.post for look in meter.x.fetch(list(known), known)}
    assert looks[edited] is not None
    assert (looks[edited].external_id, looks[edited].text) == (edited, "@ExampleBrand said better")
    assert looks[hidden] is not None
    assert looks[hidden].visibility is Visibility.FOLLOWERS
    assert looks[same] is None
    version = looks[edited].refs["version"]
    read = meter.read[Read.POST]
    known[edited] = KnownPost(CUSTOMER, {"version": version})
    assert {look.external_id: look.post for look in meter.x.fetch([edited], known)} == {edited: None}
    assert meter.read[Read.POST] == read


def test_events_are_charged_but_deletions_and_a_mention_polled_later_are_not(meter: Meter) -> None:
    question = meter.fake.post(CUSTOMER, "@ExampleBrand no picture")
    other = meter.fake.post(STRANGER, "@ExampleBrand no sound")
    meter.x.parse(meter.fake.activity("post.mention.create", question))
    assert meter.kept.wait(10)
    meter.x.parse(meter.fake.activity("post.mention.create", question))
    meter.x.parse(meter.fake.activity("post.delete", other))
    del meter.fake.posts[other]
    meter.x.poll(None)
    assert (meter.read[Read.POST], meter.read[Read.OWN]) == (1, 0)


def test_what_was_counted_is_kept_at_the_end(meter: Meter) -> None:
    for number in range(3):
        post = meter.fake.post(CUSTOMER, f"@ExampleBrand question {number}")
        meter.x.parse(meter.fake.activity("post.mention.create", post))
    assert meter.kept.wait(10)
    meter.x.close()
    assert meter.read == {Read.POST: 3}


def test_reading_goes_on_when_nothing_can_be_kept_and_it_is_kept_later(meter: Meter) -> None:
    meter.is_down = True
    meter.fake.post(EMPLOYEE, "hold the button #chorus")
    assert len(meter.x.poll_answers([Author(EMPLOYEE)], None).posts) == 1
    assert not meter.read
    meter.is_down = False
    meter.x.poll_answers([Author(EMPLOYEE)], None)
    assert meter.read[Read.POST] == 1


def test_the_guide_tells_the_prices_that_are_counted_with() -> None:
    guide = (Path(__file__).parents[4] / "docs" / "platforms" / "x.md").read_text(encoding="utf-8")
    told = re.findall(r"\| \**\$(\d\.\d+)\** \|", guide.partition("| | price |")[2].partition("\n\n")[0])
    listed = (
        PRICES.reply,
        PRICES.post,
        PRICES.with_link,
        PRICES.read_own,
        PRICES.read_post,
        PRICES.read_user,
    )
    assert told == [str(price) for price in listed]
