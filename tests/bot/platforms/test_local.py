"""The built-in feed's adapter, apart from what the contract test asks of every adapter."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.platforms.local.adapter import FeedPost, Local
from bot.posts import Forged, Malformed, Outgoing, PostEvent, Rejected, Retry, Visibility
from tests.bot.platforms.memory_feed import NOW, MemoryFeed

SECRET = b"a secret of the local feed"


def local(feed: MemoryFeed | None = None, now: datetime = NOW) -> Local:
    return Local(feed or MemoryFeed(), "Brand", [SECRET], "http://127.0.0.1:8000/", lambda: now)


def outgoing(text: str = "Try the other cable.", **changes: object) -> Outgoing:
    return Outgoing("local", "key-1", text, NOW, **changes)  # type: ignore[arg-type]


def test_a_webhook_of_the_feed_is_verified_and_read() -> None:
    feed = MemoryFeed()
    post = feed.append("Sam", "@Brand no picture since the #update, mail me at a@b.example")
    body, headers = local().webhook(PostEvent.CREATED, post)
    local().verify(body, headers)
    (read,) = local().parse(body)
    assert (read.external_id, read.author.id, read.author.handle) == ("1", "sam", "Sam")
    assert [mention.id for mention in read.mentions] == ["brand"]
    assert read.tags == ("update",)
    assert read.visibility is Visibility.PUBLIC
    assert read.url == "http://127.0.0.1:8000/local#post-1"


def test_s01_a_webhook_older_than_five_minutes_or_changed_is_forged() -> None:
    body, headers = local().webhook(PostEvent.CREATED, FeedPost("1", "sam", "hello", NOW))
    with pytest.raises(Forged):
        local(now=NOW + timedelta(minutes=5, seconds=1)).verify(body, headers)
    with pytest.raises(Forged):
        local().verify(body.replace(b"hello", b"hallo"), headers)


def test_a_deletion_carries_the_id_alone() -> None:
    body, _ = local().webhook(PostEvent.DELETED, FeedPost("7", "sam", "personal", NOW))
    (read,) = local().parse(body)
    assert (read.external_id, read.event, read.text) == ("7", PostEvent.DELETED, "")


GOOD = {
    "type": "post.created",
    "post": {"id": "1", "author": "sam", "text": "hi", "posted_at": "2026-11-22T12:00:00Z"},
}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"[" * 100_000,
        b'{"type": NaN}',
        json.dumps({**GOOD, "type": "post.liked"}).encode(),
        json.dumps({**GOOD, "surprise": 1}).encode(),
        json.dumps({**GOOD, "post": {**GOOD["post"], "text": "a\0b"}}).encode(),  # type: ignore[dict-item]
        json.dumps({**GOOD, "post": {**GOOD["post"], "text": "\ud800"}}).encode(),  # type: ignore[dict-item]
        json.dumps({**GOOD, "post": {**GOOD["post"], "posted_at": "2026-11-22T12:00:00"}}).encode(),  # type: ignore[dict-item]
        json.dumps({**GOOD, "post": {**GOOD["post"], "id": 1}}).encode(),  # type: ignore[dict-item]
    ],
    ids=["empty", "list", "deep", "nan", "type", "field", "nul", "surrogate", "no zone", "id"],
)
def test_r11_a_body_of_another_shape_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed, match="local feed"):
        local().parse(body)


def test_polling_goes_on_from_the_cursor_and_leaves_out_the_brand() -> None:
    feed = MemoryFeed()
    feed.append("sam", "@brand help")
    feed.append("BRAND", "here you are")
    page = local(feed).poll(None)
    assert [post.external_id for post in page.posts] == ["1"]
    assert page.cursor == "2"
    assert local(feed).poll(page.cursor).posts == ()
    feed.append("jane", "more")
    assert [post.external_id for post in local(feed).poll(page.cursor).posts] == ["3"]


def test_a_full_page_says_that_there_is_more() -> None:
    feed = MemoryFeed()
    for number in range(101):
        feed.append("sam", f"post {number}")
    assert local(feed).poll(None).more
    assert not local(feed).poll("100").more


def test_a_reply_to_a_post_that_is_gone_is_rejected() -> None:
    with pytest.raises(Rejected) as refused:
        local().publish(outgoing(in_reply_to="99"), timeout=1)
    assert refused.value.code == "gone"


def test_too_long_a_text_and_no_time_left_are_told_apart() -> None:
    with pytest.raises(Rejected):
        local().publish(outgoing("x" * 501), timeout=1)
    with pytest.raises(Retry):
        local().publish(outgoing(), timeout=0)


def test_a_look_up_carries_edits() -> None:
    feed = MemoryFeed()
    feed.append("sam", "one")
    feed.edit("1", "two")
    (there, gone) = local(feed).fetch(["1", "2"])
    assert there.post is not None
    assert (there.post.text, there.post.event, gone.gone) == ("two", PostEvent.EDITED, True)


@pytest.mark.parametrize("handle", ["", "@", "two words", "a" * 64, "-x"])
def test_what_is_no_name_identifies_nobody(handle: str) -> None:
    with pytest.raises(Rejected):
        local().identify(handle)


def test_an_identity_is_a_name_in_any_case() -> None:
    assert local().identify("@Jane").id == local().identify("jane").id == "jane"
    assert local(now=datetime(2026, 1, 1, tzinfo=UTC)).brand().id == "brand"


@pytest.mark.parametrize("visibility", [Visibility.FOLLOWERS, Visibility.PRIVATE])
def test_s23_what_is_not_to_be_public_is_not_put_on_a_feed_that_anybody_reads(visibility: Visibility) -> None:
    feed = MemoryFeed()
    with pytest.raises(Rejected, match="public"):
        local(feed).publish(outgoing(visibility=visibility), 5.0)
    assert not feed.read(None, 10)
