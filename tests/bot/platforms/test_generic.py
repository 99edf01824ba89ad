"""The generic feed's adapter against a bridge, apart from what the contract test asks of every adapter."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.platforms.generic.adapter import Generic, GenericAccount
from bot.platforms.generic.schema import MOST_FOLLOWERS, GenericBatch, schema
from bot.platforms.wire.signing import Signer
from bot.posts import (
    Ambiguous,
    Forged,
    Malformed,
    Outgoing,
    PostEvent,
    Published,
    Reconnect,
    Rejected,
    Retry,
    Visibility,
)
from bot.store.fitting import fit

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
OLD, NEW = "whsec_" + "b2xk" * 8, "whsec_" + "bmV3" * 8
URL = "https://bridge.internal.example/hook"
POST: dict[str, Any] = {
    "id": "p1",
    "author": {"id": "u1", "handle": "@sam", "name": "Sam"},
    "text": "@brand no picture",
    "posted_at": "2026-11-22T11:59:00+00:00",
    "mentions": [{"handle": "@brand", "id": "b"}],
    "tags": ["#tv"],
    "visibility": "public",
    "url": "https://feed.example/p1",
}


def generic(answer: Any = None, url: str | None = URL) -> Generic:
    account = GenericAccount(secrets=(NEW, OLD), handle="brand", account_id="b", publish_url=url)
    return Generic(account, lambda: NOW, httpx.MockTransport(answer) if answer else None)


def body(*posts: Any) -> bytes:
    return json.dumps({"posts": posts}).encode()


def outgoing(**changes: Any) -> Outgoing:
    return Outgoing("generic", "key-1", "Try the other cable.", NOW, in_reply_to="p1", **changes)


def test_posts_come_in_signed_with_either_secret() -> None:
    raw = body(POST)
    for secret in (OLD, NEW):
        generic().verify(raw, Signer([secret]).sign(raw, "m1", NOW))
    (post,) = generic().parse(raw)
    assert (post.platform, post.external_id, post.author.id, post.author.handle) == (
        "generic",
        "p1",
        "u1",
        "sam",
    )
    assert (post.mentions[0].handle, post.tags, post.visibility) == ("brand", ("tv",), Visibility.PUBLIC)


def test_s01_an_unsigned_post_is_forged() -> None:
    with pytest.raises(Forged):
        generic().verify(body(POST), {})


def test_s11_a_post_is_private_unless_the_bridge_says_otherwise() -> None:
    (post,) = generic().parse(body({name: value for name, value in POST.items() if name != "visibility"}))
    assert not post.visibility.is_public


def test_a_deletion_keeps_nothing_but_the_id() -> None:
    (post,) = generic().parse(body({**POST, "event": "deleted"}))
    assert (post.event, post.text, post.url) == (PostEvent.DELETED, "", None)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"id": ""}, "posts.0.id"),
        ({"id": 7}, "posts.0.id"),
        ({"text": "a\0b"}, "posts.0.text"),
        ({"text": "x" * 20_001}, "posts.0.text"),
        ({"posted_at": "2026-11-22T12:00:00"}, "posts.0.posted_at"),
        ({"visibility": "everyone"}, "posts.0.visibility"),
        ({"url": "javascript:alert(1)"}, "posts.0.url"),
        ({"author": {"handle": "sam"}}, "posts.0.author.id"),
        ({"surprise": 1}, "posts.0.surprise"),
        ({"author": {"id": "u1", "followers": 10**20}}, "posts.0.author.followers"),
        ({"language": "x" * 20}, "posts.0.language"),
        ({"language": "e\0n"}, "posts.0.language"),
        ({"posted_at": "9999-12-31T23:59:59-12:00"}, "posts.0.posted_at"),
        ({"posted_at": "0001-01-01T00:00:00+14:00"}, "posts.0.posted_at"),
        ({"event": "edited", "edited_at": "9999-12-31T23:59:59Z"}, "posts.0.edited_at"),
        ({"in_reply_to": "x" * 513}, "posts.0.in_reply_to"),
    ],
)
def test_r11_a_mistake_is_named_by_its_place_and_nothing_is_taken(change: dict[str, Any], place: str) -> None:
    with pytest.raises(Malformed) as wrong:
        generic().parse(body(POST, {**POST, "id": "p2"}, {**POST, **change}))
    assert place.replace("posts.0", "posts.2") in str(wrong.value)


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b'{"posts": []}', b"[" * 100_000, b'{"posts": NaN}', b'{"posts": [{"id": "\xff"}]}']
)
def test_r11_a_body_of_another_shape_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        generic().parse(raw)


def test_a_publication_is_signed_and_repeated_under_the_same_id() -> None:
    seen: list[httpx.Request] = []

    def bridge(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if len(seen) == 1:
            raise httpx.ReadTimeout("slow", request=request)
        return httpx.Response(201, json={"id": "g1", "url": "https://feed.example/g1"})

    adapter = generic(bridge)
    with pytest.raises(Ambiguous):
        adapter.publish(outgoing(), 5)
    assert adapter.publish(outgoing(), 5) == Published("g1", "https://feed.example/g1")
    assert [request.headers["webhook-id"] for request in seen] == ["key-1", "key-1"]
    assert seen[0].content == seen[1].content
    for request in seen:
        Signer([OLD]).verify(request.content, dict(request.headers), NOW)
    sent = json.loads(seen[0].content)
    assert sent["type"] == "publication.create"
    assert sent["data"]["in_reply_to"] == "p1"


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (httpx.Response(429, headers={"retry-after": "60"}), Retry),
        (httpx.Response(401), Reconnect),
        (httpx.Response(403, json={"detail": "no"}), Rejected),
        (httpx.Response(404), Rejected),
        (httpx.Response(502), Ambiguous),
        (httpx.Response(200, content=b"<html>"), Ambiguous),
        (httpx.Response(200, json={"id": 7}), Ambiguous),
        (httpx.Response(302, headers={"location": "https://elsewhere.example"}), Rejected),
    ],
)
def test_r02_what_the_bridge_answers_is_sorted(response: httpx.Response, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        generic(lambda request: response).publish(outgoing(), 5)


def test_reading_back_tells_there_from_not_there() -> None:
    there = generic(lambda request: httpx.Response(200, json={"id": "g1", "url": "javascript:x"}))
    assert there.find(outgoing()) == Published("g1", None)
    assert generic(lambda request: httpx.Response(404)).find(outgoing()) is None
    with pytest.raises(Retry):
        generic(lambda request: httpx.Response(500)).find(outgoing())


def test_without_an_address_a_person_has_to_answer() -> None:
    with pytest.raises(Rejected) as refused:
        generic(url=None).publish(outgoing(), 5)
    assert refused.value.code == "not_permitted"
    assert generic(url=None).fetch(["p1"]) == []


def test_edits_and_deletions_go_to_the_bridge() -> None:
    adapter = generic(lambda request: httpx.Response(200, json={"id": "g1"}))
    assert adapter.edit(Published("g1"), outgoing(), 5).external_id == "g1"
    adapter.delete(Published("g1"))
    generic(lambda request: httpx.Response(410)).delete(Published("g1"))
    with pytest.raises(Rejected) as refused:
        generic(lambda request: httpx.Response(501)).edit(Published("g1"), outgoing(), 5)
    assert refused.value.code == "unsupported"


def test_r02_the_same_deed_again_has_the_same_id_and_another_one_another() -> None:
    seen: list[str] = []

    def bridge(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["webhook-id"])
        return httpx.Response(200, json={"id": "g1"})

    adapter, other = generic(bridge), replace(outgoing(), text="Try another one.")
    for _ in range(2):
        adapter.delete(Published("g1"))
        adapter.edit(Published("g1"), outgoing(), 5)
    adapter.delete(Published("g2"))
    adapter.edit(Published("g1"), other, 5)
    assert seen[:2] == seen[2:4]
    assert len(set(seen)) == 4


def test_a_look_up_says_nothing_of_posts_that_nobody_asked_about() -> None:
    told = [{"id": "p1", "gone": False}, {"id": "p2", "gone": True}]
    found = generic(lambda _: httpx.Response(200, json={"posts": told})).fetch(["p1"])
    assert [one.external_id for one in found] == ["p1"]


def test_r11_more_than_a_hundred_posts_at_once_are_refused_and_none_is_taken() -> None:
    posts = [{**POST, "id": f"p{number}"} for number in range(101)]
    assert len(generic().parse(body(*posts[:100]))) == 100
    with pytest.raises(Malformed, match="posts"):
        generic().parse(body(*posts))


def test_look_ups_go_in_batches_and_say_nothing_where_the_bridge_has_none() -> None:
    asked: list[int] = []

    def bridge(request: httpx.Request) -> httpx.Response:
        ids = json.loads(request.content)["data"]["ids"]
        asked.append(len(ids))
        posts: list[dict[str, Any]] = [{"id": one, "gone": one == "7"} for one in ids if one != "8"]
        return httpx.Response(200, json={"posts": posts})

    found = {one.external_id: one.gone for one in generic(bridge).fetch([str(n) for n in range(150)])}
    assert asked == [100, 50]
    assert (found["7"], found["9"], "8" in found) == (True, False, False)
    assert generic(lambda request: httpx.Response(501)).fetch(["1"]) == []
    with pytest.raises(Retry):
        generic(lambda request: httpx.Response(200, json=[])).fetch(["1"])


def test_the_documented_schema_is_that_of_the_code() -> None:
    assert schema() == GenericBatch.model_json_schema()
    assert set(schema()["$defs"]["GenericPost"]["required"]) == {"id", "author"}


def test_an_account_is_linked_by_its_id() -> None:
    assert generic().identify(" u1 ").id == "u1"
    with pytest.raises(Rejected):
        generic().identify(" ")


def test_the_examples_in_the_guide_are_true() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "platforms" / "generic.md").read_text()
    incoming, publication = [
        json.loads(block) for block in re.findall(r"```json\n(.*?)```", guide, re.DOTALL)
    ]
    (post,) = generic().parse(json.dumps(incoming).encode())
    assert post.visibility is Visibility.PUBLIC
    sent: list[Any] = []

    def bridge(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content))
        return httpx.Response(201, json={"id": "g1"})

    generic(bridge).publish(outgoing(), 5)
    assert sent[0]["type"] == publication["type"]
    assert sent[0]["data"].keys() == publication["data"].keys()
    for kind in ("publication.find", "publication.edit", "publication.delete", "posts.lookup"):
        assert f"`{kind}`" in guide


def test_r22_what_can_never_be_stored_is_not_asked_for_again() -> None:
    with pytest.raises(Malformed, match="the same again will be refused again"):
        generic().parse(body({**POST, "posted_at": "9999-12-31T23:59:59-12:00"}))


def test_r22_whatever_is_let_in_fits_where_it_is_stored() -> None:
    longest: dict[str, Any] = {
        "id": "😀" * 512,
        "author": {"id": "😀" * 512, "handle": "h" * 512, "name": "n" * 512, "followers": MOST_FOLLOWERS},
        "text": "x" * 20_000,
        "posted_at": "0002-01-01T00:00:00Z",
        "edited_at": "9998-12-31T00:00:00Z",
        "in_reply_to": "😀" * 512,
        "language": "abcdefgh-abcdefgh-abcdefgh-abcdefgh",
    }
    (post,) = generic().parse(body(longest))
    fitted = fit(post)
    assert (fitted.lost, fitted.unusable) == ((), "")
    assert fitted.post.external_id == post.external_id


@pytest.mark.parametrize(
    "odd",
    [
        {"id": "p2", "gone": False, "post": {**POST, "id": "p2", "posted_at": "0001-01-01T00:00:00+14:00"}},
        {"id": "p2", "gone": False, "post": {"id": "p2"}},
        {"id": "p2"},
        {"gone": True},
        "p2",
    ],
)
def test_r22_a_post_that_cannot_be_read_does_not_hide_the_others_of_a_lookup(odd: Any) -> None:
    told = [{"id": "p1", "gone": False, "post": POST}, odd, {"id": "p3", "gone": True}]
    found = generic(lambda _: httpx.Response(200, json={"posts": told})).fetch(["p1", "p2", "p3"])
    known = {look.external_id: look for look in found}
    assert (known["p1"].post is not None, known["p3"].gone) == (True, True)
    unread = known["p2"].post if "p2" in known else None
    assert unread is None or "cannot be read" in unread.problem


@pytest.mark.parametrize("post_id", ["", "x" * 513, "a\0b", 7])
def test_a_publication_under_an_id_that_nobody_could_look_up_is_not_taken_for_sent(post_id: object) -> None:
    bridge = generic(lambda _: httpx.Response(201, json={"id": post_id}))
    with pytest.raises(Ambiguous):
        bridge.publish(outgoing(), 10.0)


def test_s24_what_stands_beside_the_words_comes_in_and_goes_out() -> None:
    (post,) = generic().parse(
        body(
            {
                **POST,
                "text": "@brand which one?",
                "warning": " TV trouble ",
                "choices": ["A1", "B2"],
                "pictures": ["the wall mount", ""],
            }
        )
    )
    assert post.text == "TV trouble\n\n@brand which one?\n\n• A1\n• B2"
    assert (post.warning, post.choices, post.pictures) == (
        "TV trouble",
        ("A1", "B2"),
        ("the wall mount", ""),
    )
    told: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        told.append(json.loads(request.content)["data"])
        return httpx.Response(201, json={"id": "p2"})

    quiet = outgoing(warning="TV trouble", visibility=Visibility.UNLISTED)
    generic(answer).publish(quiet, 5.0)
    generic(answer).publish(outgoing(), 5.0)
    assert [(one["warning"], one["visibility"]) for one in told] == [
        ("TV trouble", "unlisted"),
        (None, "public"),
    ]
