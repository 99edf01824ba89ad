"""X's two vocabularies: both are read, and the one that works is asked for."""

import json
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from bot.platforms.x.account import XAccount
from bot.platforms.x.adapter import X
from bot.posts import Author, Outgoing, Post, PostEvent, Rejected, Visibility
from tests.bot.platforms.memory_tokens import MemoryTokens
from tests.bot.platforms.x.fake_x import BRAND, CUSTOMER, EMPLOYEE, NOW, FakeX
from tests.bot.platforms.x.x_names import POSTS, TWEETS, Names

FIXTURES = Path(__file__).parents[3] / "fixtures" / "x"


def adapter(transport: httpx.BaseTransport) -> X:
    account = XAccount(user_id=BRAND, handle="ExampleBrand")
    return X(account, MemoryTokens(access_token="access-1"), lambda: NOW, transport=transport)


def page(name: str) -> tuple[Post, ...]:
    body = (FIXTURES / name).read_bytes()
    x = adapter(httpx.MockTransport(lambda _: httpx.Response(200, content=body)))
    return x.poll(None).posts


@pytest.mark.parametrize("name", ["page_tweets.json", "page_posts.json"])
def test_a_page_is_read_whole_in_either_vocabulary(name: str) -> None:
    shown, edited, long = page(name)
    assert shown.text == (
        "@ExampleBrand the menu is <empty> & see https://help.example.com/tv?lang=en&region=us"
    )
    assert shown.pictures == ("The menu without entries", "")
    assert shown.language == "id"
    assert (edited.external_id, edited.event) == ("2090000000000000202", PostEvent.EDITED)
    assert edited.refs == {"version": "2090000000000000203"}
    assert edited.edited_at == datetime(2026, 11, 22, 11, 59, tzinfo=UTC)
    assert edited.in_reply_to == "2090000000000000199"
    assert edited.choices == ("The black one", "The grey one")
    assert edited.text == "@ExampleBrand which remote is it?\n\n• The black one\n• The grey one"
    assert edited.language == "he"
    assert long.text == "@ExampleBrand the whole of a long post: https://example.com/long"
    assert (long.language, long.visibility) == (None, Visibility.FOLLOWERS)


def test_both_vocabularies_say_the_same() -> None:
    assert page("page_tweets.json") == page("page_posts.json")


@pytest.mark.parametrize("names", [TWEETS, POSTS], ids=["tweets", "posts"])
def test_x_is_asked_in_the_vocabulary_that_it_understands(names: Names) -> None:
    fake = FakeX(names=names)
    x = adapter(fake.transport())
    question = fake.post(CUSTOMER, "@ExampleBrand no picture")
    fake.posts[question].pictures = ["A dark screen"]
    (post,) = x.poll(None).posts
    assert (post.text, post.pictures) == ("@ExampleBrand no picture", ("A dark screen",))
    fake.post(EMPLOYEE, "hold the button #chorus", question)
    (answer,) = x.poll_answers([Author(EMPLOYEE)], None).posts
    assert answer.in_reply_to == question
    outgoing = Outgoing("x", "key", "Hold the button ^Jane", NOW, in_reply_to=question)
    published = x.publish(outgoing, 10)
    assert x.find(outgoing) == published
    fake.edit(question, "@ExampleBrand no picture, no sound")
    (look,) = x.fetch([question])
    assert look.post is not None
    assert (look.post.external_id, look.post.text) == (question, "@ExampleBrand no picture, no sound")


def test_the_vocabulary_that_works_is_kept() -> None:
    fake = FakeX(names=POSTS)
    x = adapter(fake.transport())
    x.poll(None)
    first = len(fake.requests)
    x.poll(None)
    assert (first, len(fake.requests)) == (2, 3)
    fake.names = TWEETS
    fake.post(CUSTOMER, "@ExampleBrand no picture")
    assert len(x.poll(None).posts) == 1


def test_a_request_that_is_wrong_in_itself_is_told_in_xs_own_words() -> None:
    fake = FakeX(query_length=10)
    with pytest.raises(Rejected, match="The query is too long"):
        adapter(fake.transport()).poll_answers([Author(EMPLOYEE)], None)


def test_names_that_x_passes_over_never_cost_a_mention() -> None:
    """An answer of success without authors is asked for again by other names, else set aside to be seen."""
    fake = FakeX()
    fake.post(CUSTOMER, "@ExampleBrand no picture")

    def bare(request: httpx.Request) -> httpx.Response:
        data = [{"id": post.id, "text": post.text} for post in fake.posts.values()]
        return httpx.Response(200, json={"data": data, "meta": {}})

    def bare_for_tweets(request: httpx.Request) -> httpx.Response:
        if "tweet.fields" in request.url.params:
            return bare(request)
        fake.names = POSTS
        return httpx.Response(200, content=fake.transport().handle_request(request).read())

    assert len(adapter(httpx.MockTransport(bare_for_tweets)).poll(None).posts) == 1
    (post,) = adapter(httpx.MockTransport(bare)).poll(None).posts
    assert (post.text, "author_id" in post.problem) == ("@ExampleBrand no picture", True)


def test_an_event_is_read_in_either_vocabulary() -> None:
    event = json.loads((FIXTURES / "mention.json").read_text())
    told = json.dumps(event)
    for former, name in (
        ("edit_history_tweet_ids", "edit_history_post_ids"),
        ("referenced_tweets", "referenced_posts"),
        ('"tweets"', '"posts"'),
    ):
        told = told.replace(former, name)
    x = adapter(FakeX().transport())
    assert x.parse(told.encode()) == x.parse(json.dumps(event).encode())
