"""Every adapter tells a post's language in today's codes, whatever its platform calls it."""

import json
from collections.abc import Callable

import pytest

from bot.platforms.bluesky.content import post_from_record
from bot.platforms.generic.schema import GenericPost, normalised
from bot.platforms.mastodon.content import Server, post_from
from bot.platforms.x.account import XAccount
from bot.platforms.x.adapter import X
from bot.posts import Author, Post
from tests.bot.platforms.memory_tokens import MemoryTokens
from tests.bot.platforms.x.fake_x import NOW


def from_bluesky(code: str) -> Post:
    return post_from_record("at://did:plc:a/app.bsky.feed.post/3l", "cid", {"langs": [code]}, Author("a"))


def from_generic(code: str) -> Post:
    given = {"id": "1", "author": {"id": "200"}, "text": "layar mati", "language": code}
    return normalised(GenericPost.model_validate_json(json.dumps(given)))


def from_mastodon(code: str) -> Post:
    account = {"id": "1", "acct": "sam", "username": "sam"}
    status = {"id": "1", "account": account, "content": "<p>layar mati</p>", "language": code}
    return post_from(status, Server("mastodon.example", "mastodon.example"))


def from_x(code: str) -> Post:
    payload = {"id": "1", "author_id": "200", "text": "layar mati", "lang": code}
    body = {"data": {"event_type": "post.mention.create", "payload": payload}}
    (post,) = X(XAccount(), MemoryTokens(), lambda: NOW).parse(json.dumps(body).encode())
    return post


@pytest.mark.parametrize("read", [from_bluesky, from_generic, from_mastodon, from_x])
def test_a_former_code_is_told_in_todays(read: Callable[[str], Post]) -> None:
    assert [read(code).language for code in ("in", "iw", "en")] == ["id", "he", "en"]
    assert read("und").language is None
