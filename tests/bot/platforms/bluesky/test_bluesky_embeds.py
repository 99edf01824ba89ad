"""What stands beside the words of a Bluesky post: links, cards, quotes, pictures, labels."""

from typing import Any

import pytest

from bot.platforms.bluesky.content import post_from_record, post_from_view
from bot.platforms.bluesky.facets import facets_of
from bot.platforms.bluesky.length import BlueskyLength
from bot.posts import Author, Post

SAM = Author("did:plc:sam", "sam.example")
URI = "at://did:plc:sam/app.bsky.feed.post/3m3zk5rbsr22h"
OTHER = "at://did:plc:kim/app.bsky.feed.post/3m3zk5rbsr22i"
FULL = "https://help.example.com/tv/picture/reset?model=a1"


def post(text: str, **fields: Any) -> Post:
    return post_from_record(URI, "cid", {"text": text, "createdAt": "2026-06-01T12:00:00Z", **fields}, SAM)


def link(text: str, shown: str, uri: str) -> dict[str, Any]:
    start = len(text[: text.index(shown)].encode())
    index = {"byteStart": start, "byteEnd": start + len(shown.encode())}
    return {"index": index, "features": [{"$type": "app.bsky.richtext.facet#link", "uri": uri}]}


def test_s24_a_link_shown_cut_short_is_read_whole() -> None:
    text = "👩‍👩‍👧 Café: help.example.com/tv/pict... and then wait"
    read = post(text, facets=[link(text, "help.example.com/tv/pict...", FULL)])
    assert read.text == f"👩‍👩‍👧 Café: {FULL} and then wait"


def test_s24_a_link_behind_words_keeps_both() -> None:
    text = "See these steps or example.com"
    facets = [
        link(text, "example.com", "https://evil.example"),
        link(text, "these steps", FULL),
    ]
    assert post(text, facets=facets).text == f"See these steps ({FULL}) or example.com (https://evil.example)"


@pytest.mark.parametrize(
    "index",
    [
        {},
        {"byteStart": 5, "byteEnd": 900},
        {"byteStart": -3, "byteEnd": 2},
        {"byteStart": 4, "byteEnd": 7},
        {"byteStart": "0"},
    ],
)
def test_s24_a_link_without_a_place_in_the_text_is_not_lost(index: dict[str, Any]) -> None:
    facet = {"index": index, "features": [{"$type": "app.bsky.richtext.facet#link", "uri": FULL}]}
    assert post("Café 5", facets=[facet]).text == f"Café 5\n{FULL}"


def test_s24_of_two_links_in_one_place_neither_is_lost() -> None:
    text = "these steps"
    facets = [link(text, text, FULL), link(text, "steps", "https://evil.example")]
    assert post(text, facets=facets).text == f"these steps ({FULL})\nhttps://evil.example"


def test_s24_a_card_is_part_of_what_was_said() -> None:
    card = {
        "$type": "app.bsky.embed.external",
        "external": {"uri": FULL, "title": "Reset", "description": ""},
    }
    assert post("Look", embed=card).text == f"Look\n{FULL}"
    assert post(f"Look {FULL}", embed=card).text == f"Look {FULL}"
    both = {"$type": "app.bsky.embed.recordWithMedia", "record": {"record": {"uri": OTHER}}, "media": card}
    assert (
        post("Look", embed=both).text
        == f"Look\n{FULL}\nhttps://bsky.app/profile/did:plc:kim/post/3m3zk5rbsr22i"
    )


def test_s24_a_quoted_post_is_named_unless_the_reply_is_to_it() -> None:
    quote = {"$type": "app.bsky.embed.record", "record": {"uri": OTHER, "cid": "c"}}
    assert post("So?", embed=quote).text == "So?\nhttps://bsky.app/profile/did:plc:kim/post/3m3zk5rbsr22i"
    reply = {"parent": {"uri": OTHER, "cid": "c"}, "root": {"uri": OTHER, "cid": "c"}}
    assert post("So?", embed=quote, reply=reply).text == "So?"
    feed = {"record": {"uri": "at://did:plc:kim/app.bsky.feed.generator/tv", "cid": "c"}}
    assert post("So?", embed=feed).text == "So?\nat://did:plc:kim/app.bsky.feed.generator/tv"


