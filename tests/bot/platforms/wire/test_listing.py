import logging

import pytest

from bot.platforms.wire.listing import readable
from bot.posts import Author, Post, Retry

Item = dict[str, str]
ITEMS: list[Item] = [{"id": "1", "text": "a secret"}, {"id": "2"}, {"id": "3", "text": "c"}]


def _id(item: Item) -> str:
    return item["id"]


def test_r22_an_item_that_cannot_be_read_costs_itself_alone(caplog: pytest.LogCaptureFixture) -> None:
    def read(item: Item) -> Post:
        return Post("mastodon", item["id"], Author("sam"), item["text"])

    with caplog.at_level(logging.WARNING):
        found = list(readable("mastodon", ITEMS, read, _id))
    assert [(post.external_id, post.text, post.problem) for post in found] == [
        ("1", "a secret", ""),
        ("2", "", "KeyError: 'text'"),
        ("3", "c", ""),
    ]
    assert "Post '2' of mastodon cannot be read" in caplog.text
    assert "secret" not in caplog.text


def test_what_the_platform_refuses_ends_the_reading() -> None:
    def refused(item: Item) -> Post:
        raise Retry("later")

    with pytest.raises(Retry):
        list(readable("mastodon", ITEMS, refused, _id))


def test_what_is_nothing_is_left_out() -> None:
    assert list(readable("mastodon", ITEMS, lambda item: None, _id)) == []