def test_pictures_and_films_come_with_their_descriptions() -> None:
    images = {
        "$type": "app.bsky.embed.images",
        "images": [{"alt": "A red light", "image": {}}, {"alt": ""}, {}],
    }
    assert post("Look", embed=images).pictures == ("A red light", "", "")
    film = {"$type": "app.bsky.embed.video", "video": {"ref": "x"}, "alt": "It flickers"}
    assert post("Look", embed=film).pictures == ("It flickers",)
    both = {"$type": "app.bsky.embed.recordWithMedia", "record": {"record": {"uri": OTHER}}, "media": images}
    assert post("Look", embed=both).pictures == ("A red light", "", "")
    assert post("Look").pictures == ()


def test_what_an_author_labels_is_a_warning_in_front_of_the_words() -> None:
    labels = {
        "$type": "com.atproto.label.defs#selfLabels",
        "values": [{"val": "graphic-media"}, {"val": "own"}, {}],
    }
    read = post("My hand after the repair", labels=labels)
    assert (read.warning, read.text) == ("Graphic media", "Graphic media\n\nMy hand after the repair")
    assert post("no label", labels={"values": 7}).warning == ""


@pytest.mark.parametrize("label", [{"val": "!no-unauthenticated"}, {"val": "!hide"}])
def test_a_post_that_is_not_to_be_shown_to_the_public_is_not_indexable(label: dict[str, str]) -> None:
    view = {
        "uri": URI,
        "cid": "cid",
        "author": {"did": SAM.id, "handle": SAM.handle},
        "record": {"text": "no picture", "createdAt": "2026-06-01T12:00:00Z"},
        "labels": [label],
    }
    assert not post_from_view(view).author.indexable
    assert post_from_view({**view, "labels": [{**label, "neg": True}]}).author.indexable


@pytest.mark.parametrize(
    "fields",
    [
        {"facets": {"index": 1}, "embed": [], "labels": "x"},
        {
            "facets": [
                {"features": "x"},
                {"index": [], "features": [{"$type": "app.bsky.richtext.facet#link"}]},
            ]
        },
        {"embed": {"external": "x", "images": {"alt": "y"}, "media": 5, "record": {"record": 5}}},
        {
            "embed": {"images": [None, 5]},
            "labels": {"values": [None, {"val": []}]},
            "langs": [None, {"a": 1}],
        },
        {"reply": {"parent": [], "root": {"uri": 5, "cid": None}}},
    ],
)
def test_r22_strange_things_beside_the_words_cost_themselves_alone(fields: dict[str, Any]) -> None:
    read = post("no picture", **fields)
    assert read.text == "no picture"
    assert (read.in_reply_to, read.thread, read.language) == (None, URI, None)


@pytest.mark.parametrize(
    "made",
    [
        "9999-12-31T23:59:59.999-23:59",
        "0001-01-01T00:00:00.000+14:00",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
    ],
)
def test_r22_a_time_nobody_can_reckon_with_gives_way_to_the_one_in_the_key(made: str) -> None:
    read = post("no picture", createdAt=made)
    assert read.posted_at is not None
    assert read.posted_at.year == 2025


def test_an_address_longer_than_a_post_is_shown_cut_short_and_linked_whole() -> None:
    address = "https://help.example.com/" + "a" * 400
    text = f"👩‍👩‍👧 See {address}, please. ^Jane"
    assert BlueskyLength().fits(text)
    shown, cut = BlueskyLength().shown(text)
    [facet] = facets_of(shown, {}, cut)
    assert facet["features"][0]["uri"] == address
    stretch = shown.encode()[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode()
    assert stretch == f"{address[:60]}…"
    assert shown == f"👩‍👩‍👧 See {stretch}, please. ^Jane"
